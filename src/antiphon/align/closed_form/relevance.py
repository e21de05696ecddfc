"""How relevant each feature of one modality is: how well the other modality predicts it.

A Gaussian kernel weighs every feature alike, and most features of an encoder say nothing that captions speak of. So
each feature is predicted from the other side by kernel ridge regression, every track by the others only (leave-one-out
residuals in closed form: Allen 1974; Hastie, Tibshirani & Friedman 2009, section 7.10), and what is predicted well
counts more: automatic relevance (MacKay 1994; Neal 1996) without a gradient. What it is worth:
``docs/experiments/kernels.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.scaling import slices

Float = NDArray[np.floating]

RATE = 0.3
"""Of the kernel that predicts, over the median squared distance."""
RIDGES = (1.0, 3.0, 10.0)
"""Times the mean of the centred kernel's diagonal; the shares predicted with each are averaged."""
FLOOR = 0.3
"""What every feature counts at least, as a share of the mean."""
TRACKS = 512
"""Tracks that are looked at, at most."""
NOTHING = 1e-6
"""Less than this is rounding, of a centred kernel (its diagonal is within 0 … 1) and of a share that is predicted."""


def relevance(words: Float, sound: Float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Factors ≥ 0 for the columns of both sides: the root of √R² and a floor.

    Parameters
    ----------
    words : (n, d_text) a track's mean text vector, standardised.
    sound : (n, d_audio) the same tracks' audio vectors, standardised.

    Returns
    -------
    (d_text,), (d_audio,) : all 1 where nothing can be predicted, as with fewer than four tracks.
    """
    return factors(predicted(sound, words)), factors(predicted(words, sound))


@dataclass(frozen=True, kw_only=True, eq=False)
class Predictor:
    """Kernel ridge regression from what is known of n tracks; what it predicts comes a slice of columns at a time.

    Parameters
    ----------
    errors : (n, n) float32, the matrix E of which ``away' E away`` is the sum of squared leave-one-out errors of a
        centred column, mean over the ridges; empty for fewer than four tracks, which predict nothing.
    """

    errors: NDArray[np.float32]

    @classmethod
    def from_rows(cls, known: Float) -> Predictor:
        """From (n, ·) vectors, standardised."""
        n = len(known)
        if n < 4:
            return cls(errors=np.zeros((0, 0), np.float32))
        square = np.square(known).sum(1)
        distance = np.maximum(square[:, None] + square - 2 * (known @ known.T), 0)
        median = float(np.median(distance[~np.eye(n, dtype=bool)])) or 1.0
        kernel = np.exp(-RATE / median * distance).astype(np.float64)
        kernel += kernel.mean() - kernel.mean(0) - kernel.mean(1)[:, None]
        values, vectors = np.linalg.eigh(kernel)
        values = np.maximum(values, 0)
        errors = np.zeros((n, n))
        for ridge in RIDGES:
            kept = values / (values + ridge * max(values.mean(), NOTHING))
            own = np.square(vectors) @ kept + 1 / n
            missed = (np.eye(n) - (vectors * kept) @ vectors.T) / (1 - own)[:, None]
            errors += missed.T @ missed / len(RIDGES)
        return cls(errors=errors.astype(np.float32))

    def shuffled(self, rng: np.random.Generator) -> Predictor:
        """The same, with what is known dealt to the tracks anew."""
        order = rng.permutation(len(self.errors))
        return Predictor(errors=self.errors[np.ix_(order, order)])

    def shares(self, sought: Float) -> Float:
        """(d,) leave-one-out R² of each column of (n, d), −∞ … 1, mean over the ridges; 0 where it never changes."""
        if not len(self.errors):
            return np.zeros(sought.shape[1])
        return np.concatenate([self._shares(sought[:, columns]) for columns in slices(sought.shape[1])])

    def _shares(self, sought: Float) -> Float:
        n = len(self.errors)
        away = np.asarray(sought - sought.mean(0), np.float32)
        total = np.square(away).sum(0, dtype=np.float64) * (n / (n - 1)) ** 2
        missed = np.einsum("ij,ij->j", away, self.errors @ away, dtype=np.float64)
        return np.where(total > 1e-9, 1 - missed / np.maximum(total, 1e-9), 0)


def predicted(known: Float, sought: Float) -> Float:
    """:meth:`Predictor.shares` of (n, d) ``sought`` from (n, ·) ``known``."""
    return Predictor.from_rows(known).shares(sought)


def factors(shares: Float) -> NDArray[np.float32]:
    """Weights of columns from the shares of them that are predicted: the root of √R² and a floor; all 1 without any."""
    root = np.sqrt(np.where(shares > NOTHING, shares, 0))
    if not root.any():
        return np.ones(len(root), np.float32)
    found: NDArray[np.float32] = np.sqrt(root + FLOOR * root.mean()).astype(np.float32)
    return found
