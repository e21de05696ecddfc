"""Standardising vectors, and bending what is standardised.

Encoder features have long tails: a single channel at eight spreads outweighs sixty at one. ``s · tanh(x / s)`` leaves
ordinary values nearly as they are and holds every value within ±s, so that a few extreme ones do not decide a distance
or a direction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.floating]
SLICE_COLUMNS = 4096
SLICE_NUMBERS = 2**21
"""Of float64 at once where moments are taken: 16 MiB, half of the time that 64 take."""
SQUASH = 2.0
"""Spreads beyond which nothing reaches; what other values are worth: ``docs/experiments/kernels.md``."""


@dataclass(frozen=True, kw_only=True)
class Scaling:
    """Mean and standard deviation of each column; a constant column has scale 1.

    Parameters
    ----------
    mean, scale : (d,) float32.
    """

    mean: NDArray[np.float32]
    scale: NDArray[np.float32]

    @classmethod
    def from_rows(cls, vectors: Float, weights: Float) -> Scaling:
        """Weighted moments of (n, d) vectors; ``weights`` (n,) sum to 1."""
        mean, scale = np.empty(vectors.shape[1], np.float32), np.empty(vectors.shape[1], np.float32)
        step = max(1, min(SLICE_COLUMNS, SLICE_NUMBERS // max(len(vectors), 1)))
        for columns in slices(vectors.shape[1], step):
            part = np.asarray(vectors[:, columns], np.float64)
            mean[columns] = centre = weights @ part
            part = part - centre  # not in place: it may be the vectors themselves
            deviation = np.sqrt(weights @ np.square(part, out=part))
            constant = deviation <= 1e-6 * np.maximum(np.abs(centre), 1e-6)
            scale[columns] = np.where(constant, 1.0, deviation)
        return cls(mean=mean, scale=scale)

    @classmethod
    def centring(cls, vectors: Float, weights: Float) -> Scaling:
        """Takes the weighted mean of (n, d) vectors off, and leaves each column as large as it is."""
        mean = (weights @ vectors).astype(np.float32)
        return cls(mean=mean, scale=np.ones_like(mean))

    def apply(self, vectors: Float, dtype: type[np.floating], columns: slice = slice(None)) -> Float:
        """Standardised copy of the named columns, (n, number of them)."""
        standard: Float = np.subtract(vectors[:, columns], self.mean[columns], dtype=dtype)
        standard /= self.scale[columns]  # in place: of wide vectors nothing in closed forms is larger
        return standard

    def squashed(self, vectors: Float, dtype: type[np.floating]) -> Float:
        """Standardised and bent copy of (n, d) vectors, within ±``SQUASH``."""
        return squash(self.apply(vectors, dtype))


def squash(standardised: Float) -> Float:
    """Same shape, within ±``SQUASH``."""
    bent: Float = standardised / SQUASH
    np.tanh(bent, out=bent)
    bent *= SQUASH
    return bent


def slices(length: int, step: int = SLICE_COLUMNS) -> Iterator[slice]:
    """Consecutive stretches of at most ``step``."""
    for start in range(0, length, step):
        yield slice(start, min(start + step, length))
