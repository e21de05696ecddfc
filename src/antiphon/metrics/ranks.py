"""Exact ranks of the correct items, both directions from one blocked matrix product.

Conventions
-----------
rank
    1-based place of a query's best correct item: 1 + the number of *incorrect* items that score at least as much.
    Further correct items never push a query down.
score
    dot product of the two vectors as given (float32); cosine when they have unit length. Higher is better.
ties
    count against the query, so a model that maps everything to one point gets the worst ranks, not R@1 = 100 %.
    Two scores tie when they differ by no more than the rounding of the vectors themselves,
    2⁻²³ · |query| · |longest item| (:data:`TIE`).
not a number
    a query with a NaN or an infinity gets its worst possible rank; an item with one is ranked behind all others.

Scores are compared in float32 only where that is safe. A matrix product rounds one and the same dot product
differently from column to column and from machine to machine, by at most γ = d·2⁻²⁴ / (1 − d·2⁻²⁴) · |q| · |x|
(N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., 2002, §3.1). Scores within γ of the decision
are computed again in float64, where products of float32 numbers are exact. So ranks depend neither on the block size
nor on the machine, and equal items are equal.

Memory beyond the vectors is a few tiles of ``block²`` numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index, correct_captions, correct_tracks, one_each

__all__ = ["TIE", "Correct", "correct_captions", "correct_tracks", "count_true", "one_each", "ranks", "ranks_both_ways"]

TIE = 2.0**-23
"""Scores closer than this, times the lengths of the two vectors, are tied."""

GATHER = 1 << 16
"""Numbers gathered at once when single scores are computed again: few enough to stay in the processor's cache."""

WORTH_A_THREAD = 1 << 18
"""Scores in a tile above which the two directions are counted at the same time."""

