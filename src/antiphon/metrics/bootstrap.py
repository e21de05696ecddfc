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
    Hesterberg, "What Teachers Should Know About the Bootstrap", The American Statistician 69, 2015. (Where all ranks
    are equal the interval of MRR follows from Wilson's for that rank's share.)
one cluster
    there is nothing to resample, so there is no interval: both ends are None (R@K keeps Wilson's, of one observation).
many clusters
    from :data:`MANY` on, resampling is left for what it converges to: the normal limit with the clusters' own spread
    for means and p values, and for the median the ranks at the ends of that interval around a half (R. S. Woodruff,
    J. Am. Stat. Assoc. 47, 1952).

Everything is a function of its arguments, the seed included.
"""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.figures import MEANS, hits
from antiphon.metrics.resampling import (
    MANY,
    Ends,
    Float64,
    Index,
    Ways,
    drawn,
    expanded_quantiles,
    limit_of_mean,
    numbered_ways,
    standard_error,
    wider,
)


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
    found = np.asarray(ranks)
    result: dict[str, Ends] = {}
    shares = hits(ks)
    for labels in numbered_ways(clusters, len(found)):
        mine: dict[str, Ends] = {
            key: [100 * end for end in wilson(found <= k, labels, confidence)] for key, k in shares.items()
        }
        mine |= _of_means_and_median(found, labels, confidence, resamples, seed)
        result = {key: wider(result.get(key), ends) for key, ends in mine.items()}
    return result


def _of_means_and_median(
    ranks: NDArray[Any], labels: Index, confidence: float, resamples: int, seed: int
) -> dict[str, Ends]:
    n_clusters = int(labels.max()) + 1
    if n_clusters == 1:
        return {key: [None, None] for key in (*MEANS, "median_rank")}
    found: dict[str, Ends] = {}
    if n_clusters >= MANY:
        found |= {key: limit_of_mean(of(ranks), labels, confidence) for key, of in MEANS.items()}
        found["median_rank"] = _limit_of_median(ranks, labels, confidence)
    else:
        levels = expanded_quantiles(confidence, n_clusters)
        draws = _resampled(ranks, labels, resamples, np.random.default_rng(seed))
        found |= {key: [float(end) for end in np.quantile(values, levels)] for key, values in draws.items()}
    if (ranks == ranks[0]).all():
        found["MRR"] = [*_mrr_when_constant(int(ranks[0]), labels, confidence)]
    return found


def _limit_of_median(ranks: NDArray[Any], labels: Index, confidence: float) -> Ends:
    """The ranks at the ends of the interval of the share that lies up to the median."""
    ascending = np.sort(ranks)
    middle = (ascending[(len(ranks) - 1) // 2] + ascending[len(ranks) // 2]) / 2
    below = (ranks < middle) + 0.5 * (ranks == middle)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * standard_error(below, labels)
    low, high = np.quantile(ascending, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)], method="nearest")
    return [min(float(low), float(middle)), max(float(high), float(middle))]


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


def _mrr_when_constant(rank: int, labels: Index, confidence: float) -> list[float]:
    """All queries have one rank, so resampling shows no spread; unseen queries may still have another.

    At least a share of ``low`` has this rank; the reciprocal ranks of the others lie in 0 … 1.
    """
    low = wilson(np.ones(len(labels), dtype=np.bool_), labels, confidence)[0]
    return [low / rank, low / rank + 1 - low]


def _effective(residuals: Float64, labels: Index, variance: float) -> float:
    """Number of independent observations that would make a mean as sure as this one is."""
    n_clusters = int(labels.max()) + 1
    if variance == 0.0 or n_clusters == 1:  # nothing to estimate a dependence from: a cluster counts as one
        return float(n_clusters)
    sums = np.bincount(labels, weights=residuals)
    spread = n_clusters / (n_clusters - 1) * float((sums**2).sum()) / len(residuals) ** 2
    return min(float(len(residuals)), variance / spread) if spread > 0 else float(n_clusters)


def _resampled(ranks: NDArray[Any], labels: Index, resamples: int, rng: np.random.Generator) -> dict[str, Float64]:
    """The means that are no hit rates, and the median rank, of each resample, (resamples,) each."""
    sizes = np.bincount(labels)
    sums = {key: np.bincount(labels, weights=of(ranks)) for key, of in MEANS.items()}
    found: dict[str, list[Float64]] = {key: [] for key in (*MEANS, "median_rank")}
    medians = _Medians(ranks, labels)
    for weights in drawn(len(sizes), resamples, rng, medians.width):
        for key, of_cluster in sums.items():
            found[key].append((weights @ of_cluster) / (weights @ sizes))
        found["median_rank"].append(medians.of(weights))
    return {key: np.concatenate(values) for key, values in found.items()}


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
