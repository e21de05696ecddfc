"""Kernel CCA as the product has it, with tracks of which only the sound is known.

Standardisation, landmarks and the covariance of sound may come from more tracks than those with captions, whose
covariance with text alone is known (semi-supervised CCA: Blaschko, Lampert & Gretton 2008).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.relevance import relevance
from antiphon.align.closed_form.scaling import Scaling, squash
from antiphon.arrays import Embeddings, unit_length
from benchmarks.quality.captioned import Captioned

RATES, RIDGES, POWER, DIMS, AXES, LANDMARKS = (0.3, 1.0), (0.03, 0.06, 0.1, 0.2), 2.0, 64, 384, 768


class Side(NamedTuple):
    """Standardised, bent and weighed rows, and how others become so."""

    scaling: Scaling
    balance: np.ndarray

    def __call__(self, vectors: np.ndarray) -> np.ndarray:
        bent: np.ndarray = squash(self.scaling.apply(vectors, np.float64)) * self.balance
        return bent


class Kernel:
    """Gaussian features along their principal axes, of rows that carry weights."""

    def __init__(self, rows: np.ndarray, weights: np.ndarray, rate: float, seed: int) -> None:
        self.landmarks = rows[np.sort(np.random.default_rng(seed).permutation(len(rows))[:LANDMARKS])]
        between = distances(self.landmarks, self.landmarks)
        self.rate = rate / (float(np.median(between[~np.eye(len(between), dtype=bool)])) or 1.0)
        values, vectors = np.linalg.eigh(np.exp(-self.rate * between))
        kept = np.flatnonzero(values > 1e-4)[::-1][: 2 * AXES]
        self.back = vectors[:, kept] / np.sqrt(values[kept])
        features = np.exp(-self.rate * distances(rows, self.landmarks)) @ self.back
        self.centre = weights @ features
        rooted = (features - self.centre) * np.sqrt(weights)[:, None]
        variance, axes = np.linalg.eigh(rooted.T @ rooted)
        self.typical = float(np.square(variance).sum() / variance.sum())
        leading = np.flatnonzero(variance >= 1e-9 * variance[-1])[::-1][:AXES]
        self.variance, self.axes = variance[leading], axes[:, leading]

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        similar = np.exp(-self.rate * distances(rows, self.landmarks))
        coordinates: np.ndarray = (similar @ self.back - self.centre) @ self.axes
        return coordinates


class Forms:
    """The grid of kernel CCAs.

    Parameters
    ----------
    train : captioned tracks.
    sources : numbers of each encoder in ``train.audio``; empty for one.
    scaled_by : further tracks (s, d) that take part in standardisation.
    spread_by : further tracks that take part in landmarks and in the covariance of sound.
    weights : which texts describe which of ``[train.audio, spread_by]``; None for each track's own captions.
    """

    def __init__(
        self,
        train: Captioned,
        sources: list[int],
        *,
        scaled_by: np.ndarray | None = None,
        spread_by: np.ndarray | None = None,
        weights: CaptionWeights | None = None,
        seed: int = 0,
    ) -> None:
        none = train.audio[:0]
        scaled_by, spread_by = (none if each is None else each for each in (scaled_by, spread_by))
        own = CaptionWeights.evenly(train.track_of_caption, len(train.audio))
        pairs = own if weights is None else weights
        of_text = np.bincount(pairs.row, pairs.weight, len(train.text))
        self.text, self.audio = _sides(train, sources, np.concatenate([train.audio, scaled_by]), of_text, own)
        rows = self.audio(np.concatenate([train.audio, spread_by]))
        words = self.text(train.text)
        self._kernels = []
        left = Kernel(words, of_text, 0.3, seed)
        average = np.zeros((len(rows), len(left.variance)))
        np.add.at(average, pairs.track, left(words)[pairs.row] * pairs.weight[:, None])
        for rate in RATES:
            right = Kernel(rows, np.full(len(rows), 1 / len(rows)), rate, seed)
            together = average.T @ right(rows)
            for ridge in RIDGES:
                near, far = (1 / np.sqrt(one.variance + ridge * one.typical) for one in (left, right))
                u, correlation, v = np.linalg.svd(near[:, None] * together * far, full_matrices=False)
                factor = correlation[:DIMS] ** POWER
                maps = (near[:, None] * u[:, :DIMS] * factor, far[:, None] * v.T[:, :DIMS] * factor)
                self._kernels.append((left, right, *maps))

    def embed_text(self, vectors: np.ndarray) -> np.ndarray:
        """(m, d) → (m, dim) of unit length."""
        return _joined(self._kernels, self.text(vectors), side=0)

    def embed_audio(self, vectors: np.ndarray) -> np.ndarray:
        """(n, d) → (n, dim) of unit length."""
        return _joined(self._kernels, self.audio(vectors), side=1)

    def __call__(self, tracks: Captioned) -> Embeddings:
        return Embeddings(self.embed_text(tracks.text), self.embed_audio(tracks.audio))


def _sides(
    train: Captioned, sources: list[int], seen: np.ndarray, of_text: np.ndarray, own: CaptionWeights
) -> tuple[Side, Side]:
    size = train.audio.shape[1]
    balance = np.concatenate(
        [np.full(each, (size / (max(len(sources), 1) * each)) ** 0.5) for each in sources or [size]]
    )
    text = Side(Scaling.from_rows(train.text, of_text), np.ones(train.text.shape[1]))
    audio = Side(Scaling.from_rows(seen, np.full(len(seen), 1 / len(seen))), balance)
    words, sound = text(train.text), audio(train.audio)
    mean = np.zeros((len(sound), words.shape[1]))
    np.add.at(mean, own.track, words[own.row] * own.weight[:, None] * len(sound))
    some = np.sort(np.random.default_rng(0).permutation(len(sound))[:512])
    near, far = relevance(mean[some].astype(np.float32), sound[some].astype(np.float32))
    return Side(text.scaling, text.balance * near), Side(audio.scaling, audio.balance * far)


def distances(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """(n, m) squared."""
    found = np.square(x).sum(1)[:, None] + np.square(y).sum(1) - 2 * (x @ y.T)
    clipped: np.ndarray = np.maximum(found, 0)
    return clipped


def _joined(kernels: list[tuple[Kernel, Kernel, np.ndarray, np.ndarray]], rows: np.ndarray, *, side: int) -> np.ndarray:
    coordinates = {id(one[side]): one[side] for one in kernels}
    along = {key: kernel(rows) for key, kernel in coordinates.items()}
    forms = [unit_length(along[id(one[side])] @ one[side + 2]) for one in kernels]
    found: np.ndarray = (np.concatenate(forms, axis=1) / len(forms) ** 0.5).astype(np.float32)
    return found
