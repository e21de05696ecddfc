"""How sure a figure is: intervals, and paired tests between two systems on the same queries.

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
p value
    two-sided sign-flip permutation test: were both systems equally good, a cluster's difference would be as likely
    with either sign. (1 + as extreme) / (1 + permutations), so never 0.
one cluster
    there is nothing to resample, so there is no interval: both ends are None (R@K keeps Wilson's, of one observation).
many clusters
    from :data:`MANY` on, resampling is left for what it converges to: the normal limit with the clusters' own spread
    for means and p values, and for the median the ranks at the ends of that interval around a half (R. S. Woodruff,
    J. Am. Stat. Assoc. 47, 1952).

Everything is a function of its arguments, the seed included.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.figures import HITS, MEANS, per_query

CHUNK = 1 << 22
"""Numbers held at once while resampling."""
MANY = 2_000
"""Clusters from which on the limits of resampling are as exact as a thousand resamples."""

Float64 = NDArray[np.float64]
Index = NDArray[np.int64]
Ways = Sequence[NDArray[Any]]
Ends = list[float | None]
"""Lower and upper end of an interval; both None where there is none."""


def intervals(
    ranks: NDArray[Any], clusters: Ways, *, confidence: float = 0.95, resamples: int = 1000, seed: int = 0
) -> dict[str, Ends]:
    """Interval of every figure that :func:`antiphon.metrics.retrieval.summarise` gives.

    Parameters
    ----------
    ranks : (q,) 1-based ranks.
    clusters : one or more ways to cluster the queries, each (q,) with equal values for dependent queries.
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
    for labels in _numbered(clusters, len(found)):
        mine: dict[str, Ends] = {
            key: [100 * end for end in wilson(found <= k, labels, confidence)] for key, k in HITS.items()
        }
        mine |= _of_means_and_median(found, labels, confidence, resamples, seed)
        result = {key: _wider(result.get(key), ends) for key, ends in mine.items()}
    return result


def _of_means_and_median(
    ranks: NDArray[Any], labels: Index, confidence: float, resamples: int, seed: int
) -> dict[str, Ends]:
    n_clusters = int(labels.max()) + 1
    if n_clusters == 1:
        return {key: [None, None] for key in (*MEANS, "median_rank")}
    found: dict[str, Ends] = {}
    if n_clusters >= MANY:
        found |= {key: _limit(of(ranks), labels, confidence) for key, of in MEANS.items()}
        found["median_rank"] = _limit_of_median(ranks, labels, confidence)
    else:
        levels = _levels(confidence, n_clusters)
        draws = _resampled(ranks, labels, resamples, np.random.default_rng(seed))
        found |= {key: [float(end) for end in np.quantile(values, levels)] for key, values in draws.items()}
    if (ranks == ranks[0]).all():
        found["MRR"] = [*_mrr_when_constant(int(ranks[0]), labels, confidence)]
    return found


def _wider(one: Ends | None, other: Ends) -> Ends:
    """The interval that promises less; none at all promises least."""
    if one is None or other[0] is None or other[1] is None:
        return other
    if one[0] is None or one[1] is None:
        return one
    return other if other[1] - other[0] > one[1] - one[0] else one


def _limit(values: Float64, labels: Index, confidence: float) -> Ends:
    """Interval of a mean over very many clusters."""
    half = NormalDist().inv_cdf((1 + confidence) / 2) * _standard_error(values, labels)
    mean = float(values.mean())
    return [mean - half, mean + half]


