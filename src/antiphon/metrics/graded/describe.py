"""Every figure of result lists with its chance level, its ceiling and its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics import retrieval
from antiphon.metrics.bootstrap import Range, interval_of_median, intervals_of_means
from antiphon.metrics.correct import Correct
from antiphon.metrics.figures import PERCENT
from antiphon.metrics.graded.ceiling import best_lists
from antiphon.metrics.graded.chance import chance
from antiphon.metrics.graded.figures import per_query
from antiphon.metrics.graded.lists import ResultLists
from antiphon.metrics.resampling import Ways
from antiphon.metrics.tiling.tile import Float64

MEDIAN = "median_rank"


def describe_lists(
    lists: ResultLists,
    correct: Correct,
    grades: Float64,
    ks: Sequence[int],
    *,
    clusters: Ways,
    same_item: NDArray[Any] | None = None,
    same_query: NDArray[Any] | None = None,
    resamples: int = 0,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Figures of one direction.

    Parameters
    ----------
    lists : of at least max(ks) places, or of as many as there are items.
    correct, grades : what they were made of.
    ks : K of each figure, ≥ 1.
    clusters : ways in which queries depend on one another (:func:`antiphon.metrics.retrieval.query_clusters`).
    same_item, same_query : as :func:`antiphon.metrics.graded.ceiling.best_lists`.
    resamples, seed : of the bootstrap; 0 leaves ``ci95`` out.

    Returns
    -------
    ``{"median_rank": {"value", "chance", "ceiling", "ci95": [low, high]}, "mean_rank": …, "success@1": …}``;
    ``ceiling`` is the best value that any model can reach (the lowest of ``median_rank`` and ``mean_rank``).
    """
    values = per_query(lists, ks)
    most = best_lists(correct, grades, lists.n_items, lists.found.shape[1], same_item=same_item, same_query=same_query)
    by_chance, ceilings = chance(correct, grades, lists.n_items, ks), per_query(most, ks)
    found: dict[str, dict[str, Any]] = {MEDIAN: _medians(lists, most)}
    found |= {
        key: {"value": float(own.mean()), "chance": by_chance[key], "ceiling": float(ceilings[key].mean())}
        for key, own in values.items()
    }
    if resamples:
        ranges = {key: _range(key, lists.n_items) for key in values}
        ends = intervals_of_means(values, clusters, ranges, resamples=resamples, seed=seed)
        ends[MEDIAN] = interval_of_median(lists.first, clusters, resamples=resamples, seed=seed)
        for key, own in found.items():
            own["ci95"] = ends[key]
    return found


def _medians(lists: ResultLists, most: ResultLists) -> dict[str, Any]:
    """The one figure that is no mean; its ceiling is the median of the best possible ranks."""
    by_chance = retrieval.chance(lists.n_items, lists.n_correct)[MEDIAN]
    return {"value": float(np.median(lists.first)), "chance": by_chance, "ceiling": float(np.median(most.first))}


def _range(key: str, n_items: int) -> Range:
    """Least and greatest value that a query can have."""
    if key == "mean_rank":
        return 1.0, float(max(2, n_items))
    return 0.0, 100.0 if key.split("@")[0] in PERCENT else 1.0
