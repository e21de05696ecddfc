"""Nearest neighbours among a library's tracks: exactly, block by block, or beyond ``EXACT_UP_TO`` by a forest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.same_audio.forest import NEIGHBOURS, Float32, Neighbours, Step, forest_neighbours

__all__ = ["EXACT_UP_TO", "NEIGHBOURS", "Float32", "Neighbours", "Pairs", "Step", "nearest", "rms"]

Pairs = NDArray[np.int64]

EXACT_UP_TO = 20_000
"""Tracks among which all pairs are compared: a few seconds."""
BLOCK, ITEM_BLOCK = 1024, 8192
PAIRS_AT_ONCE = 1 << 18


def rms(difference: Float32) -> Float32:
    """Root mean square over all axes but the first."""
    axes = tuple(range(1, difference.ndim))
    return np.asarray(np.sqrt((difference**2).mean(axis=axes)), dtype=np.float32)


def nearest(
    queries: Float32, items: Float32, limit: float, *, trees: int | None = None, step: Step | None = None
) -> tuple[Pairs, Float32]:
    """The ``NEIGHBOURS`` nearest items of every query within ``limit``, its own row left out.

    Memory is ``BLOCK`` × ``ITEM_BLOCK`` numbers and the neighbours, whatever is found. Distances are recomputed without
    the cancellation of the matrix product, so equal rows are exactly 0 apart.

    Parameters
    ----------
    queries, items : (n, d) float32, n ≥ 2; row i of both is the same track.
    limit : largest root-mean-square distance.
    trees : of the forest, where there is one.
    step : called after each tree.

    Returns
    -------
    (m, 2) rows of query and item, and their (m,) root-mean-square distances.
    """
    bound = items.shape[1] * limit**2 * (1 + 1e-3) + 1e-6
    if len(items) <= EXACT_UP_TO:
        found = _exact(queries, items, bound)
    else:
        found = forest_neighbours(queries, items, step=step, **({} if trees is None else {"trees": trees}))
    row, column = np.nonzero(found.squared <= bound)
    pairs = np.stack([row, found.item[row, column].astype(np.int64)], axis=1)
    distances = distances_of(queries, items, pairs)
    kept = distances <= limit
    return pairs[kept], distances[kept]


def distances_of(queries: Float32, items: Float32, pairs: Pairs) -> Float32:
    """(m,) root-mean-square distances of rows, some at a time."""
    starts = range(0, len(pairs), PAIRS_AT_ONCE)
    parts = [pairs[start : start + PAIRS_AT_ONCE] for start in starts]
    return np.concatenate([np.empty(0, np.float32), *(rms(queries[p[:, 0]] - items[p[:, 1]]) for p in parts)])


def _exact(queries: Float32, items: Float32, bound: float) -> Neighbours:
    """The nearest of each query within a squared distance, by all pairs, with a running choice over blocks of items.

    Only queries that a block has something near for are chosen for: the choice takes longer than the product, and
    hardly a track has another within the distances that are asked for.
    """
    norms = np.einsum("ij,ij->i", items, items)
    index = np.full((len(queries), NEIGHBOURS), -1, np.int32)
    squared = np.full((len(queries), NEIGHBOURS), np.inf, np.float32)
    for start in range(0, len(queries), BLOCK):
        block = queries[start : start + BLOCK]
        own = np.einsum("ij,ij->i", block, block)
        for first in range(0, len(items), ITEM_BLOCK):
            part = items[first : first + ITEM_BLOCK]
            distances = (block @ part.T) * np.float32(-2) + norms[first : first + ITEM_BLOCK] + own[:, None]
            row = np.arange(max(start, first), min(start + len(block), first + len(part)))
            distances[row - start, row - first] = np.inf
            near = np.flatnonzero(distances.min(axis=1) <= bound)
            if near.size:
                index[start + near], squared[start + near] = _nearest_of_both(
                    index[start + near], squared[start + near], distances[near], first
                )
    return Neighbours(index, squared)


def _nearest_of_both(
    index: NDArray[np.int32], squared: Float32, distances: Float32, first: int
) -> tuple[NDArray[np.int32], Float32]:
    """The nearest of what was found before and the items from ``first`` on."""
    keep = min(NEIGHBOURS, distances.shape[1])
    columns = np.argpartition(distances, keep - 1, axis=1)[:, :keep]
    both = np.concatenate([squared, np.take_along_axis(distances, columns, axis=1)], axis=1)
    names = np.concatenate([index, (columns + first).astype(np.int32)], axis=1)
    best = np.argpartition(both, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    chosen = np.take_along_axis(both, best, axis=1)
    return np.where(np.isfinite(chosen), np.take_along_axis(names, best, axis=1), -1), chosen
