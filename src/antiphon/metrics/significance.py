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
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.figures import per_query
from antiphon.metrics.resampling import (
    MANY,
    Ends,
    Float64,
    Ways,
    ends_of_means,
    numbered_ways,
    portions,
    standard_error,
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
    ``{"MRR": {"difference": a − b, "ci95": [low, high], "p": …, "clusters": …, "standard_error": …}, "R@1": …, …}``;
    R@K in percentage points. The key is ``ci95`` whatever the confidence; ``clusters`` is how many independent ones
    there are, ``standard_error`` that of the difference between such clusters (None for one).

    Raises
    ------
    ValueError : lengths disagree.
    """
    return paired_gains(
        gains(ranks_a, ranks_b),
        clusters,
        confidence=confidence,
        resamples=resamples,
        permutations=permutations,
        seed=seed,
    )


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
    sure: dict[str, Any] = {"confidence": confidence, "resamples": resamples, "permutations": permutations}
    return paired_gains({"": gains}, clusters, **sure, seed=seed)[""]


def paired_gains(
    gains: Mapping[str, NDArray[Any]],
    clusters: Ways,
    *,
    confidence: float = 0.95,
    resamples: int = 1000,
    permutations: int = 10_000,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """:func:`paired_means` of several figures' gains on the same queries, from the same draws.

    Raises
    ------
    ValueError : no query, no clustering, or one of another length than the gains.
    """
    values = {key: np.asarray(gain, dtype=np.float64) for key, gain in gains.items()}
    n = len(next(iter(values.values())))
    ends: dict[str, Ends | None] = dict.fromkeys(values)
    p, fewest = dict.fromkeys(values, 0.0), n
    errors: dict[str, float | None] = dict.fromkeys(values, 0.0)
    for labels in numbered_ways(clusters, n):
        sizes = np.bincount(labels)
        sums = {key: np.bincount(labels, weights=value) for key, value in values.items()}
        fewest = min(fewest, len(sizes))
        mine = ends_of_means(values, labels, confidence=confidence, resamples=resamples, seed=seed)
        for key, value in values.items():
            ends[key] = wider(ends[key], mine[key])
            p[key] = max(p[key], _sign_flip(sums[key], permutations, np.random.default_rng([seed, 1])))
            known = errors[key]
            errors[key] = None if len(sizes) == 1 or known is None else max(known, standard_error(value, labels))
    return {
        key: {
            "difference": float(value.mean()),
            "ci95": ends[key],
            "p": p[key],
            "clusters": fewest,
            "standard_error": errors[key],
        }
        for key, value in values.items()
    }


def holm(p_values: Sequence[float]) -> list[float]:
    """p values corrected for how many tests were made, in the order they came in.

    The chance that anything at all is found where nothing is there stays at the level of one test, however the tests
    depend on one another (S. Holm, Scandinavian Journal of Statistics 6, 1979).
    """
    corrected, running = [0.0] * len(p_values), 0.0
    for place, i in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        running = max(running, min(1.0, p_values[i] * (len(p_values) - place)))
        corrected[i] = running
    return corrected


def _sign_flip(sums: NDArray[Any], permutations: int, rng: np.random.Generator) -> float:
    """Share of random signs under which the total is at least as far from 0."""
    observed = abs(float(sums.sum())) * (1 - 1e-12)
    moving = sums[sums != 0]
    if len(moving) >= MANY:
        p = math.erfc(observed / math.sqrt(2 * float((moving**2).sum())))
        return max(p, 1 / (1 + permutations))
    extreme, table = 0, _sums_by_byte(moving)
    for size in portions(permutations, len(table)):
        signs = np.frombuffer(rng.bytes(size * len(table)), np.uint8).reshape(size, len(table))
        totals = 2.0 * table[np.arange(len(table)), signs].sum(axis=1) - moving.sum()
        extreme += int(np.count_nonzero(np.abs(totals) >= observed))
    return (1 + extreme) / (1 + permutations)


def _sums_by_byte(values: NDArray[Any]) -> Float64:
    """(n / 8, 256) sums of each eight values, those alone whose bit is set in the second index.

    Random signs come as bits: eight of them are looked up at once, in place of a product with a matrix of signs.
    """
    eights = np.zeros((-(-len(values) // 8), 8))
    eights.ravel()[: len(values)] = values
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1)
    table: Float64 = eights @ bits.T.astype(np.float64)
    return table