LONGEST = 1e15
"""Vectors may not be longer, so that a score stays far within float32's range."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]


def ranks(queries: NDArray[Any], items: NDArray[Any], correct: Correct, *, block: int = 1024) -> Index:
    """Rank of each query's best correct item.

    Parameters
    ----------
    queries : (q, d) numbers, used as float32.
    items : (n, d) numbers, used as float32.
    correct : correct items of each query, at least one.
    block : queries × items compared at a time; changes speed and memory, never the result.

    Returns
    -------
    (q,) int64, 1 … n.

    Raises
    ------
    ValueError : shapes disagree, or a query has no correct item.
    """
    return _ranks(queries, items, correct, None, block)[0]


def ranks_both_ways(
    queries: NDArray[Any], items: NDArray[Any], correct: Correct, correct_back: Correct, *, block: int = 1024
) -> tuple[Index, Index]:
    """:func:`ranks` of the queries among the items and of the items among the queries, for one matrix product.

    ``correct_back`` names the correct queries of each item. Returns (q,) and (n,) int64.
    """
    there, back = _ranks(queries, items, correct, correct_back, block)
    return there, back


def _ranks(
    queries: NDArray[Any], items: NDArray[Any], correct: Correct, correct_back: Correct | None, block: int
) -> tuple[Index, Index]:
    q, x = _vectors(queries, "queries"), _vectors(items, "items")
    if q.shape[1] != x.shape[1]:
        raise ValueError(f"queries have {q.shape[1]} dimensions, items {x.shape[1]}")
    good_q, good_x = _finite_rows(q), _finite_rows(x)
    there = _Direction.of(q, x, good_q, good_x, correct)
    back = None if correct_back is None else _Direction.of(x, q, good_x, good_q, correct_back)
    room = np.empty((min(block, len(q)), min(block, len(x))), np.float32)
    with ThreadPoolExecutor(1) as other:  # numpy lets go of the interpreter lock: the two directions run side by side
        for rows in _slices(len(q), block):
            for columns in _slices(len(x), block):
                tile = _Tile(q[rows], x[columns], good_q[rows], good_x[columns], room)
                if back is None:
                    there.count(tile, rows, axis=1)
                elif tile.rough.size < WORTH_A_THREAD:
                    there.count(tile, rows, axis=1)
                    back.count(tile, columns, axis=0)
                else:
                    counted = other.submit(back.count, tile, columns, axis=0)
                    there.count(tile, rows, axis=1)
                    counted.result()
    return there.ranks(), np.empty(0, np.int64) if back is None else back.ranks()


def _vectors(values: NDArray[Any], name: str) -> Float32:
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2:
        raise ValueError(f"{name} must be a matrix, one vector a row, not of shape {array.shape}")
    return array


def _slices(n: int, block: int) -> Iterator[slice]:
    for start in range(0, n, block):
        yield slice(start, min(n, start + block))


def _finite_rows(vectors: Float32) -> Bool:
    return np.asarray(np.isfinite(vectors).all(axis=1), dtype=np.bool_)


def _lengths(vectors: Float32, good: Bool) -> Float64:
    """(n,) Euclidean lengths, 0 for rows that are not finite."""
    lengths: Float64 = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64), dtype=np.float64)
    if np.any(lengths[good] > LONGEST):
        raise ValueError(f"a vector is longer than {LONGEST:g}; scale the vectors to unit length")
    lengths[~good] = 0.0
    return lengths


class _Tile:
    """Scores of a block of queries (rows) against a block of items (columns)."""

    def __init__(self, q: Float32, x: Float32, good_q: Bool, good_x: Bool, room: Float32) -> None:
        self._q, self._x, self._good_q, self._good_x = q, x, good_q, good_x
        self._float64: Float64 | None = None
        with np.errstate(invalid="ignore", over="ignore"):
            self.rough: Float32 = np.matmul(q, x.T, out=room[: len(q), : len(x)])
        self._hide(self.rough)

    def _hide(self, scores: NDArray[Any]) -> None:
        """Put what is not finite behind everything else."""
        if not self._good_q.all():
            scores[~self._good_q] = -np.inf
        if not self._good_x.all():
            scores[:, ~self._good_x] = -np.inf

    def exact(self) -> Float64:
        """All scores in float64."""
        if self._float64 is None:
            with np.errstate(invalid="ignore", over="ignore"):
                self._float64 = self._q.astype(np.float64) @ self._x.astype(np.float64).T
            self._hide(self._float64)
        return self._float64

    def exact_at(self, i: Index, j: Index) -> Float64:
        """Single scores in float64."""
        return _pair_scores(self._q, self._x, i, j)


def _pair_scores(q: Float32, x: Float32, i: Index, j: Index) -> Float64:
    scores = np.empty(len(i))
    for part in _slices(len(i), max(1, GATHER // max(1, q.shape[1]))):
        scores[part] = np.einsum("ij,ij->i", q[i[part]], x[j[part]], dtype=np.float64)
    return scores


@dataclass
class _Direction:
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
    def of(cls, q: Float32, x: Float32, good_q: Bool, good_x: Bool, correct: Correct) -> _Direction:
        """Decide, from the correct items' scores, what counts as standing before them."""
        _check(correct, len(q), len(x))
        i, j = correct.queries, correct.indices
        scores = np.full(len(i), -np.inf)
        usable = good_q[i] & good_x[j]
        scores[usable] = _pair_scores(q, x, i[usable], j[usable])
        best = np.maximum.reduceat(scores, correct.indptr[:-1]) if len(i) else np.empty(0)
        scale = _lengths(q, good_q) * _lengths(x, good_x).max(initial=0.0)
        decision = best - TIE * scale
        own = np.add.reduceat(scores >= decision[i], correct.indptr[:-1], dtype=np.int64) if len(i) else correct.counts
        rounding = q.shape[1] * 2.0**-24
        margin = (1.01 * rounding / (1 - rounding) + 2.0**-22) * scale  # the last term: the bounds are float32 too
        worst = len(x) - correct.counts + 1
        sure, possible = (decision + margin).astype(np.float32), (decision - margin).astype(np.float32)
        return cls(decision, sure, possible, own, worst, np.isneginf(best))

    def count(self, tile: _Tile, where: slice, *, axis: int) -> None:
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

    def _count_open(self, tile: _Tile, where: slice, cells: Index, axis: int) -> None:
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
        for part in _slices(len(mask), 255):
            total += np.add.reduce(mask[part].view(np.uint8), axis=0, dtype=np.uint8)
        return total
    whole = mask.shape[1] // 8 * 8
    total = np.asarray(np.sum(mask[:, whole:], axis=1, dtype=np.int64))
    for part in _slices(whole, 255 * 8):  # eight bytes are added at once; none of them overflows into the next
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
