"""The highest value that any model can reach on these queries and items; a bound, and mostly one that can be met.

Three things keep a perfect model from 100 %:

recordings that are the same
    items with one and the same vector tie whatever the model. Where one of them is correct and w others are not, these
    stand before it: its place is w + 1 at best.
texts that are the same
    queries with one and the same text have one and the same list. Where each of them has one correct item, and these
    differ (as in protocols that count a caption's own track only), only i of these items stand in the first i places.
K
    recall@K with more than K correct items, precision@K with fewer.

The bound: of a query's correct items the j-th stands at place j + w or later, with w the j-th smallest number of wrong
items that tie with one of them; it stands before items of lower grade. Of one text no more queries have their item in
the first t places than ask for the t items asked for most among those that w lets stand there. So for every t as many
queries as any model can serve have rank t or better here: no model has a better mean of what a rank is worth, nor a
better median rank.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.graded.lists import ResultLists, ideal
from antiphon.metrics.tiling.tile import Float64


def best_lists(
    correct: Correct,
    grades: Float64,
    n_items: int,
    depth: int,
    *,
    same_item: NDArray[Any] | None = None,
    same_query: NDArray[Any] | None = None,
) -> ResultLists:
    """Result lists that no model can better; their figures are the ceilings.

    Parameters
    ----------
    correct, grades : as :func:`antiphon.metrics.graded.lists.result_lists`.
    n_items : n ≥ 1.
    depth : places of the lists.
    same_item : (n,) equal for items of one and the same vector; None where each has its own.
    same_query : (q,) equal for queries of one and the same vector; None where each has its own.
    """
    query = correct.queries
    wrong = np.zeros(len(query), np.int64) if same_item is None else _tied(correct, np.asarray(same_item))
    place = np.arange(len(query)) - correct.indptr[query] + 1 + wrong[np.lexsort((wrong, query))]
    if same_query is not None:
        place = np.maximum(place, _shared(correct, np.asarray(same_query), wrong))
    order = np.lexsort((-grades, query))
    found = np.zeros((len(correct.counts), depth))
    inside = place <= depth
    found[query[inside], place[inside] - 1] = grades[order][inside]
    return ResultLists(
        found=found,
        ideal=ideal(correct, grades, depth),
        first=place[correct.indptr[:-1]],
        n_correct=correct.counts,
        n_items=n_items,
    )


def _tied(correct: Correct, same_item: NDArray[Any]) -> Index:
    """For each correct item, how many wrong ones have its vector."""
    number = np.unique(same_item, return_inverse=True)[1].ravel()
    sizes = np.bincount(number)
    cell = correct.queries * len(sizes) + number[correct.indices]
    _, which, own = np.unique(cell, return_inverse=True, return_counts=True)
    tied: Index = sizes[number[correct.indices]] - own[which.ravel()]
    return tied


def _shared(correct: Correct, same_query: NDArray[Any], wrong: Index) -> Index:
    """For each entry the least place that queries of one text, each with a single correct item, leave to it."""
    least = np.ones(len(correct.indices), np.int64)
    entry = correct.indptr[:-1][correct.counts == 1]
    asks = np.stack([same_query[correct.counts == 1], correct.indices[entry]])
    pairs, first, which, asked = np.unique(asks, axis=1, return_index=True, return_inverse=True, return_counts=True)
    least[entry] = _places(pairs[0], wrong[entry][first], asked)[which.ravel()]
    return least


def _places(text: Index, wrong: Index, asked: Index) -> Index:
    """For each item of a text 1 + those that are asked for as often or more, and that no more wrong ones hold back."""
    place = np.empty(len(text), np.int64)
    before: dict[int, list[int]] = {}
    for i in np.lexsort((-asked, wrong, text)).tolist():
        counts = before.setdefault(int(text[i]), [])
        at = bisect_right(counts, -asked[i])
        place[i] = at + 1
        counts.insert(at, -int(asked[i]))
    return place
