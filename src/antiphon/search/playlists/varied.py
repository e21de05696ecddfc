"""Tracks in the order in which they are played: relevant ones first, none too much like those before it.

Maximal marginal relevance (Carbonell and Goldstein 1998): next comes what is most relevant less what it has in common
with the nearest of those chosen. Two of one artist follow one another only where nobody else is left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
NOISE = 0.1
"""Scale of the Gumbel noise that a seed adds, as a share of the range of relevance."""


def varied(
    relevance: Float32,
    vectors: Float32,
    artists: NDArray[np.int64],
    *,
    variety: float,
    first: int | None = None,
) -> Iterator[int]:
    """All places, in order, one at a time.

    Parameters
    ----------
    relevance : (n,) the larger the better, on any scale: it is stretched to 0 … 1.
    vectors : (n, d) of unit length: what two tracks have in common is their cosine.
    artists : (n,) a number each artist; −1 for unknown.
    variety : 0 (relevance alone) to 1 (unlike those before it alone).
    first : what comes first, whatever its relevance.
    """
    left, common = np.ones(len(relevance), bool), np.zeros(len(relevance))
    worth = (1 - variety) * _stretched(relevance)
    last = -1
    for _ in range(len(relevance)):
        place = first if first is not None and left.all() else _next(worth - variety * common, left, artists, last)
        yield place
        left[place], last = False, int(artists[place])
        common = np.maximum(common, vectors @ vectors[place])


def shaken(relevance: Float32, seed: int) -> Float32:
    """Relevance with noise: another order for every seed, the same for the same one."""
    noise = np.random.default_rng(seed).gumbel(size=len(relevance))
    return (_stretched(relevance) + NOISE * noise).astype(np.float32)


def _next(worth: NDArray[np.float64], left: NDArray[np.bool_], artists: NDArray[np.int64], last: int) -> int:
    others = left & (artists != last) if last >= 0 else left
    return int(np.where(others if others.any() else left, worth, -np.inf).argmax())


def _stretched(relevance: Float32) -> NDArray[np.float64]:
    values = np.asarray(relevance, np.float64)
    least, most = values.min(initial=np.inf), values.max(initial=-np.inf)
    return np.zeros(len(values)) if most <= least else (values - least) / (most - least)
