"""Ranks against a full float64 matrix and a Python loop."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.metrics.ranks import (
    TIE,
    Correct,
    correct_captions,
    correct_tracks,
    one_each,
    ranks,
    ranks_both_ways,
    ranks_of_systems,
)
from antiphon.metrics.tiling import ahead


def slow_ranks(queries, items, correct):
    """The definition, word for word."""
    q, x = queries.astype(np.float64), items.astype(np.float64)
    lengths = np.linalg.norm(x, axis=1)
    longest = lengths[np.isfinite(lengths)].max(initial=0.0)
    found = []
    for i in range(len(q)):
        own = set(correct.indices[correct.indptr[i] : correct.indptr[i + 1]].tolist())
        scores = [float(q[i] @ v) if np.isfinite(v).all() and np.isfinite(q[i]).all() else -np.inf for v in x]
        best = max(scores[j] for j in own)
        tie = 0.0 if np.isneginf(best) else TIE * np.linalg.norm(q[i]) * longest
        found.append(1 + sum(scores[j] >= best - tie for j in range(len(x)) if j not in own))
    return np.array(found)


def unit(rng, n, d):
    vectors = rng.standard_normal((n, d)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def rows(lists):
    return Correct(np.cumsum([0, *(len(r) for r in lists)]), np.array([j for r in lists for j in r], dtype=np.int64))


@st.composite
def cases(draw):
    """Vectors on a coarse grid (many exact ties), several captions a track, texts shared between tracks."""
    n, m, d = draw(st.integers(1, 9)), draw(st.integers(0, 14)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    grid = draw(st.sampled_from([1, 2, 1000]))
    track = np.concatenate([np.arange(n), rng.integers(0, n, m)])
    text = rng.integers(0, max(1, len(track) // 2), len(track))
    words = rng.integers(-grid, grid + 1, (len(track), d)).astype(np.float32) / 7
    audio = rng.integers(-grid, grid + 1, (n, d)).astype(np.float32) / 3
    for matrix in (words, audio):
        matrix[rng.random(len(matrix)) < draw(st.sampled_from([0.0, 0.2]))] = np.nan
    return words, audio, track, text, draw(st.sampled_from([1, 2, 3, 5, 1024]))


@settings(max_examples=150, deadline=None)
@given(cases())
def test_ranks_equal_the_full_matrix_in_both_directions(case):
    words, audio, track, text, block = case
    tracks, captions = correct_tracks(track, text, len(audio)), correct_captions(track, text, len(audio))
    t2a, a2t = ranks_both_ways(words, audio, tracks, captions, block=block)
    np.testing.assert_array_equal(t2a, slow_ranks(words, audio, tracks))
    np.testing.assert_array_equal(a2t, slow_ranks(audio, words, captions))
    np.testing.assert_array_equal(t2a, ranks(words, audio, tracks, block=block))


@st.composite
def systems(draw):
    """Up to four ranges of columns side by side, and up to three systems of some of them each."""
    ends = np.cumsum([draw(st.integers(1, 3)) for _ in range(draw(st.integers(1, 4)))]).tolist()
    parts = [range(low, high) for low, high in zip([0, *ends], ends, strict=False)]
    some = st.lists(st.sampled_from(parts), min_size=1, unique=True)
    return ends[-1], {str(k): tuple(columns) for k, columns in enumerate(draw(st.lists(some, min_size=1, max_size=3)))}


@settings(max_examples=150, deadline=None)
@given(cases(), systems(), st.sampled_from([1, 3, 7]))
def test_systems_that_share_columns_are_ranked_as_each_of_them_alone(case, drawn, grid):
    words, audio, track, text, block = case
    width, named = drawn
    rng = np.random.default_rng(width)
    words = np.concatenate([words, rng.integers(-grid, grid + 1, (len(words), width)) / 7], axis=1)[:, -width:]
    audio = np.concatenate([audio, rng.integers(-grid, grid + 1, (len(audio), width)) / 3], axis=1)[:, -width:]
    words[rng.random(words.shape) < 0.05] = np.nan  # harms the systems that look at this column, and no other
    words, audio = words.astype(np.float32), audio.astype(np.float32)
    tracks, captions = correct_tracks(track, text, len(audio)), correct_captions(track, text, len(audio))
    found = ranks_of_systems(words, audio, tracks, captions, named, block=block)
    assert list(found) == list(named)
    for name, columns in named.items():
        own = np.concatenate([np.array(part) for part in columns])
        np.testing.assert_array_equal(found[name][0], slow_ranks(words[:, own], audio[:, own], tracks))
        np.testing.assert_array_equal(found[name][1], slow_ranks(audio[:, own], words[:, own], captions))


def test_systems_of_crowded_scores_are_ranked_exactly_too():
    """Within a cone of 1e-4 hundreds of items lie inside the rounding of a float32 product, and of a sum of two."""
    rng = np.random.default_rng(8)
    centre = unit(rng, 1, 300)
    words, audio = centre + 1e-3 * unit(rng, 150, 300), centre + 1e-3 * unit(rng, 500, 300)
    correct, back = one_each(rng.integers(0, 500, 150)), one_each(rng.integers(0, 150, 500))
    named = {"first": (range(200),), "both": (range(200), range(200, 300))}
    found = ranks_of_systems(words, audio, correct, back, named, block=64)
    for name, width in (("first", 200), ("both", 300)):
        np.testing.assert_array_equal(found[name][0], slow_ranks(words[:, :width], audio[:, :width], correct))
        np.testing.assert_array_equal(found[name][1], slow_ranks(audio[:, :width], words[:, :width], back))


def test_who_watches_a_system_sees_all_its_scores_and_no_other_s():
    rng = np.random.default_rng(9)
    words, audio = unit(rng, 30, 8), unit(rng, 20, 8)
    words[3, 1] = np.nan
    seen = np.full((30, 20), -9.0)

    def watch(rows, columns, scores):
        assert (seen[rows, columns] == -9).all()
        seen[rows, columns] = scores

    named = {"part": (range(4),), "whole": (range(4), range(4, 8))}
    ranks_of_systems(
        words, audio, one_each(np.arange(30) % 20), one_each(np.arange(20)), named, watch={"whole": watch}, block=7
    )
    np.testing.assert_allclose(seen, words @ audio.T, atol=1e-6)


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_products_that_are_made_ahead_change_nothing(monkeypatch, cores):
    """Tiles are counted and shown in their order, however many products are under way."""
    monkeypatch.setattr(ahead, "WORTH_THREADS", 0.0)
    monkeypatch.setattr(ahead, "_cores", lambda: cores)
    rng = np.random.default_rng(10)
    words, audio = unit(rng, 90, 12), unit(rng, 70, 12)
    correct, back = one_each(rng.integers(0, 70, 90)), one_each(rng.integers(0, 90, 70))
    seen, shown = np.empty((90, 70)), []

    def watch(rows, columns, scores):
        shown.append((rows.start, columns.start))
        seen[rows, columns] = scores

    named = {"whole": (range(5), range(5, 12)), "part": (range(5),)}
    found = ranks_of_systems(words, audio, correct, back, named, watch={"whole": watch}, block=16)
    for name, width in (("whole", 12), ("part", 5)):
        np.testing.assert_array_equal(found[name][0], slow_ranks(words[:, :width], audio[:, :width], correct))
        np.testing.assert_array_equal(found[name][1], slow_ranks(audio[:, :width], words[:, :width], back))
    assert shown == sorted(shown)
    np.testing.assert_allclose(seen, words @ audio.T, atol=1e-6)


@pytest.mark.parametrize("block", [7, 64, 1024])
def test_the_block_size_changes_nothing(block):
    rng = np.random.default_rng(1)
    words, audio = unit(rng, 300, 96), unit(rng, 300, 96)
    correct = one_each(rng.permutation(300))
    np.testing.assert_array_equal(ranks(words, audio, correct, block=block), slow_ranks(words, audio, correct))


@pytest.mark.parametrize("d", [3, 300, 513])
@pytest.mark.parametrize("block", [17, 1024])
def test_a_model_that_maps_everything_to_one_point_gets_the_worst_ranks(d, block):
    rng = np.random.default_rng(2)
    words, audio = np.repeat(unit(rng, 1, d), 401, axis=0), np.repeat(unit(rng, 1, d), 401, axis=0)
    correct = one_each(np.arange(401))
    t2a, a2t = ranks_both_ways(words, audio, correct, correct, block=block)
    assert (t2a == 401).all()
    assert (a2t == 401).all()


@pytest.mark.parametrize("d", [5, 300, 770])
def test_an_item_stored_twice_costs_its_query_the_first_rank(d):
    rng = np.random.default_rng(3)
    audio = unit(rng, 333, d)
    audio = np.concatenate([audio, audio])[rng.permutation(666)]
    found = ranks(audio, audio, one_each(np.arange(666)), block=100)
    assert (found == 2).all()


def test_items_that_differ_by_rounding_only_are_tied():
    """Batches of another size give the same track a vector that differs in its last bits."""
    rng = np.random.default_rng(4)
    audio = unit(rng, 50, 256)
    nearly = np.nextafter(audio, np.float32(0))
    found = ranks(audio, np.concatenate([audio, nearly]), one_each(np.arange(50)))
    assert (found == 2).all()


def test_a_difference_above_rounding_decides():
    query, items = np.ones((1, 1), np.float32), np.array([[1.0], [1.0 - 4 * TIE]], np.float32)
    assert ranks(query, items, one_each([0])).tolist() == [1]
    assert ranks(query, items, one_each([1])).tolist() == [2]


def test_the_best_correct_item_counts_and_the_others_do_not_push_it_down():
    query, items = np.array([[1.0]]), np.array([[0.9], [0.8], [0.7], [0.95]])
    assert ranks(query, items, rows([[0, 1, 3]])).tolist() == [1]
    assert ranks(query, items, rows([[1, 2]])).tolist() == [3]


def test_a_query_that_is_not_a_number_gets_the_worst_rank():
    items = np.eye(4, dtype=np.float32)
    queries = items.copy()
    queries[1, 2] = np.nan
    queries[2, 0] = np.inf
    assert ranks(queries, items, one_each(np.arange(4))).tolist() == [1, 4, 4, 1]


def test_an_item_that_is_not_a_number_ranks_last_and_harms_nobody_else():
    items = np.eye(4, dtype=np.float32)
    queries = items.copy()
    items[3] = np.nan
    assert ranks(queries, items, one_each(np.arange(4))).tolist() == [1, 1, 1, 4]


def test_the_worst_rank_leaves_room_for_the_other_correct_items():
    items = np.full((5, 2), np.nan)
    assert ranks(np.ones((1, 2)), items, rows([[0, 4]])).tolist() == [4]


def test_half_precision_vectors_are_taken_as_they_are():
    rng = np.random.default_rng(5)
    words, audio = unit(rng, 60, 32).astype(np.float16), unit(rng, 60, 32).astype(np.float16)
    correct = one_each(np.arange(60))
    np.testing.assert_array_equal(ranks(words, audio, correct), slow_ranks(words, audio, correct))


def test_vectors_need_not_have_unit_length():
    rng = np.random.default_rng(6)
    words, audio = 1e4 * unit(rng, 80, 24), 1e-3 * unit(rng, 80, 24) * rng.uniform(0.1, 10, (80, 1)).astype(np.float32)
    correct = one_each(np.arange(80))
    np.testing.assert_array_equal(ranks(words, audio, correct, block=30), slow_ranks(words, audio, correct))


def test_scores_crowded_into_a_cone_are_still_ranked_exactly():
    """Within a cone of 1e-4 hundreds of items lie inside the rounding of a float32 product."""
    rng = np.random.default_rng(7)
    centre = unit(rng, 1, 512)
    words, audio = centre + 1e-3 * unit(rng, 200, 512), centre + 1e-3 * unit(rng, 900, 512)
    correct = one_each(rng.integers(0, 900, 200))
    np.testing.assert_array_equal(ranks(words, audio, correct, block=256), slow_ranks(words, audio, correct))


def test_a_query_without_a_correct_item_is_an_error():
    with pytest.raises(ValueError, match="query 1 has no correct item"):
        ranks(np.eye(2), np.eye(2), rows([[0], []]))


@pytest.mark.parametrize(
    ("queries", "items", "correct", "message"),
    [
        (np.eye(2), np.eye(3), one_each([0, 1]), "2 dimensions, items 3"),
        (np.eye(2), np.eye(2), one_each([0]), "given for 1 queries, but there are 2"),
        (np.eye(2), np.eye(2), one_each([0, 2]), "must lie in 0 … 1"),
        (np.ones(2), np.eye(2), one_each([0, 1]), "queries must be a matrix"),
        (1e20 * np.eye(2), np.eye(2), one_each([0, 1]), "scale the vectors"),
    ],
)
def test_wrong_shapes_are_refused(queries, items, correct, message):
    with pytest.raises(ValueError, match=message):
        ranks(queries, items, correct)


def test_no_queries_give_no_ranks():
    empty = Correct(np.zeros(1, np.int64), np.zeros(0, np.int64))
    assert ranks(np.empty((0, 3)), np.eye(3), empty).shape == (0,)


@settings(max_examples=80, deadline=None)
@given(st.integers(1, 6), st.integers(0, 10), st.integers(1, 5), st.integers(0, 10**6))
def test_correct_answers_equal_a_python_loop(n_tracks, more, n_texts, seed):
    rng = np.random.default_rng(seed)
    track = np.concatenate([np.arange(n_tracks), rng.integers(0, n_tracks, more)])
    text = rng.integers(0, n_texts, len(track))
    tracks, captions = correct_tracks(track, text, n_tracks), correct_captions(track, text, n_tracks)
    for c in range(len(track)):
        expected = {int(t) for t, x in zip(track, text, strict=True) if x == text[c]}
        assert tracks.indices[tracks.indptr[c] : tracks.indptr[c + 1]].tolist() == sorted(expected)
    for t in range(n_tracks):
        own = {int(x) for k, x in zip(track, text, strict=True) if k == t}
        expected = {c for c in range(len(track)) if text[c] in own}
        got = captions.indices[captions.indptr[t] : captions.indptr[t + 1]].tolist()
        assert len(got) == len(set(got))
        assert set(got) == expected


def test_a_track_without_captions_has_no_correct_caption():
    assert correct_captions(np.array([0, 2]), np.array([0, 1]), 3).counts.tolist() == [1, 0, 1]


def test_track_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match=r"0 … 1"):
        correct_tracks(np.array([2]), np.array([0]), 2)
    with pytest.raises(ValueError, match="equally long"):
        correct_captions(np.array([0, 1]), np.array([0]), 2)
