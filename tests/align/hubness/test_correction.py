"""Hubness correction: what stands near to everything has to be nearer than that; a stored reference says how near."""

from dataclasses import replace

import numpy as np
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.ensemble.ensemble import mean_mrr
from antiphon.align.hubness.correction import ROWS, Hubness, choose_hubness, crowding, draw_reference, scored
from antiphon.align.inference import PairSet
from antiphon.arrays import Embeddings
from antiphon.metrics.retrieval import rank_both
from antiphon.metrics.shares import mrr_by_share
from tests.helpers.losses.hubness_cases import naive_crowding

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


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
    return Hubness.of(unit(rng, 30), unit(rng, 20), weight=0.4, neighbours=3)


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
    correction = Hubness.of(words[20:], tracks[20:40], weight=1.0, neighbours=5)
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
    whole = Hubness.of(
        *(np.concatenate([a, b], axis=1) for a, b in zip(*joined, strict=True)), weight=0.3, neighbours=4
    )
    alone = Hubness.of(text, audio, weight=0.3, neighbours=4)
    np.testing.assert_allclose(whole.of_part(slice(6)).score_tracks(audio), alone.score_tracks(audio), atol=2e-3)
    nothing = whole.of_part(slice(6, 6))
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


def hubby_case() -> tuple[Embeddings, Embeddings, PairSet]:
    """Val whose first track stands before every right answer, and a reference that shows it."""
    rng = np.random.default_rng(0)
    n, hub = 40, np.eye(20, dtype=np.float32)[0]
    words = unit(rng, 2 * n, 20)
    words[:, 0] = 0
    sound = words.copy()
    words = words * 0.6 + 0.8 * hub
    words /= np.linalg.norm(words, axis=1, keepdims=True)
    sound[0] = hub
    return Embeddings(words[n:], sound[n:]), Embeddings(words[:n], sound[:n]), pairs_of(n, n)


def test_auto_corrects_where_val_is_clearly_better_for_it_and_not_else() -> None:
    config = replace(SMALL, hubness="auto", hubness_weight=0.6)
    reference, both, val = hubby_case()
    chosen = choose_hubness(reference, config, val, both)
    assert chosen.hubness is not None
    assert chosen.figures()["hubness_weight"] in (0.3, 0.6)
    right = np.eye(40, dtype=np.float32)
    for weight, share in ((0.6, 1.0), (0.3, 0.5)):  # how the candidates are scored is what each of them would give
        one = Hubness.of(*reference, weight=weight, neighbours=20)
        whole = Hubness.of(*reference, weight=0.6, neighbours=20)
        found = mrr_by_share(both, scored(both, whole), val, [share])
        assert found == pytest.approx([mean_mrr(*scored(both, one), val)])
    easy = choose_hubness(Embeddings(right, right), config, val, Embeddings(right, right))
    assert (easy.hubness, easy.uncorrected_mrr) == (None, 1.0)
    assert easy.figures() == {"hubness_weight": 0.0, "uncorrected_val_MRR": 1.0}
    assert choose_hubness(reference, config, None, None).hubness is None
    always = choose_hubness(reference, replace(config, hubness="always"), None, None)
    assert always.hubness is not None
    assert (always.hubness.weight, always.figures()) == (0.6, {})
