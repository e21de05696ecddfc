"""A path through the shared space: from what answers one query best to what answers the next one best.

Conventions. ``scores`` are dot products with the queries (stops), what search ranks by. The target at t of a leg, 0 to
1, lies on the great circle between its two stops (spherical interpolation), so its score of a track is a weighted sum
of the two stops' scores. A track's *progress* on a leg is its score at the leg's end less that at its start: it grows
along a path and never falls, so that no track comes twice. Among all such paths the one is found (by dynamic
programming, exactly) whose fit to the targets and whose likeness of neighbours together are largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import top

Float32 = NDArray[np.float32]
Ints = NDArray[np.int64]
SMOOTH = 0.5
"""What the cosine of two neighbours counts beside the fit to a target (``docs/experiments/paths.md``)."""
NEAR_TARGET = 24
"""Tracks nearest to each target among which a path is looked for."""
SAME_ARTIST = 100.0
"""Taken off for two neighbours of one artist: more than any fit gives, so that it happens only where it must."""


@dataclass(frozen=True, kw_only=True)
class Terrain:
    """The tracks that a path may lead over.

    Parameters
    ----------
    scores : (stops, n) of each track for each stop; −inf for a track that may not be on the path.
    vectors : (n, d) of unit length: what neighbours are compared by; (n, 0) where nothing is known.
    artists : (n,) a number each artist; −1 for unknown, which is nobody's neighbour.
    angles : (stops − 1,) between one stop and the next, radians.
    """

    scores: Float32
    vectors: Float32
    artists: Ints
    angles: NDArray[np.float64]


def find_path(terrain: Terrain, n: int, *, smooth: float = SMOOTH) -> list[int]:
    """Tracks from the first stop to the last, each once; fewer than n where fewer may be on it.

    Parameters
    ----------
    n : how many, at least one a stop.
    smooth : what the cosine of two neighbours counts; 0 for fit alone.
    """
    times = np.linspace(0, len(terrain.angles), n)
    legs = np.minimum(times.astype(np.int64), len(terrain.angles) - 1)
    found: list[int] = []
    for leg in range(len(terrain.angles)):
        found += _leg(terrain, leg, times[legs == leg] - leg, found, smooth)
    return found


def target_weights(times: NDArray[np.float64], angle: float) -> NDArray[np.float64]:
    """(t, 2) what two unit vectors count at points of the great circle between them; Shoemake 1985.

    >>> target_weights(np.array([0.0, 0.5, 1.0]), np.pi / 2).round(3).tolist()
    [[1.0, 0.0], [0.707, 0.707], [0.0, 1.0]]
    """
    if np.sin(angle) < 1e-6:  # the same direction, or opposite ones, between which no circle is the shortest
        return np.stack([1 - times, times], axis=1)
    weights: NDArray[np.float64] = np.stack([np.sin((1 - times) * angle), np.sin(times * angle)], axis=1)
    weights /= np.sin(angle)
    return weights


def _leg(terrain: Terrain, leg: int, times: NDArray[np.float64], before: list[int], smooth: float) -> list[int]:
    """The part of a path between two stops, of tracks that are not on it yet."""
    ends = terrain.scores[leg : leg + 2].copy()
    ends[:, before] = -np.inf
    weights = target_weights(times, float(terrain.angles[leg]))
    near = _near_targets(ends, weights)
    near = near[np.argsort(ends[1, near] - ends[0, near], kind="stable")]
    fit = weights @ ends[:, near]
    alike = smooth * (terrain.vectors[near] @ terrain.vectors[near].T)
    alike -= SAME_ARTIST * _same(terrain.artists[near], terrain.artists[near])
    if before and len(near):
        last = before[-1]
        fit[:1] += smooth * (terrain.vectors[near] @ terrain.vectors[last])
        fit[:1] -= SAME_ARTIST * _same(terrain.artists[[last]], terrain.artists[near])[0]
    return [int(near[place]) for place in _best_chain(fit[: len(near)], alike)]


def _near_targets(ends: Float32, weights: NDArray[np.float64]) -> Ints:
    """Those nearest to some target, in ascending order."""
    free = np.flatnonzero(np.isfinite(ends).all(axis=0))
    most = max(NEAR_TARGET, len(weights))
    places = [top((weight @ ends[:, free]).astype(np.float32), most) for weight in weights]
    found: Ints = free[np.unique(np.concatenate([np.empty(0, np.int64), *places]))]
    return found


def _same(left: Ints, right: Ints) -> NDArray[np.bool_]:
    """(left, right) whether two are of one artist that is known."""
    same: NDArray[np.bool_] = (left[:, None] == right) & (left[:, None] >= 0)
    return same


def _best_chain(fit: NDArray[np.float64], alike: NDArray[np.float64]) -> list[int]:
    """The ascending places, one a row of ``fit``, whose fit and likeness of neighbours sum to the most.

    Parameters
    ----------
    fit : (n, c), n at most c.
    alike : (c, c), of a place and one that comes after it.
    """
    n, c = fit.shape
    if not n:
        return []
    steps = np.where(np.arange(c)[:, None] < np.arange(c), alike, -np.inf)
    best, came_from = fit[0].copy(), np.zeros((n, c), np.int64)
    for row in range(1, n):
        ways = best[:, None] + steps
        came_from[row] = ways.argmax(axis=0)
        best = ways.max(axis=0) + fit[row]
    chain = [int(best.argmax())]
    for row in range(n - 1, 0, -1):
        chain.append(int(came_from[row, chain[-1]]))
    return chain[::-1]
