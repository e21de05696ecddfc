"""Nearest neighbours among very many tracks, nearly: a forest of random splits.

A tree sorts all points into leaves of equal size: at each level every part is halved at the median of one random
projection. Points that are near to one another are seldom parted, and in some tree of the forest they share a leaf,
where all pairs are compared (Dasgupta & Freund 2008, "Random projection trees"). Time grows as n log n; memory is the
points and six neighbours each. What it misses is measured in ``docs/experiments/duplicates-at-scale.md``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Int32 = NDArray[np.int32]
Step = Callable[[], None]

TREES, LEAF = 12, 128
NEIGHBOURS = 6
PAIRS_AT_ONCE = 1 << 22


class Neighbours(NamedTuple):
    """The nearest that were found: ``item`` (n, 6), −1 where there are fewer; ``squared`` (n, 6), unsorted."""

    item: Int32
    squared: Float32


def forest_neighbours(
    queries: Float32, items: Float32, *, trees: int = TREES, leaf: int = LEAF, step: Step | None = None
) -> Neighbours:
    """The six nearest items of every query, its own row left out; each is found with a high probability.

    Parameters
    ----------
    queries, items : (n, d) float32; row i of both is the same track. They may be one array.
    trees, leaf : more of both find more, and take longer.
    step : called after each tree.
    """
    same = queries is items
    points = items if same else np.concatenate([items, queries])
    norms = np.einsum("ij,ij->i", points, points)
    n = len(items)
    found = Neighbours(np.full((n, NEIGHBOURS), -1, np.int32), np.full((n, NEIGHBOURS), np.inf, np.float32))
    random = np.random.default_rng(0)
    for _ in range(trees):
        for members in _leaves(points, leaf, random):
            _compare(points, norms, members, found, n, same)
        if step is not None:
            step()
    return found


def _leaves(points: Float32, leaf: int, random: np.random.Generator) -> Iterator[Int32]:
    """All leaves of one tree, some at a time: (m, size) rows of points.

    So that all are of one size, a few points stand in a second place, there with ``len(points)`` added to their row.
    """
    levels = max(0, math.ceil(math.log2(len(points) / leaf)))
    size = -(-len(points) // 2**levels)
    spare = random.integers(0, len(points), size * 2**levels - len(points))
    order = np.concatenate([np.arange(len(points)), len(points) + spare]).astype(np.int32)
    for level in range(levels):
        projected = points @ random.standard_normal(points.shape[1], dtype=np.float32)
        order = order.reshape(2**level, -1)
        halves = np.argpartition(projected[order % len(points)], order.shape[1] // 2, axis=1)
        order = np.take_along_axis(order, halves, axis=1)
    leaves = order.reshape(-1, size)
    together = max(1, PAIRS_AT_ONCE // size**2)
    for start in range(0, len(leaves), together):
        yield leaves[start : start + together]


def _compare(points: Float32, norms: Float32, members: Int32, found: Neighbours, n: int, same: bool) -> None:
    """Compare all points of each leaf, and keep what is nearer than what was found before."""
    again, members = members >= len(points), members % len(points)
    block = points[members]
    squared = norms[members][:, :, None] + norms[members][:, None, :] - 2 * (block @ block.transpose(0, 2, 1))
    track = members % n
    squared[(track[:, :, None] == track[:, None, :]) | again[:, None, :]] = np.inf
    asks = np.ones(members.shape, np.bool_)
    if not same:
        asks = members >= n
        squared[np.broadcast_to(asks[:, None, :], squared.shape)] = np.inf
    at, row = np.nonzero(asks)
    distances = squared[at, row]
    keep = min(NEIGHBOURS, distances.shape[1])
    columns = np.argpartition(distances, keep - 1, axis=1)[:, :keep]
    _merge(found, members[at, row] % n, members[at[:, None], columns], np.take_along_axis(distances, columns, axis=1))


def _merge(found: Neighbours, rows: Int32, index: Int32, squared: Float32) -> None:
    known = found.item[rows]
    squared[(index[:, :, None] == known[:, None, :]).any(axis=2)] = np.inf
    both = np.concatenate([found.squared[rows], squared], axis=1)
    names = np.concatenate([known, np.where(np.isfinite(squared), index, -1)], axis=1)
    best = np.argpartition(both, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    found.item[rows] = np.take_along_axis(names, best, axis=1)
    found.squared[rows] = np.maximum(np.take_along_axis(both, best, axis=1), 0)
