"""The best correct and wrong items against all scores in float64 and Python's own sort."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from antiphon.metrics.correct import correct_captions, correct_tracks, one_each
from antiphon.metrics.nearest import answers
from antiphon.metrics.nearest.answers import best_correct, best_wrong, best_wrong_both_ways
from antiphon.metrics.ranks import ranks
from tests.metrics.test_ranks import cases, unit


def slow_best(queries, items, correct, k, *, wrong):
    """Every score, sorted: by score, then by the item's place."""
    q, x = queries.astype(np.float64), items.astype(np.float64)
    found = []
    for i in range(len(q)):
        own = set(correct.indices[correct.indptr[i] : correct.indptr[i + 1]].tolist())
        usable = [j for j in range(len(x)) if np.isfinite(q[i]).all() and np.isfinite(x[j]).all()]
        scored = sorted((-np.float32((q[i] * x[j]).sum()), j) for j in usable if (j not in own) == wrong)
        scored += [(np.float32(np.inf), -1)] * k
        found.append(scored[:k])
    return np.array([[j for _, j in row] for row in found]), np.array([[-s for s, _ in row] for row in found])


def same(best, slow):
    assert np.array_equal(best.items, slow[0])
    assert np.allclose(best.scores, slow[1], rtol=1e-6)


@settings(max_examples=60, deadline=None)
@given(cases())
def test_both_directions_equal_a_sort_of_all_scores(case):
    words, audio, track, text, block = case
    there, back = correct_tracks(track, text, len(audio)), correct_captions(track, text, len(audio))
    for k in (1, 3):
        wrong, wrong_back = best_wrong_both_ways(words, audio, there, back, k=k, block=block)
        alone = best_wrong(words, audio, there, k=k, block=block)
        assert np.array_equal(alone.items, wrong.items)
        same(wrong, slow_best(words, audio, there, k, wrong=True))
        same(wrong_back, slow_best(audio, words, back, k, wrong=True))
    same(best_correct(words, audio, there), slow_best(words, audio, there, 1, wrong=False))
    same(best_correct(audio, words, back), slow_best(audio, words, back, 1, wrong=False))


@pytest.mark.parametrize("equal", [1, 60, 150])
def test_scores_too_close_for_float32_are_decided_in_float64(equal, monkeypatch):
    """More items lie within rounding than are kept as candidates: the answers are those of a full sort all the same."""
    rng = np.random.default_rng(3)
    x = unit(rng, 150, 8)
    x[:equal] = x[0] + 1e-7 * rng.standard_normal((equal, 8)).astype(np.float32)
    q = np.concatenate([x[:5], unit(rng, 20, 8)])
    correct, back = one_each(np.arange(25)), one_each(np.arange(150) % 25)
    looked: list[int] = []
    anew = answers._anew
    monkeypatch.setattr(answers, "_anew", lambda *a: (looked.append(len(a[4])), anew(*a))[1])
    found, found_back = best_wrong_both_ways(q, x, correct, back, k=3, block=32)
    same(found, slow_best(q, x, correct, 3, wrong=True))
    same(found_back, slow_best(x, q, back, 3, wrong=True))
    assert bool(sum(looked)) == (equal > 1)


def test_a_query_is_at_rank_1_exactly_where_its_best_wrong_item_scores_less():
    rng = np.random.default_rng(0)
    x = unit(rng, 300, 16)
    q = x + 0.2 * unit(rng, 300, 16)
    correct = one_each(np.arange(300))
    wrong, _ = best_wrong_both_ways(q, x, correct, correct)
    right = best_correct(q, x, correct)
    assert np.array_equal(ranks(q, x, correct) == 1, (wrong.scores < right.scores)[:, 0])


def test_the_block_size_changes_nothing():
    rng = np.random.default_rng(1)
    x = np.repeat(unit(rng, 90, 16), 3, axis=0)
    correct = one_each(np.arange(270))
    whole = best_wrong_both_ways(x, x, correct, correct, k=7)
    for block in (1, 17, 100):
        for one, other in zip(whole, best_wrong_both_ways(x, x, correct, correct, k=7, block=block), strict=True):
            assert np.array_equal(one.items, other.items)
            assert np.array_equal(one.scores, other.scores)
