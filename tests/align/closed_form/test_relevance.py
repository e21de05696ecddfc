"""What each side's numbers count in a kernel's distance, against predictions that really leave a track out."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.closed_form.relevance import FLOOR, RATE, RIDGES, predicted, relevance
from antiphon.metrics.retrieval import retrieval


def slow(known: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Every track predicted by a smoother fitted on all, its own answer replaced by its prediction until it settles."""
    n = len(known)
    distance = np.array([[((a - b) ** 2).sum() for b in known] for a in known])
    kernel = np.exp(-RATE * distance / np.median(distance[~np.eye(n, dtype=bool)]))
    centre = np.eye(n) - 1 / n
    kernel = centre @ kernel @ centre
    found = np.zeros(sought.shape[1])
    for ridge in RIDGES:
        smooth = kernel @ np.linalg.inv(kernel + ridge * np.trace(kernel) / n * np.eye(n)) + 1 / n
        for column in range(sought.shape[1]):
            missed = total = 0.0
            for track in range(n):
                told = sought[:, column].copy()
                for _ in range(200):
                    told[track] = smooth[track] @ told
                missed += (sought[track, column] - told[track]) ** 2
                total += (sought[track, column] - np.delete(sought[:, column], track).mean()) ** 2
            found[column] += (1 - missed / total) / len(RIDGES)
    return found


def planted(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Text and audio that share three numbers; audio has sixty more that mean nothing, one of them constant."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(n, 3))
    text = np.hstack([shared, rng.normal(size=(n, 20))])
    audio = np.hstack([shared + 0.3 * rng.normal(size=(n, 3)), rng.normal(size=(n, 59)), np.ones((n, 1))])
    return text.astype(np.float32), audio.astype(np.float32)


def test_predictions_leave_their_own_track_out() -> None:
    text, audio = planted(23)
    np.testing.assert_allclose(predicted(text, audio[:, :6]), slow(text, audio[:, :6]), rtol=1e-4, atol=1e-5)


def test_numbers_that_both_sides_know_count_more() -> None:
    words, sound = relevance(*planted(200))
    assert words[:3].min() > 1.3 * words[3:].max()
    assert sound[:3].min() > 1.3 * sound[3:].max()
    root = np.sqrt(np.maximum(predicted(*planted(200)), 0))
    np.testing.assert_allclose(sound, np.sqrt(root + FLOOR * root.mean()), rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_too_few_tracks_tell_nothing(n: int) -> None:
    words, sound = relevance(*planted(n))
    assert words.tolist() == [1] * 23
    assert sound.tolist() == [1] * 63


def test_constant_vectors_tell_nothing() -> None:
    text, audio = planted(30)
    words, sound = relevance(np.ones_like(text), audio)
    assert np.isfinite(words).all()
    assert sound.tolist() == [1] * 63


def test_kernels_find_what_is_shared_among_noise(monkeypatch: pytest.MonkeyPatch) -> None:
    text, audio = planted(300)
    owner = np.arange(150)

    def mrr() -> float:
        words, sound = fit_kernel_cca(text[:150], audio[:150], owner)
        found = retrieval(words.embed(text[150:]), sound.embed(audio[150:]), owner, owner)
        return float(found["t2a"]["MRR"])

    with_relevance = mrr()
    monkeypatch.setattr(
        "antiphon.align.closed_form.kernel_cca.relevance", lambda w, s: (np.ones(w.shape[1]), np.ones(s.shape[1]))
    )
    assert with_relevance > 1.3 * mrr()


def test_a_track_with_two_captions_is_told_by_their_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    text, audio = planted(12)
    seen: list[np.ndarray] = []

    def look(words: np.ndarray, sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen.extend([words, sound])
        return relevance(words, sound)

    monkeypatch.setattr("antiphon.align.closed_form.kernel_cca.relevance", look)
    words, _ = fit_kernel_cca(text, audio[:8], np.array([0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7]))
    bent = 2 * np.tanh((text - words.mean) / words.scale / 2)
    pairs = bent[:8].reshape(4, 2, -1).mean(1)
    np.testing.assert_allclose(seen[0], np.concatenate([pairs, bent[8:]]), rtol=1e-4, atol=1e-5)
    assert len(seen[1]) == 8
