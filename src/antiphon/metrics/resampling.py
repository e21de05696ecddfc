"""What intervals and paired tests share: clusters that are drawn, quantiles for few of them, the limit for many.

The conventions are those of :mod:`antiphon.metrics.bootstrap`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 22
"""Numbers held at once while resampling."""
MANY = 2_000
"""Clusters from which on the limits of resampling are as exact as a thousand resamples."""

Float64 = NDArray[np.float64]
Index = NDArray[np.int64]
Ways = Sequence[NDArray[Any]]
Ends = list[float | None]
"""Lower and upper end of an interval; both None where there is none."""


def numbered_ways(clusters: Ways, n: int) -> list[Index]:
    """The clusters of each way, numbered from 0.

    Raises
    ------
    ValueError : no query, no clustering, or one of another length than ``n``.
    """
    if n == 0 or not len(clusters):
        raise ValueError("an interval needs at least one query and one way to cluster the queries")
    ways = [np.unique(np.asarray(labels), return_inverse=True)[1].astype(np.int64) for labels in clusters]
    if any(len(labels) != n for labels in ways):
        raise ValueError(f"clusters must name the cluster of each of the {n} queries")
    return ways


def wider(one: Ends | None, other: Ends) -> Ends:
    """The interval that promises less; none at all promises least."""
    if one is None or other[0] is None or other[1] is None:
        return other
    if one[0] is None or one[1] is None:
        return one
    return other if other[1] - other[0] > one[1] - one[0] else one


def ends_of_means(
    values: Mapping[str, Float64], labels: Index, *, confidence: float, resamples: int, seed: int
) -> dict[str, Ends]:
    """Interval of the mean of each figure over clustered queries: the one rule by how many clusters there are.

    One cluster has none, fewer than :data:`MANY` are resampled, and for so many the limit of that is taken. One draw
    of clusters serves all figures.

    Parameters
    ----------
    values : figure → (q,) what each query gives to it.
    labels : (q,) cluster numbers, 0 … n_clusters − 1.
    """
    n_clusters = int(labels.max()) + 1
    if n_clusters == 1:
        return {key: [None, None] for key in values}
    if n_clusters >= MANY:
        return {key: limit_of_mean(own, labels, confidence) for key, own in values.items()}
    draws = resampled(values, labels, resamples, np.random.default_rng(seed))
    ends = np.quantile(draws, expanded_quantiles(confidence, n_clusters), axis=0)
    return {key: [float(end) for end in ends[:, i]] for i, key in enumerate(values)}


def resampled(
    values: Mapping[str, Float64], labels: Index, resamples: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(resamples, figures) means of each resample; one draw of clusters serves all figures."""
    sizes, sums = np.bincount(labels), [np.bincount(labels, weights=own) for own in values.values()]
    draws = drawn(len(sizes), resamples, rng, len(values))
    # a product for each figure: one for all would round a figure otherwise beside others than alone
    return np.concatenate(
        [np.stack([weights @ own for own in sums], axis=1) / (weights @ sizes)[:, None] for weights in draws]
    )


def limit_of_mean(values: Float64, labels: Index, confidence: float) -> Ends:
    """Interval of a mean over very many clusters."""
    half = NormalDist().inv_cdf((1 + confidence) / 2) * standard_error(values, labels)
    mean = float(values.mean())
    return [mean - half, mean + half]


def standard_error(values: Float64, labels: Index) -> float:
    """Of a mean of clustered observations (clusters of any sizes, two or more)."""
    n_clusters = int(labels.max()) + 1
    sums = np.bincount(labels, weights=values - values.mean())
    return float(np.sqrt(n_clusters / (n_clusters - 1) * (sums**2).sum()) / len(values))


def drawn(n_clusters: int, resamples: int, rng: np.random.Generator, width: int) -> Iterator[Index]:
    """How often each cluster is drawn: (rows, n_clusters) integers that sum to n_clusters, a few rows at a time."""
    for rows in portions(resamples, max(width, n_clusters)):
        drawn = rng.integers(0, n_clusters, size=(rows, n_clusters)) + n_clusters * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n_clusters).reshape(rows, n_clusters)


def portions(total: int, width: int) -> Iterator[int]:
    """``total`` rows of ``width`` numbers, in portions of at most ``CHUNK`` numbers."""
    step = max(1, CHUNK // max(1, width))
    for start in range(0, total, step):
        yield min(step, total - start)


def expanded_quantiles(confidence: float, n_clusters: int) -> tuple[float, float]:
    """Quantiles of the expanded percentile interval."""
    if n_clusters < 3:
        return 0.0, 1.0
    normal = NormalDist()
    t = t_quantile(normal.inv_cdf((1 + confidence) / 2), n_clusters - 1)
    low = normal.cdf(-np.sqrt(n_clusters / (n_clusters - 1)) * t)
    return low, 1.0 - low


def t_quantile(z: float, freedom: int) -> float:
    """Student's t from the normal quantile: Cornish–Fisher, Abramowitz and Stegun 26.7.5."""
    series = [z, (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96, (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384]
    return float(sum(term / freedom**power for power, term in enumerate(series)))
