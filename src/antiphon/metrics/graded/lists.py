"""What stands in the first places of each query's result list.

Conventions
-----------
grade
    how good an answer an item is, above 0; 1 where nobody graded. An item without a grade is wrong.
place
    1-based place of an item in the list. Ties count against the query: a wrong item that scores as much as a correct
    one stands before it, and of correct items that score the same the one of lower grade stands first. So the first
    correct item stands at the query's rank (:mod:`antiphon.metrics.ranks`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.nearest.answers import Best, correct_scores
from antiphon.metrics.tiling.direction import TIE
from antiphon.metrics.tiling.tile import Float64, slices

COMPARED = 1 << 22
"""Scores of wrong items that are compared with correct ones at a time."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ResultLists:
    """The first K places of each query.

    Parameters
    ----------
    found : (q, K) float64, the grade of the item at each place; 0 for a wrong one.
    ideal : (q, K) float64, the same of the best possible list: the query's grades, falling.
    first : (q,) int64, rank of the first correct item, within the list or beyond it.
    n_correct : (q,) int64, correct items of each query, ≥ 1.
    n_items : items that are ranked.
    """

    found: Float64
    ideal: Float64
    first: Index
    n_correct: Index
    n_items: int

    def __len__(self) -> int:
        return len(self.found)


def result_lists(
    queries: NDArray[Any],
    items: NDArray[Any],
    correct: Correct,
    wrong: Best,
    ranks: Index,
    grades: Float64 | None = None,
) -> ResultLists:
    """Result lists of queries in a shared space.

    Parameters
    ----------
    queries : (q, d) numbers, used as float32.
    items : (n, d) numbers, used as float32.
    correct : correct items of each query, at least one.
    wrong : the best K wrong items of each query (:func:`antiphon.metrics.nearest.answers.best_wrong`).
    ranks : (q,) of the first correct item (:func:`antiphon.metrics.ranks.ranks`).
    grades : (len(correct.indices),) of each correct item, above 0; None for 1 each.
    """
    return lists_from_scores(
        correct,
        np.ones(len(correct.indices)) if grades is None else grades,
        correct_scores(queries, items, correct),
        wrong.scores,
        tie=ties(queries, items),
        unscored=len(items) - correct.counts,
        ranks=ranks,
        n_items=len(items),
    )


def ties(queries: NDArray[Any], items: NDArray[Any]) -> Float64:
    """(q,) scores of each query that differ by no more are tied, as :mod:`antiphon.metrics.ranks` has it."""
    lengths, scale = (np.sqrt(np.einsum("ij,ij->i", side, side, dtype=np.float64)) for side in (items, queries))
    longest = lengths[np.isfinite(lengths)].max(initial=0.0)
    return np.where(np.isfinite(scale), TIE * scale * longest, 0.0)


def lists_from_scores(
    correct: Correct,
    grades: Float64,
    scores: Float64,
    wrong: Float64,
    *,
    tie: Float64,
    unscored: Index,
    n_items: int,
    ranks: Index | None = None,
) -> ResultLists:
    """Result lists from scores that are known.

    Parameters
    ----------
    correct : correct items of each query, at least one.
    grades, scores : (len(correct.indices),) of each of them; minus infinity without a score.
    wrong : (q, K) scores of the best wrong items of each query; minus infinity where there are no more.
    tie : (q,) scores that differ by no more are tied.
    unscored : (q,) wrong items that stand before a correct one without a score.
    n_items : items that are ranked.
    ranks : (q,) of the first correct item, where they are known already.
    """
    depth, query = wrong.shape[1], correct.queries
    order, place = places(correct, grades, scores, wrong, tie=tie, unscored=unscored)
    found = np.zeros(wrong.shape)
    inside = place <= depth
    found[query[inside], place[inside] - 1] = grades[order][inside]
    first = place[correct.indptr[:-1]] if ranks is None else ranks
    return ResultLists(
        found=found, ideal=ideal(correct, grades, depth), first=first, n_correct=correct.counts, n_items=n_items
    )


def places(
    correct: Correct, grades: Float64, scores: Float64, wrong: Float64, *, tie: Float64, unscored: Index
) -> tuple[Index, Index]:
    """Where the correct items stand; parameters as :func:`lists_from_scores`.

    Returns
    -------
    (len(correct.indices),) entries in the order of their places, query by query, and these places; those beyond the K
    wrong items are too low.
    """
    query = correct.queries
    order, level = _order(correct, grades, scores)
    ahead = np.where(np.isneginf(level), unscored[query], _ahead(wrong, level - tie[query], query))
    return order, 1 + ahead + np.arange(len(query)) - correct.indptr[query]


def _order(correct: Correct, grades: Float64, scores: Float64) -> tuple[Index, Float64]:
    """Correct items of each query in the order of their places, and the score by which each of them is placed.

    Those that score the same to float32's precision share the best score among them, as the ranks do.
    """
    query, rough = correct.queries, scores.astype(np.float32)
    order = np.lexsort((grades, -rough, query))
    new = np.ones(len(order), np.bool_)
    new[1:] = (rough[order][1:] != rough[order][:-1]) | (query[1:] != query[:-1])
    if not len(order):
        return order, scores
    level = np.maximum.reduceat(scores[order], np.flatnonzero(new))[np.cumsum(new) - 1]
    return order, level


def _ahead(wrong: Float64, least: Float64, query: Index) -> Index:
    """How many of a query's best wrong items score no less than this, for each entry."""
    ahead = np.empty(len(query), np.int64)
    for some in slices(len(query), max(1, COMPARED // max(1, wrong.shape[1]))):
        with np.errstate(invalid="ignore"):
            ahead[some] = np.count_nonzero(
                (wrong[query[some]] >= least[some, None]) & (wrong[query[some]] > -np.inf), axis=1
            )
    return ahead


def ideal(correct: Correct, grades: Float64, depth: int) -> Float64:
    """(q, depth) grades of each query's correct items, falling; 0 where there are no more."""
    query = correct.queries
    order = np.lexsort((-grades, query))
    place = np.arange(len(query)) - correct.indptr[query]
    found = np.zeros((len(correct.counts), depth))
    inside = place < depth
    found[query[inside], place[inside]] = grades[order][inside]
    return found
