"""Whether one system is better than another on the same queries: paired differences, intervals, sign-flip tests.

Conventions
-----------
clusters and intervals
    those of :mod:`antiphon.metrics.bootstrap`.
p value
    two-sided sign-flip permutation test: were both systems equally good, a cluster's difference would be as likely
    with either sign. (1 + as extreme) / (1 + permutations), so never 0.

Everything is a function of its arguments, the seed included.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.figures import per_query
from antiphon.metrics.resampling import (
    MANY,
    Ends,
    Float64,
    Ways,
    drawn,
    expanded_quantiles,
    limit_of_mean,
    numbered_ways,
    portions,
    wider,
)


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
    clusters, confidence, resamples, seed : as :func:`antiphon.metrics.bootstrap.intervals`.
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
    for labels in numbered_ways(clusters, len(values)):
        rng = np.random.default_rng(seed)
        sums, sizes = np.bincount(labels, weights=values), np.bincount(labels)
        fewest = min(fewest, len(sums))
        if len(sums) == 1:
            mine: Ends = [None, None]
        elif len(sums) >= MANY:
            mine = limit_of_mean(values, labels, confidence)
        else:
            draws = np.concatenate([(w @ sums) / (w @ sizes) for w in drawn(len(sums), resamples, rng, len(sums))])
            mine = [float(end) for end in np.quantile(draws, expanded_quantiles(confidence, len(sums)))]
        ends = wider(ends, mine)
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
    for size in portions(permutations, len(moving)):
        signs = rng.integers(0, 2, size=(size, len(moving)), dtype=np.int8)
        totals = 2.0 * (signs @ moving) - moving.sum()
        extreme += int(np.count_nonzero(np.abs(totals) >= observed))
    return (1 + extreme) / (1 + permutations)