def _limit_of_median(ranks: NDArray[Any], labels: Index, confidence: float) -> Ends:
    """The ranks at the ends of the interval of the share that lies up to the median."""
    ascending = np.sort(ranks)
    middle = (ascending[(len(ranks) - 1) // 2] + ascending[len(ranks) // 2]) / 2
    below = (ranks < middle) + 0.5 * (ranks == middle)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * _standard_error(below, labels)
    low, high = np.quantile(ascending, [max(0.0, 0.5 - half), min(1.0, 0.5 + half)], method="nearest")
    return [min(float(low), float(middle)), max(float(high), float(middle))]


def _standard_error(values: Float64, labels: Index) -> float:
    """Of a mean of clustered observations (clusters of any sizes, two or more)."""
    n_clusters = int(labels.max()) + 1
    sums = np.bincount(labels, weights=values - values.mean())
    return float(np.sqrt(n_clusters / (n_clusters - 1) * (sums**2).sum()) / len(values))


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


def paired(
    ranks_a: NDArray[Any],
    ranks_b: NDArray[Any],
    clusters: Ways,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    permutations: int = 10_000,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Whether system a is better than system b on the same queries.

    Parameters
    ----------
    ranks_a, ranks_b : (q,) ranks of the same queries by two systems.
    clusters, confidence, resamples, seed : as :func:`intervals`.
    permutations : sign flips of the test.

    Returns
    -------
    ``{"MRR": {"difference": a − b, "ci95": [low, high], "p": …, "clusters": …}, "R@1": …, "R@5": …, "R@10": …}``; R@K
    in percentage points. The key is ``ci95`` whatever the confidence; ``clusters`` is how many independent ones there
    are.

    Raises
    ------
    ValueError : lengths disagree.
    """
    return {
        key: paired_means(
            gain, clusters, confidence=confidence, resamples=resamples, permutations=permutations, seed=seed
        )
        for key, gain in gains(ranks_a, ranks_b).items()
    }


def gains(ranks_a: NDArray[Any], ranks_b: NDArray[Any]) -> dict[str, Float64]:
    """What each query adds to a − b: ``{"MRR": (q,), "R@1": (q,) in percent, …}``.

    Raises
    ------
    ValueError : lengths disagree.
    """
    a, b = np.asarray(ranks_a), np.asarray(ranks_b)
    if a.shape != b.shape:
        raise ValueError(f"paired ranks must be of the same queries, not {a.shape} and {b.shape}")
    of_a, of_b = per_query(a), per_query(b)
    return {key: of_a[key] - of_b[key] for key in of_a}


def paired_means(
    gains: NDArray[Any],
    clusters: Ways,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    permutations: int = 10_000,
    seed: int = 0,
) -> dict[str, Any]:
    """Mean of per-query gains with its interval and its sign-flip p value; parameters as :func:`paired`."""
    values = np.asarray(gains, dtype=np.float64)
    ends: Ends | None = None
    p, fewest = 0.0, len(values)
    for labels in _numbered(clusters, len(values)):
        rng = np.random.default_rng(seed)
        sums, sizes = np.bincount(labels, weights=values), np.bincount(labels)
        fewest = min(fewest, len(sums))
        if len(sums) == 1:
            mine: Ends = [None, None]
        elif len(sums) >= MANY:
            mine = _limit(values, labels, confidence)
        else:
            draws = np.concatenate([(w @ sums) / (w @ sizes) for w in _weights(len(sums), resamples, rng, len(sums))])
            mine = [float(end) for end in np.quantile(draws, _levels(confidence, len(sums)))]
        ends = _wider(ends, mine)
        p = max(p, _sign_flip(sums, permutations, rng))
    return {"difference": float(values.mean()), "ci95": ends, "p": p, "clusters": fewest}


def _sign_flip(sums: NDArray[Any], permutations: int, rng: np.random.Generator) -> float:
    """Share of random signs under which the total is at least as far from 0."""
    observed = abs(float(sums.sum())) * (1 - 1e-12)
    moving = sums[sums != 0]
    if len(moving) >= MANY:
        p = math.erfc(observed / math.sqrt(2 * float((moving**2).sum())))
        return max(p, 1 / (1 + permutations))
    extreme = 0
    for size in _chunks(permutations, len(moving)):
        signs = rng.integers(0, 2, size=(size, len(moving)), dtype=np.int8)
        totals = 2.0 * (signs @ moving) - moving.sum()
        extreme += int(np.count_nonzero(np.abs(totals) >= observed))
    return (1 + extreme) / (1 + permutations)


def _resampled(ranks: NDArray[Any], labels: Index, resamples: int, rng: np.random.Generator) -> dict[str, Float64]:
    """The means that are no hit rates, and the median rank, of each resample, (resamples,) each."""
    order = np.argsort(ranks, kind="stable")
    ascending, owner = ranks[order], labels[order]
    sizes = np.bincount(labels)
    sums = {key: np.bincount(labels, weights=of(ranks)) for key, of in MEANS.items()}
    found: dict[str, list[Float64]] = {key: [] for key in (*MEANS, "median_rank")}
    for weights in _weights(len(sizes), resamples, rng, len(ranks)):
        for key, of_cluster in sums.items():
            found[key].append((weights @ of_cluster) / (weights @ sizes))
        found["median_rank"].append(_weighted_medians(ascending, weights[:, owner]))
    return {key: np.concatenate(values) for key, values in found.items()}


def _weighted_medians(ascending: NDArray[Any], weights: Index) -> Float64:
    """numpy's median of each row's multiset: ``ascending[i]`` taken ``weights[row, i]`` times."""
    running = np.cumsum(weights, axis=1)
    total = running[:, -1:]
    low = (running <= (total - 1) // 2).sum(axis=1)
    high = (running <= total // 2).sum(axis=1)
    medians: Float64 = (ascending[low] + ascending[high]) / 2.0
    return medians


def _weights(n_clusters: int, resamples: int, rng: np.random.Generator, width: int) -> Iterator[Index]:
    """How often each cluster is drawn: (rows, n_clusters) integers that sum to n_clusters, a few rows at a time."""
    for rows in _chunks(resamples, max(width, n_clusters)):
        drawn = rng.integers(0, n_clusters, size=(rows, n_clusters)) + n_clusters * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n_clusters).reshape(rows, n_clusters)


def _chunks(total: int, width: int) -> Iterator[int]:
    step = max(1, CHUNK // max(1, width))
    for start in range(0, total, step):
        yield min(step, total - start)


def _levels(confidence: float, n_clusters: int) -> tuple[float, float]:
    """Quantiles of the expanded percentile interval."""
    if n_clusters < 3:
        return 0.0, 1.0
    normal = NormalDist()
    t = _t_quantile(normal.inv_cdf((1 + confidence) / 2), n_clusters - 1)
    low = normal.cdf(-np.sqrt(n_clusters / (n_clusters - 1)) * t)
    return low, 1.0 - low


def _t_quantile(z: float, freedom: int) -> float:
    """Student's t from the normal quantile: Cornish–Fisher, Abramowitz and Stegun 26.7.5."""
    series = [z, (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384]
    return float(sum(term / freedom**power for power, term in enumerate(series)))


def _numbered(clusters: Ways, n: int) -> list[Index]:
    if n == 0 or not len(clusters):
        raise ValueError("an interval needs at least one query and one way to cluster the queries")
    ways = [np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64) for labels in clusters]
    if any(len(labels) != n for labels in ways):
        raise ValueError(f"clusters must name the cluster of each of the {n} queries")
    return ways
