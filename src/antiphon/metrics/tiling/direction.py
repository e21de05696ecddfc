"""One direction of one system: what is known of each query while tiles of scores go by."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.tiling.tile import Bool, Float32, Float64, Side, Tile, pair_scores, slices

TIE = 2.0**-23
"""Scores closer than this, times the lengths of the two vectors, are tied."""


@dataclass
class RankBounds:
    """What is known of each query while tiles go by.

    Parameters
    ----------
    decision : (q,) float64, what an item must score to stand before the query's best correct item, ties included.
    sure, possible : (q,) float32, a rough score from here on certainly does, below here certainly does not.
    own : (q,) correct items among those that do.
    worst : (q,) rank when every incorrect item stands before; the answer where ``hopeless``.
    """

    decision: Float64
    sure: Float32
    possible: Float32
    own: Index
    worst: Index
    hopeless: Bool
    above: Index = field(init=False)
    _room: Bool | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.above = np.zeros(len(self.decision), dtype=np.int64)

    @classmethod
    def between(cls, queries: Side, items: Side, correct: Correct) -> RankBounds:
        """Decide, from the correct items' scores, what counts as standing before them.

        Raises
        ------
        ValueError : a query has no correct item, or there is no such item.
        """
        _check(correct, len(queries), len(items))
        i, j = correct.queries, correct.indices
        scores = np.full(len(i), -np.inf)
        usable = queries.good[i] & items.good[j]
        scores[usable] = pair_scores(queries, items, i[usable], j[usable])
        best = np.maximum.reduceat(scores, correct.indptr[:-1]) if len(i) else np.empty(0)
        scale = queries.lengths * items.lengths.max(initial=0.0)
        decision = best - TIE * scale
        own = np.add.reduceat(scores >= decision[i], correct.indptr[:-1], dtype=np.int64) if len(i) else correct.counts
        rounding = queries.size * 2.0**-24
        margin = (1.01 * rounding / (1 - rounding) + 2.0**-22) * scale  # the last term: the bounds are float32 too
        worst = len(items) - correct.counts + 1
        sure, possible = (decision + margin).astype(np.float32), (decision - margin).astype(np.float32)
        return cls(decision, sure, possible, own, worst, np.isneginf(best))

    def count(self, tile: Tile, where: slice, *, axis: int) -> None:
        """Count a tile's items before each query; ``axis`` is the one that items lie along."""
        possible = _along(self.possible[where], axis)
        certain, open_ = self._masks(tile.rough.shape)
        np.greater_equal(tile.rough, possible, out=open_)
        few = tile.rough.size // 64
        if np.count_nonzero(open_) > few:
            np.greater_equal(tile.rough, _along(self.sure[where], axis), out=certain)
            np.not_equal(open_, certain, out=open_)
            if np.count_nonzero(open_) > few:  # a second matrix product is cheaper than so many single scores
                certain[:] = tile.exact() >= _along(self.decision[where], axis)
                open_[:] = False
            self.above[where] += count_true(certain, axis)
        self._count_open(tile, where, np.flatnonzero(open_), axis)

    def _count_open(self, tile: Tile, where: slice, cells: Index, axis: int) -> None:
        """Count those of a few cells of the tile that stand before their query, the doubtful ones in float64."""
        if not len(cells):
            return
        i, j = np.divmod(cells, tile.rough.shape[1])
        query = (i, j)[1 - axis]
        before = tile.rough[i, j] >= self.sure[where][query]
        doubtful = np.flatnonzero(~before)
        exact = tile.exact_at(i[doubtful], j[doubtful])
        before[doubtful] = exact >= self.decision[where][query[doubtful]]
        self.above[where] += np.bincount(query[before], minlength=where.stop - where.start)

    def _masks(self, shape: tuple[int, ...]) -> tuple[Bool, Bool]:
        """Two masks to write into; new ones for every tile would cost more than filling them."""
        if self._room is None or self._room.shape[1:] != shape:
            self._room = np.empty((2, *shape), dtype=np.bool_)
        return self._room[0], self._room[1]

    def ranks(self) -> Index:
        """(q,) ranks, once every tile has been counted."""
        found: Index = np.where(self.hopeless, self.worst, 1 + self.above - self.own)
        return found


def _along(values: NDArray[Any], axis: int) -> NDArray[Any]:
    return values[:, None] if axis == 1 else values[None, :]


def count_true(mask: Bool, axis: int) -> Index:
    """Number of true entries along an axis, ten times as fast as ``mask.sum(axis)``: a byte can count to 255."""
    if axis == 0:
        total = np.zeros(mask.shape[1], dtype=np.int64)
        for part in slices(len(mask), 255):
            total += np.add.reduce(mask[part].view(np.uint8), axis=0, dtype=np.uint8)
        return total
    whole = mask.shape[1] // 8 * 8
    total = np.asarray(np.sum(mask[:, whole:], axis=1, dtype=np.int64))
    for part in slices(whole, 255 * 8):  # eight bytes are added at once; none of them overflows into the next
        words = np.add.reduce(mask[:, part].view(np.uint64), axis=1)
        total += words.view(np.uint8).reshape(-1, 8).sum(axis=1, dtype=np.int64)
    return total


def _check(correct: Correct, n_queries: int, n_items: int) -> None:
    if len(correct.indptr) != n_queries + 1:
        raise ValueError(f"correct items are given for {len(correct.indptr) - 1} queries, but there are {n_queries}")
    if not correct.counts.all():
        raise ValueError(f"query {int(np.argmin(correct.counts))} has no correct item")
    if len(correct.indices) and not 0 <= correct.indices.min() <= correct.indices.max() < n_items:
        raise ValueError(f"correct items must lie in 0 … {n_items - 1}")
