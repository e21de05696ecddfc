"""Which pairs stand before the right ones: of every text among tracks, and of every track among texts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.ranks import BLOCK
from antiphon.metrics.tiling.tile import slices

Index = NDArray[np.int64]
Float32 = NDArray[np.float32]
MOST = 10
"""Wrong answers of one query that are looked at, the highest scores first."""


def standing_above(
    queries: Float32, items: Float32, own: tuple[Index, Index], *, most: int = MOST
) -> tuple[Index, Index]:
    """Items that are not a query's own and score at least as much as its best own one; else the first behind it.

    Parameters
    ----------
    queries, items : (q, k) and (n, k); dot products are the scores.
    own : (p,) queries, ascending, and (p,) the items that are right for them.
    most : of one query.

    Returns
    -------
    (c,) queries and (c,) items, in no order.
    """
    found = [*_blocks(queries, items, own, min(most, len(items)))]
    if not found:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    return np.concatenate([rows for rows, _ in found]), np.concatenate([columns for _, columns in found])


def _blocks(queries: Float32, items: Float32, own: tuple[Index, Index], most: int) -> Iterator[tuple[Index, Index]]:
    for block in slices(len(queries), BLOCK):
        scores = queries[block] @ items.T
        low, high = np.searchsorted(own[0], [block.start, block.start + len(scores)])
        rows, columns = own[0][low:high] - block.start, own[1][low:high]
        best = np.full(len(scores), -np.inf, np.float32)
        np.maximum.at(best, rows, scores[rows, columns])
        scores[rows, columns] = -np.inf
        top = np.argpartition(-scores, most - 1, axis=1)[:, :most]
        values = np.take_along_axis(scores, top, axis=1)
        kept = (values >= best[:, None]) | (values == values.max(axis=1, keepdims=True))
        row, place = np.nonzero(kept & np.isfinite(values))
        yield (row + block.start).astype(np.int64), top[row, place].astype(np.int64)
