"""What every index answers: the tracks nearest to a query, of all or of those that are allowed.

Conventions: a place counts the vectors of an index from 0; scores are dot products, the largest first; of equal scores
the lower place is first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import top

Float32 = NDArray[np.float32]
Allowed = NDArray[np.bool_]
"""(n,) which tracks may be an answer."""
GATHERED = 0.25
"""Share of the vectors up to which those that are allowed are looked up one by one; above it one pass over all is
faster (``docs/experiments/search-index.md``)."""
BLOCK = 1 << 14
AT_ONCE = 1 << 22
"""Scores that are held at once where several vectors are asked for: 16 MiB."""


class Found(NamedTuple):
    """Answers, best first.

    Parameters
    ----------
    places : (k or fewer,) int64.
    scores : (k or fewer,) float32.
    """

    places: NDArray[np.int64]
    scores: Float32


def best_allowed(vectors: Float32, query: Float32, k: int, allowed: Allowed) -> Found:
    """The exact answer among the allowed: only their vectors are read, unless they are many.

    Parameters
    ----------
    vectors : (n, d), may be memory-mapped.
    """
    places = np.flatnonzero(allowed)
    if len(places) <= GATHERED * len(vectors):
        return best_of(vectors, query, k, places)
    scores = (vectors @ query)[places]
    best = top(scores, k)
    return Found(places[best], scores[best])


def best_of(vectors: Float32, query: Float32, k: int, places: NDArray[np.int64]) -> Found:
    """The exact answer among some places, in ascending order; no other vectors are read."""
    blocks = (vectors[places[i : i + BLOCK]] @ query for i in range(0, len(places), BLOCK))
    scores = np.concatenate([np.empty(0, np.float32), *blocks])
    best = top(scores, k)
    return Found(places[best], scores[best])


def nearest_others(
    places: Sequence[int], vectors: Float32, products: Callable[[Float32], Float32], *, n: int, k: int
) -> list[list[int]]:
    """Of each of some vectors of an index the places of the k nearest others.

    Parameters
    ----------
    places : (q,) theirs.
    vectors : (q, d) what is compared of each.
    products : (d, q) → (n, q) with all vectors of the index, in one pass over them.
    n : how many there are.
    """
    found, step = [], max(1, AT_ONCE // max(n, 1))
    for start in range(0, len(places), step):
        some = slice(start, start + step)
        scores = products(vectors[some].T)
        for own, place in zip(scores.T, places[some], strict=True):
            own[place] = -np.inf
            found.append(top(own, min(k, n - 1)).tolist())
    return found
