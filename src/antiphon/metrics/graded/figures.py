"""Figures of result lists: what each query gives to the mean.

With c correct items of a query, and at place i a correct item or none (``rel`` 1 or 0, ``grade`` its grade or 0):

success@K
    100 where one of the first K places has a correct item. It is R@K of papers on text and music, where R@K counts a
    query as found or not found.
recall@K
    100 · Σ rel / c over the first K: the share of the query's correct items that was found. It equals success@K only
    where every query has one correct item.
precision@K
    100 · Σ rel / K.
mAP@K
    mean of Σ_{i≤K} rel_i · precision@i / c, 0 … 1: trec_eval's ``map_cut``, ir-measures' ``AP@K``, ranx' ``map@K``.
    (Others divide by min(c, K), or by how many were found.)
nDCG@K
    Σ_{i≤K} grade_i / log₂(i + 1), divided by the same of the best possible list, 0 … 1: trec_eval's ``ndcg_cut`` (K.
    Järvelin and J. Kekäläinen, ACM TOIS 20, 2002). Its gain is linear.
nDCG_exp@K
    the same with the exponential gain 2^grade − 1 (C. Burges et al., ICML 2005; ranx' ``ndcg_burges``). Where every
    grade is 1 the two are one.
mean_rank
    mean of the 1-based rank of the first correct item; a few lost queries decide it, unlike MRR and median rank.
MRR
    mean of its reciprocal, 0 … 1: the MRR of :mod:`antiphon.metrics.figures`, here for its ceiling.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from antiphon.metrics.graded.lists import ResultLists
from antiphon.metrics.tiling.tile import Float64

Gain = Callable[[Float64], Float64]

GAINS: dict[str, Gain] = {"nDCG": lambda grade: grade, "nDCG_exp": lambda grade: np.exp2(grade) - 1.0}
"""Figure → what a grade is worth in it."""
AT_K = ("success", "recall", "precision", "mAP", *GAINS)


def keys(ks: Sequence[int]) -> tuple[str, ...]:
    """Names of all figures, in their order."""
    return ("mean_rank", "MRR", *(f"{name}@{k}" for name in AT_K for k in ks))


def discounts(k: int) -> Float64:
    """(k,) what an item's gain is worth at each place: 1 / log₂(i + 1)."""
    return np.asarray(1.0 / np.log2(np.arange(2, k + 2)))


def per_query(lists: ResultLists, ks: Sequence[int]) -> dict[str, Float64]:
    """What each query gives to each figure, ``{"mean_rank": (q,), "MRR": (q,), "success@1": (q,), …}``.

    Parameters
    ----------
    lists : of at least max(ks) places, or of as many as there are items.
    ks : K of each figure, ≥ 1.
    """
    found: dict[str, Float64] = {"mean_rank": lists.first.astype(np.float64), "MRR": 1.0 / lists.first}
    return found | {f"{name}@{k}": _of(name, lists, k) for name in AT_K for k in ks}


def _of(name: str, lists: ResultLists, k: int) -> Float64:
    right = lists.found[:, :k] > 0
    hits = right.sum(axis=1)
    if name == "success":
        return np.where(hits > 0, 100.0, 0.0)
    if name == "recall":
        return np.asarray(100.0 * hits / lists.n_correct)
    if name == "precision":
        return np.asarray(100.0 * hits / k)
    if name == "mAP":
        precision = np.cumsum(right, axis=1) / np.arange(1, right.shape[1] + 1)
        return np.asarray((precision * right).sum(axis=1) / lists.n_correct)
    return dcg(lists.found, k, GAINS[name]) / dcg(lists.ideal, k, GAINS[name])


def dcg(grades: Float64, k: int, gain: Gain) -> Float64:
    """(q,) discounted cumulative gain of the first k places of (q, K) grades."""
    return np.asarray(gain(grades[:, :k]) @ discounts(min(k, grades.shape[1])))
