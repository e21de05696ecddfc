"""Nearest neighbours among a library's tracks, exactly and block by block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Pairs = NDArray[np.int64]

NEIGHBOURS = 6
BLOCK = 1024


def rms(difference: Float32) -> Float32:
    """Root mean square over all axes but the first."""
    axes = tuple(range(1, difference.ndim))
    return np.asarray(np.sqrt((difference**2).mean(axis=axes)), dtype=np.float32)


def nearest(queries: Float32, items: Float32, limit: float) -> tuple[Pairs, Float32]:
    """The ``NEIGHBOURS`` nearest items of every query within ``limit``, its own row left out.

    Memory is ``BLOCK`` × n numbers, whatever is found. Distances are recomputed without the cancellation of the
    matrix product, so equal rows are exactly 0 apart.

    Parameters
    ----------
    queries, items : (n, d) float32, n ≥ 2; row i of both is the same track.
    limit : largest root-mean-square distance.

    Returns
    -------
    (m, 2) rows of query and item, and their (m,) root-mean-square distances.
    """
    norms = (items**2).sum(axis=1)
    bound = items.shape[1] * limit**2
    keep = min(NEIGHBOURS, len(items) - 1)
    pairs, distances = [], []
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        squared = (block @ items.T) * np.float32(-2)
        squared += norms
        squared += (block**2).sum(axis=1)[:, None]
        own = np.arange(len(block))
        squared[own, start + own] = np.inf
        rows = np.flatnonzero(squared.min(axis=1) <= bound)
        columns = np.argpartition(squared[rows], keep - 1, axis=1)[:, :keep]
        row, column = np.nonzero(squared[rows[:, None], columns] <= bound)
        found = np.stack([start + rows[row], columns[row, column]], axis=1)
        pairs.append(found)
        distances.append(rms(queries[found[:, 0]] - items[found[:, 1]]))
    return np.concatenate(pairs), np.concatenate(distances)
