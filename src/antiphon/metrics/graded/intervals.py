"""Intervals of means over queries, clustered by group, for any values that a query can have.

As :mod:`antiphon.metrics.bootstrap` has them: percentile bootstrap over clusters, widened for few of them; the normal
limit for many; the widest of several ways to cluster. Shares of hits get Wilson's interval. Where all queries have one
value resampling shows no spread: then Wilson's share of queries has it, and others may have any value there is.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from antiphon.metrics.bootstrap import wilson
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
    wider,
)

Range = tuple[float, float]


def intervals_of_means(
    values: Mapping[str, Float64],
    clusters: Ways,
    ranges: Mapping[str, Range],
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, Ends]:
    """Interval of the mean of each figure.

    Parameters
    ----------
    values : figure → (q,) what each query gives to it.
    clusters : one or more ways to cluster the queries, each (q,) with equal values for dependent queries.
    ranges : figure → least and greatest value that a query can have.
    confidence, resamples, seed : as :func:`antiphon.metrics.bootstrap.intervals`.

    Returns
    -------
    Figure → [low, high]; [None, None] for one cluster.
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
    spread: dict[str, Float64] = {}
    for key, own in values.items():
        low, high = ranges[key]
        if np.isin(own, (low, high)).all():
            found[key] = [low + (high - low) * end for end in wilson(own == high, labels, confidence)]
        elif labels.max() == 0:
            found[key] = [None, None]
        elif (own == own[0]).all():
            share = wilson(np.ones(len(own), np.bool_), labels, confidence)[0]
            found[key] = [share * own[0] + (1 - share) * end for end in (low, high)]
        elif labels.max() + 1 >= MANY:
            found[key] = limit_of_mean(own, labels, confidence)
        else:
            spread[key] = own
    found |= _resampled(spread, labels, confidence, resamples, seed) if spread else {}
    return {key: found[key] for key in values}


def _resampled(
    values: Mapping[str, Float64], labels: Index, confidence: float, resamples: int, seed: int
) -> dict[str, Ends]:
    """One draw of clusters serves all figures."""
    sizes = np.bincount(labels)
    sums = np.stack([np.bincount(labels, weights=own) for own in values.values()], axis=1)
    rng = np.random.default_rng(seed)
    means = np.concatenate(
        [(weights @ sums) / (weights @ sizes)[:, None] for weights in drawn(len(sizes), resamples, rng, len(values))]
    )
    ends = np.quantile(means, expanded_quantiles(confidence, len(sizes)), axis=0)
    return {key: [float(end) for end in ends[:, i]] for i, key in enumerate(values)}
