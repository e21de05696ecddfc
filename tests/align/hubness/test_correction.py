"""Hubness correction: what stands near to everything has to be nearer than that; a stored reference says how near."""

import numpy as np
import pytest

from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.hubness.correction import Hubness, crowding, scored
from antiphon.align.hubness.fit import ROWS, draw_reference
from antiphon.arrays import Embeddings
from antiphon.metrics.retrieval import rank_both
from tests.helpers.losses.hubness_cases import naive_crowding


def unit(rng: np.random.Generator, rows: int, size: int = 6) -> np.ndarray:
    x = rng.normal(size=(rows, size))
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


@pytest.fixture
def sides() -> Embeddings:
    rng = np.random.default_rng(0)
    return Embeddings(unit(rng, 9), unit(rng, 7))


@pytest.fixture
def hubness() -> Hubness:
    rng = np.random.default_rng(1)
    return Hubness.from_reference(unit(rng, 30), unit(rng, 20), weight=0.4, neighbours=3)


def naive_rank(scores: list[float], correct: set[int]) -> int:
    best = max(scores[i] for i in correct)
    return 1 + sum(score >= best for i, score in enumerate(scores) if i not in correct)


def test_the_dot_product_is_the_cosine_less_both_crowdings(sides: Embeddings, hubness: Hubness) -> None:
    text, audio = sides
    product = hubness.score_texts(text) @ hubness.score_tracks(audio).T
    for i, words in enumerate(text):
        for j, sound in enumerate(audio):
            slow = sum(float(a) * float(b) for a, b in zip(words, sound, strict=True))
            slow -= 0.4 * (naive_crowding(sound, hubness.text, 3) - hubness.audio_level)
            slow -= 0.4 * (naive_crowding(words, hubness.audio, 3) - hubness.text_level)
            assert product[i, j] == pytest.approx(slow, abs=1e-5)


def test_one_product_ranks_both_directions_as_if_each_were_corrected_alone(sides: Embeddings, hubness: Hubness) -> None:
    text, audio = sides
    owner = np.array([0, 1, 2, 3, 4, 5, 6, 0, 1])
    found = rank_both(*scored(sides, hubness), owner, np.arange(9))
    for i, words in enumerate(text):  # a text's own crowding is the same for all tracks, so it is left out here
        scores = [float(words @ sound) - 0.4 * naive_crowding(sound, hubness.text, 3) for sound in audio]
        assert found["t2a"][i] == naive_rank(scores, {int(owner[i])})
    for j, sound in enumerate(audio):
        scores = [float(words @ sound) - 0.4 * naive_crowding(words, hubness.audio, 3) for words in text]
        assert found["a2t"][j] == naive_rank(scores, set(np.flatnonzero(owner == j).tolist()))


def test_without_a_correction_vectors_stay_what_they_are(sides: Embeddings) -> None:
    assert scored(sides, None) is sides


def test_a_hub_no_longer_stands_before_the_right_answer() -> None:
    rng = np.random.default_rng(0)
    middle = np.zeros(8, np.float32)
    middle[0] = 1.0
    words = unit(rng, 40, 8) * 0.4 + middle
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    right = np.stack([w - 0.9 * middle for w in words])
    right /= np.linalg.norm(right, axis=1, keepdims=True)
    tracks = np.concatenate([right, middle[None]]).astype(np.float32)
    correction = Hubness.from_reference(words[20:], tracks[20:40], weight=1.0, neighbours=5)
    assert (words @ tracks.T).argmax(axis=1)[:20].tolist() == [40] * 20
    better = correction.score_texts(words[:20]) @ correction.score_tracks(tracks).T
    assert np.mean(better.argmax(axis=1) == np.arange(20)) > 0.5


def test_where_the_reference_is_smaller_all_of_it_counts() -> None:
    rng = np.random.default_rng(0)
    items, reference = unit(rng, 5), unit(rng, 4)
    np.testing.assert_allclose(crowding(items, reference, 100), (items @ reference.T).mean(axis=1), atol=1e-6)
    assert crowding(items[:0], reference, 3).shape == (0,)


def test_what_is_as_crowded_as_the_reference_keeps_its_cosine(hubness: Hubness) -> None:
    same = hubness.audio.astype(np.float32)
    assert hubness.score_tracks(same)[:, -2].mean() == pytest.approx(0.0, abs=1e-6)


def test_the_correction_of_some_columns_is_that_of_their_own_space() -> None:
    rng = np.random.default_rng(0)
    (text, other_text), (audio, other_audio) = ((unit(rng, 30, 6), unit(rng, 30, 4)) for _ in range(2))
    joined = [np.sqrt(0.7) * a + 0 for a in (text, audio)], [np.sqrt(0.3) * a for a in (other_text, other_audio)]
    whole = Hubness.from_reference(
        *(np.concatenate([a, b], axis=1) for a, b in zip(*joined, strict=True)), weight=0.3, neighbours=4
    )
    alone = Hubness.from_reference(text, audio, weight=0.3, neighbours=4)
    np.testing.assert_allclose(whole.for_columns(slice(6)).score_tracks(audio), alone.score_tracks(audio), atol=2e-3)
    nothing = whole.for_columns(slice(6, 6))
    assert nothing.audio_level == 0.0


def pairs_of(tracks: int, captions: int) -> PairSet:
    owner = np.arange(captions) % tracks
    return PairSet(
        Rows.all_of(np.arange(tracks, dtype=np.float32)[:, None]),
        Rows.all_of(np.arange(captions, dtype=np.float32)[:, None]),
        owner,
        np.arange(captions),
    )


def test_a_reference_is_a_bounded_seeded_draw_of_training_pairs() -> None:
    drawn = draw_reference(pairs_of(ROWS + 5, 3 * ROWS), seed=0)
    assert (len(drawn.audio), len(drawn.text)) == (ROWS, ROWS)
    assert np.array_equal(drawn.text_id, drawn.text.rows)
    again, other = (draw_reference(pairs_of(ROWS + 5, 3 * ROWS), seed=seed) for seed in (0, 1))
    assert np.array_equal(drawn.text.rows, again.text.rows)
    assert not np.array_equal(drawn.text.rows, other.text.rows)
    few = draw_reference(pairs_of(4, 9), seed=0)
    assert (few.audio.rows.tolist(), few.text.rows.tolist()) == (list(range(4)), list(range(9)))
