"""Vectors on a plane, near ones near one another: where the tracks of a map lie.

Each vector is drawn to the vectors nearest to it, and pushed away from others that are drawn by lot, a little less with
each step: the attraction and repulsion of t-SNE and UMAP with the kernel 1 / (1 + d²) (Böhm, Berens, Kobak 2022,
"Attraction-repulsion spectrum in neighbor embeddings"). It begins with the two principal components, so that what lies
far apart keeps its place, and draws its lots from a fixed seed: the same vectors give the same plane. Of many vectors
some are laid out, evenly spread over the library, and each other one lies among those that it is nearest to.
``docs/experiments/map.md`` says how many neighbours stay neighbours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
Places = NDArray[np.int64]

DIMS = 32
"""Principal components among which neighbours are looked for."""
MOST = 5_000
"""Vectors that are laid out one against another."""
NEAREST, STEPS, PUSHES = 10, 100, 6
"""Neighbours that draw each vector, steps, and vectors that push it in each step."""
AMONG = 4
"""Those among which a vector lies that is not laid out itself."""
BLOCK = 2048
REACH = 10.0
"""Half of the plane's width when it begins, in units of the kernel."""
FARTHEST = 4.0
"""What one vector may push another one by; a pull is never more than 1."""


def laid_out(vectors: NDArray[np.floating]) -> Float32:
    """(n, 2) places of (n, d) vectors, in no particular unit."""
    found = principal(vectors, DIMS)
    step = -(-len(found) // MOST)
    chosen = found[:: max(1, step)]
    plane = _settled(chosen)
    return plane if step <= 1 else _among(found, chosen, plane)


def principal(vectors: NDArray[np.floating], dims: int) -> Float32:
    """(n, ≤ dims) along the directions in which vectors differ most; the largest weight of each is positive."""
    n, d = vectors.shape
    mean, gram = np.zeros(d), np.zeros((d, d))
    for start in range(0, n, BLOCK):
        block = np.asarray(vectors[start : start + BLOCK], np.float64)
        mean += block.sum(axis=0)
        gram += block.T @ block
    mean /= n
    _, axes = np.linalg.eigh(gram / n - np.outer(mean, mean))
    axes = axes[:, : -min(dims, d) - 1 : -1]
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(axes.shape[1])])
    blocks = [np.asarray((vectors[start : start + BLOCK] - mean) @ axes, np.float32) for start in range(0, n, BLOCK)]
    return np.concatenate(blocks)


def _settled(vectors: Float32) -> Float32:
    """(n, 2) of vectors that are laid out one against another."""
    n = len(vectors)
    places = np.zeros((n, 2), np.float32)
    places[:, : vectors.shape[1]] = vectors[:, :2]
    places *= REACH / max(float(np.abs(places).max(initial=0.0)), 1e-9)
    k = min(NEAREST, n - 1)
    if k < 1:
        return places
    near = nearest(vectors, vectors, k + 1)[:, 1:]
    lots = np.random.default_rng(0)
    for step in range(STEPS):
        places += (1 - step / STEPS) / k * (_pulls(places, near) + _pushes(places, lots, k))
    return places


def _pulls(places: Float32, near: Places) -> Float32:
    """(n, 2) what neighbours draw each place by, and are drawn by."""
    apart = [axis[near] - axis[:, None] for axis in np.ascontiguousarray(places.T)]
    strength = 2 / (1 + apart[0] ** 2 + apart[1] ** 2)
    pulls = [axis * strength for axis in apart]
    back = [np.bincount(near.ravel(), pull.ravel(), minlength=len(places)) for pull in pulls]
    return np.stack([pull.sum(axis=1) - by for pull, by in zip(pulls, back, strict=True)], axis=1).astype(np.float32)


def _pushes(places: Float32, lots: np.random.Generator, k: int) -> Float32:
    """(n, 2) what others, drawn by lot, push each place by, and are pushed by; together as strong as ``k`` of them."""
    found = np.zeros_like(places)
    for _ in range(PUSHES):
        other = lots.permutation(len(places))
        apart = places - places[other]
        square = (apart**2).sum(axis=1, keepdims=True)
        push = np.clip(2 * apart / ((1e-3 + square) * (1 + square)), -FARTHEST, FARTHEST)
        found += push
        found[other] -= push
    return np.asarray(found * (k / PUSHES), np.float32)


def _among(vectors: Float32, chosen: Float32, plane: Float32) -> Float32:
    """(n, 2) each vector in the middle of the chosen ones that are nearest to it, nearer ones counting more."""
    near = nearest(vectors, chosen, AMONG)
    weights = (1 / np.arange(1, AMONG + 1, dtype=np.float32))[:, None]
    return np.asarray((plane[near] * weights).sum(axis=1) / weights.sum(), np.float32)


def nearest(vectors: Float32, items: Float32, k: int) -> Places:
    """(n, k) which of some items are nearest to each vector, the nearest first."""
    found = np.empty((len(vectors), k), np.int64)
    square = (items**2).sum(axis=1)
    for start in range(0, len(vectors), BLOCK):
        far = square - 2 * (vectors[start : start + BLOCK] @ items.T)
        some = np.argpartition(far, k - 1, axis=1)[:, :k]
        order = np.take_along_axis(far, some, axis=1).argsort(axis=1, kind="stable")
        found[start : start + BLOCK] = np.take_along_axis(some, order, axis=1)
    return found
