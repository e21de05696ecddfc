"""How sure a figure is: its interval. Paired tests are in :mod:`antiphon.metrics.significance`.

Conventions
-----------
cluster
    queries that are not independent: the captions of one track, the tracks of one artist. Clusters, not queries, are
    drawn with replacement. Queries may depend in more than one way (captions share a track, and captions of different
    tracks share a text); each way is a clustering of its own, and the widest interval or largest p value is given.
interval of R@K
    Wilson's score interval with the effective number of independent queries: the number at which a simple share would
    vary as much as this one does between clusters. Unlike a bootstrap it does not shrink to nothing when no query, or
    every query, is a hit. E. B. Wilson, J. Am. Stat. Assoc. 22, 1927; E. L. Korn and B. I. Graubard, Survey
    Methodology 24, 1998.
interval of MRR and median rank
    percentile bootstrap over clusters, its quantiles widened as a t interval would be for so few clusters. T. C.
    Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69, 2015. So are those of
    other means over queries. Where all queries have one value resampling shows no spread: then Wilson's share of
    queries has it, and others may have any value there is.
one cluster
    there is nothing to resample, so there is no interval: both ends are None (shares keep Wilson's, of one
    observation).
many clusters
    from :data:`MANY` on, resampling is left for what it converges to: the normal limit with the clusters' own spread
    for means and p values, and for the median the ranks at the ends of that interval around a half (R. S. Woodruff,
    J. Am. Stat. Assoc. 47, 1952).

Everything is a function of its arguments, the seed included.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.figures import MEANS, hits, per_query
from antiphon.metrics.resampling import (
    MANY,
    Ends,
    Float64,
    Index,
    Ways,
    drawn,
    ends_of_means,
    expanded_quantiles,
    numbered_ways,
    standard_error,
    wider,
)

Range = tuple[float, float]
PERCENT, SHARE = (0.0, 100.0), (0.0, 1.0)


def intervals(
    ranks: NDArray[Any],
    clusters: Ways,
    *,
    ks: Iterable[int] = (),
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Ends]:
    """Interval of every figure that :func:`antiphon.metrics.retrieval.summarise` gives.

    Parameters
    ----------
    ranks : (q,) 1-based ranks.
    clusters : one or more ways to cluster the queries, each (q,) with equal values for dependent queries.
    ks : further K of R@K.
    confidence : 0 … 1.
    resamples : bootstrap resamples, ≥ 1.
    seed : of the resampling.

    Returns
    -------
    ``{"R@1": [low, high], …, "MRR": …, "median_rank": …}``; R@K in percent; [None, None] for one cluster.

    Raises
    ------
    ValueError : no ranks, no clustering, or one of another length.
    """
    found, ways = np.asarray(ranks), list(clusters)
    ranges = dict.fromkeys(hits(ks), PERCENT) | dict.fromkeys(MEANS, SHARE)
    result = intervals_of_means(
        per_query(found, ks), ways, ranges, confidence=confidence, resamples=resamples, seed=seed
    )
    median = interval_of_median(found, ways, confidence=confidence, resamples=resamples, seed=seed)
    return {**result, "median_rank": median}


def interval_of_median(
    ranks: NDArray[Any], clusters: Ways, *, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> Ends:
    """Interval of the median rank; parameters and errors as :func:`intervals`."""
    ends: Ends | None = None
    for labels in numbered_ways(clusters, len(ranks)):
        ends = wider(ends, _of_median(ranks, labels, confidence, resamples, seed))
    assert ends is not None  # numbered_ways refuses to have no way
    return ends


def intervals_of_means(
    values: Mapping[str, Float64],
    clusters: Ways,
    ranges: Mapping[str, Range],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Ends]:
    """Interval of the mean of each figure, whatever a query can give to it.

    Parameters
    ----------
    values : figure → (q,) what each query gives to it.
    ranges : figure → least and greatest value that a query can give. Figures of these two alone are shares.
    clusters, confidence, resamples, seed : as :func:`intervals`.

    Returns
    -------
    Figure → [low, high]; [None, None] for one cluster, but of shares.
    """
    n = len(next(iter(values.values())))
    result: dict[str, Ends] = {}
    for labels in numbered_ways(clusters, n):
        mine = _of_one_way(values, labels, ranges, confidence, resamples, seed)
        result = {key: wider(result.get(key), ends) for key, ends in mine.items()}
    return result


def _of_one_way(
    values: Mapping[str, Float64],
    labels: Index,
    ranges: Mapping[str, Range],
    confidence: float,
    resamples: int,
    seed: int,
) -> dict[str, Ends]:
    found: dict[str, Ends] = {}
    for key, own in values.items():
        low, high = ranges[key]
        if np.isin(own, (low, high)).all():
            found[key] = [low + (high - low) * end for end in wilson(own == high, labels, confidence)]
        elif labels.max() > 0 and (own == own[0]).all():
            share = wilson(np.ones(len(own), np.bool_), labels, confidence)[0]
            found[key] = [share * own[0] + (1 - share) * end for end in (low, high)]
    left = {key: own for key, own in values.items() if key not in found}
    found |= ends_of_means(left, labels, confidence=confidence, resamples=resamples, seed=seed) if left else {}
    return {key: found[key] for key in values}


def wilson(hits: NDArray[Any], labels: Index, confidence: float = 0.95) -> list[float]:
    """Wilson's interval for a share, [low, high] within 0 … 1, with clustered observations.

    Parameters
    ----------
    hits : (q,) booleans.
    labels : (q,) cluster numbers, 0 … n_clusters − 1.
    confidence : 0 … 1.
    """
    share = float(np.mean(hits))
    n = _effective(np.asarray(hits, dtype=np.float64) - share, labels, share * (1 - share))
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return [min(share, max(0.0, float(centre - half))), max(share, min(1.0, float(centre + half)))]


def _effective(residuals: Float64, labels: Index, variance: float) -> float:
    """Number of independent observations that would make a mean as sure as this one is."""
    n_clusters = int(labels.max()) + 1
    if variance == 0.0 or n_clusters == 1:  # nothing to estimate a dependence from: a cluster counts as one
        return float(n_clusters)
    sums = np.bincount(labels, weights=residuals)
    spread = n_clusters / (n_clusters - 1) * float((sums**2).sum()) / len(residuals) ** 2
    return min(float(len(residuals)), variance / spread) if spread > 0 else float(n_clusters)


def _of_median(ranks: NDArray[Any], labels: Index, confidence: float, resamples: int, seed: int) -> Ends:
    n_clusters = int(labels.max()) + 1
    if n_clusters == 1:
        return [None, None]
    if n_clusters >= MANY:
        return _limit_of_median(ranks, labels, confidence)
    medians, rng = _Medians(ranks, labels), np.random.default_rng(seed)
    draws = np.concatenate([medians.of(weights) for weights in drawn(n_clusters, resamples, rng, medians.width)])
    return [float(end) for end in np.quantile(draws, expanded_quantiles(confidence, n_clusters))]


def _limit_of_median(ranks: NDArray[Any], labels: Index, confidence: float) -> Ends:
    """The ranks at the ends of the interval of the share that lies up to the median."""
    ascending = np.sort(ranks)
    middle = (ascending[(len(ranks) - 1) // 2] + ascending[len(ranks) // 2]) / 2
    below = (ranks < middle) + 0.5 * (ranks == middle)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * standard_error(below, labels)
    low, high = np.quantile(ascending, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)], method="nearest")
    return [min(float(low), float(middle)), max(float(high), float(middle))]


class _Medians:
    """numpy's median of values whose clusters are taken several times each.

    The ascending values are cut into runs. How many of a run are taken follows from a table of clusters by runs, so
    that only the run with the middle has to be looked into.
    """

    def __init__(self, values: NDArray[Any], labels: Index) -> None:
        order = np.argsort(values, kind="stable")
        self._ascending, self._owner = values[order], labels[order]
        self._run = max(1, int(len(values) ** 0.5))
        n_runs, n_clusters = -(-len(values) // self._run), int(labels.max()) + 1
        cells = self._owner * n_runs + np.arange(len(values)) // self._run
        self._table = np.bincount(cells, minlength=n_clusters * n_runs).reshape(n_clusters, n_runs).astype(np.float64)
        self.width = n_runs + self._run
        """Numbers that a row of weights asks for at once."""

    def of(self, weights: Index) -> Float64:
        """(rows,) medians, with cluster c taken ``weights[row, c]`` times."""
        running = np.cumsum(np.rint(weights @ self._table).astype(np.int64), axis=1)
        total = running[:, -1]
        medians: Float64 = (self._at((total - 1) // 2, running, weights) + self._at(total // 2, running, weights)) / 2.0
        return medians

    def _at(self, place: Index, running: Index, weights: Index) -> NDArray[Any]:
        """The value at a place of each row's multiset, counted from 0 in ascending order."""
        run = (running <= place[:, None]).sum(axis=1)
        rows = np.arange(len(run))
        before = np.where(run > 0, running[rows, run - 1], 0)
        inside = np.minimum(run[:, None] * self._run + np.arange(self._run), len(self._owner) - 1)
        counted = before[:, None] + np.cumsum(weights[rows[:, None], self._owner[inside]], axis=1)
        found: NDArray[Any] = self._ascending[inside[rows, (counted <= place[:, None]).sum(axis=1)]]
        return found
