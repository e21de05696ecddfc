"""Scores of a block of queries against a block of items, roughly in float32 and exactly where that is asked for.

A *system* is some columns of both sides' vectors: its score is the sum of the products of these columns. Systems that
share columns share their products. However such a sum is ordered, float32 rounds it by no more than one product of all
the columns (Higham, §3.1 and §4.2), so a rough score is as good as one from a system's own vectors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Index

GATHER = 1 << 16
"""Numbers gathered at once when single scores are computed again: few enough to stay in the processor's cache."""

LONGEST = 1e15
"""Vectors may not be longer, so that a score stays far within float32's range."""

Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Bool = NDArray[np.bool_]
Columns = tuple[range, ...]
"""Of a system: ranges of step 1 that do not overlap."""


def slices(n: int, block: int) -> Iterator[slice]:
    """0 … n in pieces of ``block``."""
    for start in range(0, n, block):
        yield slice(start, min(n, start + block))


@dataclass(frozen=True, eq=False)
class Side:
    """Queries or items as one system sees them.

    Parameters
    ----------
    parts : (n, ·) float32 each, the system's columns.
    good : (n,) whether all their numbers are finite.
    """

    parts: tuple[Float32, ...]
    good: Bool

    @classmethod
    def of_columns(cls, vectors: Float32, columns: Columns) -> Side:
        """Those columns of (n, d) vectors; nothing is copied."""
        parts = tuple(vectors[:, own.start : own.stop] for own in columns)
        return cls(parts, np.logical_and.reduce([np.isfinite(part).all(axis=1) for part in parts]))

    def __len__(self) -> int:
        return len(self.good)

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return sum(part.shape[1] for part in self.parts)

    def rows(self, rows: slice) -> Side:
        """Some of them."""
        return Side(tuple(part[rows] for part in self.parts), self.good[rows])

    @cached_property
    def lengths(self) -> Float64:
        """(n,) Euclidean lengths, 0 for rows that are not finite.

        Raises
        ------
        ValueError : one is longer than :data:`LONGEST`.
        """
        squares = [np.einsum("ij,ij->i", part, part, dtype=np.float64) for part in self.parts]
        lengths: Float64 = np.sqrt(reduce(np.add, squares), dtype=np.float64)
        if np.any(lengths[self.good] > LONGEST):
            raise ValueError(f"a vector is longer than {LONGEST:g}; scale the vectors to unit length")
        lengths[~self.good] = 0.0
        return lengths


def pair_scores(queries: Side, items: Side, i: Index, j: Index) -> Float64:
    """Float64 scores of single pairs: query ``i[k]`` and item ``j[k]``."""
    scores = np.zeros(len(i))
    for one, other in zip(queries.parts, items.parts, strict=True):
        for some in slices(len(i), max(1, GATHER // max(1, one.shape[1]))):
            scores[some] += np.einsum("ij,ij->i", one[i[some]], other[j[some]], dtype=np.float64)
    return scores


class Products:
    """Products of a block of queries and a block of items, of each range of columns once.

    Parameters
    ----------
    columns : of all systems.
    shape : of the largest block.
    """

    def __init__(self, columns: Iterable[Columns], shape: tuple[int, int]) -> None:
        self._rooms = {part: np.empty(shape, np.float32) for own in columns for part in own}
        self._sum = np.empty(shape, np.float32)
        self._found: dict[range, Float32] = {}

    def multiply(self, queries: Float32, items: Float32) -> None:
        """Take the next block of both sides' whole vectors in place of the last one."""
        m, n = len(queries), len(items)
        with np.errstate(invalid="ignore", over="ignore"):
            for part, room in self._rooms.items():
                own = slice(part.start, part.stop)
                self._found[part] = np.matmul(queries[:, own], items[:, own].T, out=room[:m, :n])

    def scores(self, columns: Columns) -> Float32:
        """A system's rough scores; to be read only, and only until the next call."""
        first, *others = (self._found[part] for part in columns)
        if not others:
            return first
        room = self._sum[: first.shape[0], : first.shape[1]]
        with np.errstate(invalid="ignore", over="ignore"):
            np.add(first, others[0], out=room)
            for other in others[1:]:
                room += other
        return room


class Tile:
    """A system's scores of a block of queries (rows) against a block of items (columns).

    Parameters
    ----------
    rough : float32 scores, left as they are.
    """

    def __init__(self, queries: Side, items: Side, rough: Float32) -> None:
        self._queries, self._items = queries, items
        self._float64: Float64 | None = None
        self.rough = rough if queries.good.all() and items.good.all() else self._hidden(rough.copy())

    def _hidden(self, scores: NDArray[Any]) -> NDArray[Any]:
        """Put what is not finite behind everything else."""
        scores[~self._queries.good] = -np.inf
        scores[:, ~self._items.good] = -np.inf
        return scores

    def exact(self) -> Float64:
        """All scores in float64."""
        if self._float64 is None:
            pairs = zip(self._queries.parts, self._items.parts, strict=True)
            with np.errstate(invalid="ignore", over="ignore"):
                products = [one.astype(np.float64) @ other.astype(np.float64).T for one, other in pairs]
                self._float64 = self._hidden(reduce(np.add, products))
        return self._float64

    def exact_at(self, i: Index, j: Index) -> Float64:
        """Single scores in float64."""
        return pair_scores(self._queries, self._items, i, j)
