"""Exact ranks of the correct items, both directions, and several systems, from one blocked matrix product.

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

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index, correct_captions, correct_tracks, one_each
from antiphon.metrics.tiling.ahead import products_in_order
from antiphon.metrics.tiling.direction import TIE, RankBounds, count_true
from antiphon.metrics.tiling.tile import Columns, Float32, Side, Tile

__all__ = [
    "BLOCK",
    "TIE",
    "Columns",
    "Correct",
    "Watch",
    "correct_captions",
    "correct_tracks",
    "count_true",
    "one_each",
    "ranks",
    "ranks_both_ways",
    "ranks_of_systems",
]

BLOCK = 1024
"""Queries, and items, that are compared at a time unless it is said otherwise."""

WORTH_A_THREAD = 1 << 18
"""Scores in a tile above which the two directions are counted at the same time."""

Watch = Callable[[slice, slice, Float32], None]
"""Is shown the queries (rows), the items (columns) and the rough scores of every tile; these are not to be changed."""


def ranks(queries: NDArray[Any], items: NDArray[Any], correct: Correct, *, block: int = BLOCK) -> Index:
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
    q, x = _sides(queries, items)
    system = _System.of_columns(q, x, (range(q.shape[1]),), correct, None)
    _count(q, x, [system], block)
    return system.there.ranks()


def ranks_both_ways(
    queries: NDArray[Any], items: NDArray[Any], correct: Correct, correct_back: Correct, *, block: int = BLOCK
) -> tuple[Index, Index]:
    """:func:`ranks` of the queries among the items and of the items among the queries, for one matrix product.

    ``correct_back`` names the correct queries of each item. Returns (q,) and (n,) int64.
    """
    whole = {"": (range(np.shape(queries)[-1]),)}
    return ranks_of_systems(queries, items, correct, correct_back, whole, block=block)[""]


def ranks_of_systems(
    queries: NDArray[Any],
    items: NDArray[Any],
    correct: Correct,
    correct_back: Correct,
    systems: Mapping[str, Columns],
    *,
    watch: Mapping[str, Watch] | None = None,
    block: int = BLOCK,
) -> dict[str, tuple[Index, Index]]:
    """:func:`ranks_both_ways` of several systems, each of them some columns of the vectors.

    Parameters
    ----------
    systems : name → ranges of columns; ranges that several systems name alike are multiplied once for all.
    watch : name of a system → who wants to see its scores, tile by tile, from the first rows to the last.

    Returns
    -------
    Name → the ranks that ``ranks_both_ways`` gives for these columns alone.
    """
    q, x = _sides(queries, items)
    found = {
        name: _System.of_columns(q, x, columns, correct, correct_back, (watch or {}).get(name))
        for name, columns in systems.items()
    }
    _count(q, x, list(found.values()), block)
    return {name: (system.there.ranks(), system.back.ranks()) for name, system in found.items() if system.back}


def _sides(queries: NDArray[Any], items: NDArray[Any]) -> tuple[Float32, Float32]:
    q, x = _vectors(queries, "queries"), _vectors(items, "items")
    if q.shape[1] != x.shape[1]:
        raise ValueError(f"queries have {q.shape[1]} dimensions, items {x.shape[1]}")
    return q, x


def _vectors(values: NDArray[Any], name: str) -> Float32:
    array = np.asarray(values, dtype=np.float32)
    if array.ndim != 2:
        raise ValueError(f"{name} must be a matrix, one vector a row, not of shape {array.shape}")
    return array


@dataclass(frozen=True, eq=False)
class _System:
    """One system while tiles go by; without ``back`` only the queries are ranked."""

    columns: Columns
    queries: Side
    items: Side
    there: RankBounds
    back: RankBounds | None
    watch: Watch | None

    @classmethod
    def of_columns(
        cls,
        q: Float32,
        x: Float32,
        columns: Columns,
        correct: Correct,
        correct_back: Correct | None,
        watch: Watch | None = None,
    ) -> _System:
        queries, items = Side.of_columns(q, columns), Side.of_columns(x, columns)
        there = RankBounds.between(queries, items, correct)
        back = None if correct_back is None else RankBounds.between(items, queries, correct_back)
        return cls(columns, queries, items, there, back, watch)

    def count(self, rough: Float32, rows: slice, columns: slice, other: ThreadPoolExecutor) -> None:
        """Take in one tile; the second direction may be counted by the ``other`` thread."""
        if self.watch is not None:
            self.watch(rows, columns, rough)
        tile = Tile(self.queries.rows(rows), self.items.rows(columns), rough)
        if self.back is None:
            self.there.count(tile, rows, axis=1)
        elif rough.size < WORTH_A_THREAD:
            self.there.count(tile, rows, axis=1)
            self.back.count(tile, columns, axis=0)
        else:
            counted = other.submit(self.back.count, tile, columns, axis=0)
            self.there.count(tile, rows, axis=1)
            counted.result()


def _count(q: Float32, x: Float32, systems: list[_System], block: int) -> None:
    tiles = products_in_order(q, x, [system.columns for system in systems], block)
    with ThreadPoolExecutor(1) as other:  # numpy lets go of the interpreter lock: the two directions run side by side
        for rows, columns, products in tiles:
            for system in systems:
                system.count(products.scores(system.columns), rows, columns, other)
