"""The best correct and the best wrong items of every query, exactly, without all scores at once.

Conventions
-----------
score
    dot product in float64 of the vectors as float32. Items are ordered by it as far as float32 goes; of those that
    score the same to that, the item that stands first.
not a number
    an item with a NaN or an infinity is never among the best; a query with one has none.

Candidates are found in float32, some more than are asked for. Their exact scores then prove that no other item can
belong among the best (Higham's bound on rounding, as in :mod:`antiphon.metrics.ranks`); the few queries where they do
not are looked at again in float64. So neither the block size nor the machine changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.nearest.wrong_items import WrongItems
from antiphon.metrics.ranks import BLOCK
from antiphon.metrics.tiling.ahead import products_in_order
from antiphon.metrics.tiling.tile import Float32, Float64, Side, Tile, pair_scores, slices

SPARE = 16
"""Candidates beyond those that are asked for, so that the exact scores of the last prove the first."""


class Best(NamedTuple):
    """Items of each query, the best first.

    Parameters
    ----------
    items : (q, k) int64 item numbers; −1 where there are no more.
    scores : (q, k) float64, falling; minus infinity there.
    """

    items: Index
    scores: Float64


def best_correct(queries: NDArray[Any], items: NDArray[Any], correct: Correct) -> Best:
    """Each query's best correct item: ``items`` and ``scores`` are (q, 1).

    Parameters
    ----------
    queries : (q, d) numbers, used as float32.
    items : (n, d) numbers, used as float32.
    correct : correct items of each query, at least one.
    """
    scores = correct_scores(queries, items, correct)
    order = np.lexsort((correct.indices, -scores.astype(np.float32), correct.queries))[correct.indptr[:-1]]
    best = scores[order]
    return Best(np.where(np.isneginf(best), -1, correct.indices[order])[:, None], best[:, None])


def correct_scores(queries: NDArray[Any], items: NDArray[Any], correct: Correct) -> Float64:
    """(len(correct.indices),) score of each query with each of its correct items; minus infinity where not finite."""
    q, x = _side(queries), _side(items)
    i, j = correct.queries, correct.indices
    scores = np.full(len(i), -np.inf)
    usable = q.good[i] & x.good[j]
    scores[usable] = pair_scores(q, x, i[usable], j[usable])
    return scores


def best_wrong(queries: NDArray[Any], items: NDArray[Any], correct: Correct, *, k: int = 1, block: int = BLOCK) -> Best:
    """The k best wrong items of each query.

    Parameters
    ----------
    queries, items, correct, block : as :func:`antiphon.metrics.ranks.ranks`.
    k : items that are asked for, ≥ 1.

    Returns
    -------
    (q, k). Memory beyond that is some tiles, and 8 · (k + 16) bytes for each query.
    """
    q, x = _side(queries), _side(items)
    found = WrongItems(correct, min(k + SPARE, len(x)))
    for rows, columns, rough in _tiles(q, x, block):
        found.take(rough, rows, columns)
    return _exact(q, x, found, correct, k, block)


def best_wrong_both_ways(
    queries: NDArray[Any],
    items: NDArray[Any],
    correct: Correct,
    correct_back: Correct,
    *,
    k: int = 1,
    block: int = BLOCK,
) -> tuple[Best, Best]:
    """:func:`best_wrong` of the queries among the items and of the items among the queries, for one matrix product.

    ``correct_back`` names the correct queries of each item. Returns (q, k) and (n, k).
    """
    q, x = _side(queries), _side(items)
    there, back = WrongItems(correct, min(k + SPARE, len(x))), WrongItems(correct_back, min(k + SPARE, len(q)))
    for rows, columns, rough in _tiles(q, x, block):
        there.take(rough, rows, columns)
        back.take(rough.T, columns, rows)
    return _exact(q, x, there, correct, k, block), _exact(x, q, back, correct_back, k, block)


def _tiles(q: Side, x: Side, block: int) -> Iterator[tuple[slice, slice, Float32]]:
    """Rows, columns and rough scores of every tile; what is not finite stands behind everything else."""
    whole = (range(q.size),)
    for rows, columns, products in products_in_order(q.parts[0], x.parts[0], [whole], block):
        yield rows, columns, Tile(q.rows(rows), x.rows(columns), products.scores(whole)).rough


def _side(vectors: NDArray[Any]) -> Side:
    array = np.asarray(vectors, np.float32)
    return Side.of_columns(array, (range(array.shape[1]),))


def _exact(queries: Side, items: Side, found: WrongItems, correct: Correct, k: int, block: int) -> Best:
    """The first k of the candidates by their exact scores, and of the queries where these prove too little, anew."""
    least = found.scores[:, -1].astype(np.float64)
    best = _scored(queries, items, found.items.astype(np.int64), k)
    if found.items.shape[1] < len(items):
        full = found.items[:, -1] >= 0
        proven = ~full | (best.scores[:, -1] > least + _rounding(queries, items))
        _anew(queries, items, correct, best, np.flatnonzero(~proven), block)
    return best


def _scored(queries: Side, items: Side, candidates: Index, k: int) -> Best:
    """The first k of some items (−1 for none) of each query, by exact scores; short rows are filled up."""
    row, place = np.nonzero(candidates >= 0)
    scores = np.full(candidates.shape, -np.inf)
    scores[row, place] = pair_scores(queries, items, row, candidates[row, place])
    order = np.lexsort((candidates, -scores.astype(np.float32)), axis=1)[:, :k]
    missing = ((0, 0), (0, k - order.shape[1]))
    return Best(
        np.pad(np.take_along_axis(candidates, order, 1), missing, constant_values=-1),
        np.pad(np.take_along_axis(scores, order, 1), missing, constant_values=-np.inf),
    )


def _rounding(queries: Side, items: Side) -> NDArray[np.float64]:
    """(q,) by how much float32 scores of each query may be off, at most."""
    rounding = queries.size * 2.0**-24
    scale = queries.lengths * items.lengths.max(initial=0.0)
    return np.asarray((1.01 * rounding / (1 - rounding) + 2.0**-22) * scale)


def _anew(queries: Side, items: Side, correct: Correct, best: Best, doubtful: Index, block: int) -> None:
    """Put right what float32 left open, by all scores of these queries in float64."""
    for some in slices(len(doubtful), block):
        rows = doubtful[some]
        asked = np.zeros(len(queries), np.bool_)
        asked[rows] = True
        own = Side(tuple(part[rows] for part in queries.parts), queries.good[rows])
        found = WrongItems(correct.of_queries(asked), best.items.shape[1])
        for columns in slices(len(items), block):
            theirs = items.rows(columns)
            tile = Tile(own, theirs, np.zeros((len(own), len(theirs)), np.float32))
            found.take(tile.exact().astype(np.float32), slice(0, len(rows)), columns)
        best.items[rows], best.scores[rows] = _scored(own, items, found.items.astype(np.int64), best.items.shape[1])
