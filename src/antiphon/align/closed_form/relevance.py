"""How relevant each feature of one modality is: how well the other modality predicts it.

A Gaussian kernel weighs every feature alike, and most features of an encoder say nothing that captions speak of. So
each feature is predicted from the other side by kernel ridge regression, every track by the others only (leave-one-out
residuals in closed form: Allen 1974; Hastie, Tibshirani & Friedman 2009, section 7.10), and what is predicted well
counts more: automatic relevance (MacKay 1994; Neal 1996) without a gradient. What it is worth:
``docs/experiments/kernels.md``.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    return _factors(predicted(sound, words)), _factors(predicted(words, sound))


def predicted(known: Float, sought: Float) -> Float:
    """Leave-one-out R² of each column of ``sought`` (n, d) from ``known`` (n, ·), −∞ … 1, mean over the ridges.

    A column that never changes gets 0.
    """
    n = len(known)
    if n < 4:
        return np.zeros(sought.shape[1])
    square = np.square(known).sum(1)
    distance = np.maximum(square[:, None] + square - 2 * (known @ known.T), 0)
    kernel = np.exp(-RATE / (float(np.median(distance[~np.eye(n, dtype=bool)])) or 1.0) * distance).astype(np.float64)
    kernel += kernel.mean() - kernel.mean(0) - kernel.mean(1)[:, None]
    values, vectors = np.linalg.eigh(kernel)
    values = np.maximum(values, 0)
    away = sought - sought.mean(0)
    total = np.square(away).sum(0, dtype=np.float64) * (n / (n - 1)) ** 2
    inside = vectors.T @ away
    shares = np.zeros(sought.shape[1])
    for ridge in RIDGES:
        kept = values / (values + ridge * max(values.mean(), NOTHING))
        own = np.square(vectors) @ kept + 1 / n
        missed = (away - vectors @ (kept[:, None] * inside)) / (1 - own)[:, None]
        shares += np.where(total > 1e-9, 1 - np.square(missed).sum(0) / np.maximum(total, 1e-9), 0) / len(RIDGES)
    return shares


def _factors(shares: Float) -> NDArray[np.float32]:
    root = np.sqrt(np.where(shares > NOTHING, shares, 0))
    if not root.any():
        return np.ones(len(root), np.float32)
    factors: NDArray[np.float32] = np.sqrt(root + FLOOR * root.mean()).astype(np.float32)
    return factors
