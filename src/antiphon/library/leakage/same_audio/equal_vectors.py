"""The same vector, nearly, under two ids, for every encoder, known or not. See ``docs/decisions/copies.md``.

Two standardised vectors join where they are far closer to one another than the library's tracks are in general, and
than either is to its other neighbours. A row of zeros is no evidence, nor is a vector that many tracks have, bit for
bit: it is a placeholder.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.same_audio.forest import forest_neighbours
from antiphon.library.leakage.same_audio.neighbours import (
    BLOCK,
    EXACT_UP_TO,
    NEIGHBOURS,
    Float32,
    Pairs,
    Step,
    nearest,
    rms,
)
from antiphon.library.leakage.same_audio.sketch import COARSE, Sketch, blocks_of
from antiphon.library.vectors.joined import SideBySide
from antiphon.library.vectors.numbers import MANY, row_hashes

CLOSE, APART, EQUAL = 0.12, 0.35, 2e-3
"""Most that a pair's distance may be of the library's typical one and of either's own sixth nearest; and, where a
library is too small to have such, of the vectors' length."""
SMALL = 12
SLACK = 1.3
"""How much farther apart a pair may seem in the coarse sketch."""
SAMPLE = 20_000
"""Pairs that the typical distance is the median of, in a large library."""
VERIFIED = 2_000_000_000
"""Most comparisons that are spent on the true sixth nearest of tracks that seem to be copies."""


def find_equal(matrix: Any, *, step: Step | None = None) -> tuple[Pairs, Float32]:
    """The same vector, nearly: pairs far closer than the library's tracks are, and than their own neighbours.

    Parameters
    ----------
    matrix : (n, d), of any encoder.
    step : called after each tree of a large library's forest.

    Returns
    -------
    (m, 2) rows, first < second, and the distance of each pair as a share of the library's typical one.
    """
    kept = np.flatnonzero(~placeholders(matrix))
    if len(kept) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    rows = matrix if len(kept) == len(matrix) else SideBySide([matrix], kept[:, None])
    if len(kept) < SMALL:
        pairs, shares = _equal_in_few(np.asarray(rows[:], np.float32))
    elif len(kept) <= EXACT_UP_TO:
        pairs, shares = _equal_in_many(Sketch(rows))
    else:
        pairs, shares = _equal_in_very_many(Sketch(rows), step)
    return kept[pairs], shares


def placeholders(matrix: Any) -> NDArray[np.bool_]:
    """(n,) whether a row is all zeros, or one that ``MANY`` or more rows are, bit for bit in float16."""
    hashes, zero = [], []
    for block in blocks_of(matrix):
        stored = np.ascontiguousarray(matrix[block], dtype=np.float16)
        zero.append(~stored.any(axis=1))
        hashes.append(row_hashes(stored))
    if not hashes:
        return np.empty(0, np.bool_)
    _, number, counts = np.unique(np.concatenate(hashes), return_inverse=True, return_counts=True)
    return np.asarray(np.concatenate(zero) | (counts[number] >= MANY))


def _equal_in_few(matrix: Float32) -> tuple[Pairs, Float32]:
    """A library too small for a background: vectors that differ by rounding only."""
    first, second = np.triu_indices(len(matrix), 1)
    length = np.linalg.norm(matrix[first], axis=1) + np.linalg.norm(matrix[second], axis=1)
    share = 2 * np.linalg.norm(matrix[first] - matrix[second], axis=1) / np.maximum(length, 1e-12)
    near = (share <= EQUAL) & (length > 0)
    return np.stack([first, second], axis=1)[near], share[near].astype(np.float32)


def _equal_in_many(sketch: Sketch) -> tuple[Pairs, Float32]:
    """All pairs."""
    rows = sketch.whole()
    typical = _typical(rows, np.random.default_rng(0).permutation(len(rows)))
    if typical == 0:  # every track has the same vector: a broken encoder, no evidence
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    pairs, distances = nearest(rows, rows, typical)
    last = np.full(len(rows), typical, dtype=np.float32)
    order = np.argsort(distances)
    counts = np.bincount(pairs[:, 0], minlength=len(rows))
    farthest = np.zeros(len(rows), dtype=np.float32)
    farthest[pairs[order, 0]] = distances[order]
    last[counts >= NEIGHBOURS] = farthest[counts >= NEIGHBOURS]
    return _judged(pairs, distances, last[pairs], typical)


def _typical(rows: Float32, order: NDArray[np.int64]) -> float:
    """Median distance of tracks taken at random."""
    return float(np.median(rms(rows[order] - rows[np.roll(order, 1)])))


def _judged(pairs: Pairs, distances: Float32, last: Float32, typical: float) -> tuple[Pairs, Float32]:
    """Pairs within the limits; ``last`` is (m, 2), the distance of each one's sixth nearest."""
    near = distances <= np.minimum(CLOSE * typical, APART * last.min(axis=1))
    unique, at = np.unique(np.sort(pairs[near], axis=1), axis=0, return_index=True)
    return unique, distances[near][at] / np.float32(typical)


def _equal_in_very_many(sketch: Sketch, step: Step | None) -> tuple[Pairs, Float32]:
    """Candidates by a forest over coarse sketches; the verdict is by fine ones."""
    sample = np.random.default_rng(0).permutation(len(sketch))[:SAMPLE]
    typical = _typical(sketch.rows(np.sort(sample)), np.arange(len(sample)))
    coarse = sketch.whole(COARSE)
    usual = _typical(coarse, sample)
    if typical == 0 or usual == 0:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    found = forest_neighbours(coarse, coarse, step=step)
    width = coarse.shape[1]
    del coarse
    row, column = np.nonzero(found.squared <= width * (SLACK * CLOSE * usual) ** 2)
    other = found.item[row, column].astype(np.int64)
    pairs = np.unique(np.sort(np.stack([row, other], axis=1), axis=1), axis=0)
    distances = _fine_distances(sketch, pairs)
    pairs, distances = pairs[distances <= CLOSE * typical], distances[distances <= CLOSE * typical]
    tracks, at = np.unique(pairs, return_inverse=True)
    last = np.minimum(_sixth_found(sketch, tracks, found.item), typical)
    pairs, distances, last = _passing(pairs, distances, last[at.reshape(-1, 2)], typical)
    tracks, at = np.unique(pairs, return_inverse=True)
    if len(tracks) * len(sketch) <= VERIFIED:
        last = np.minimum(_sixth_of_all(sketch, tracks), typical)[at.reshape(-1, 2)]
    return _judged(pairs, distances, last, typical)


def _passing(pairs: Pairs, distances: Float32, last: Float32, typical: float) -> tuple[Pairs, Float32, Float32]:
    near = distances <= np.minimum(CLOSE * typical, APART * last.min(axis=1))
    return pairs[near], distances[near], last[near]


def _fine_distances(sketch: Sketch, pairs: Pairs) -> Float32:
    parts = [pairs[start : start + 4 * BLOCK] for start in range(0, len(pairs), 4 * BLOCK)]
    found = [rms(sketch.rows(part[:, 0]) - sketch.rows(part[:, 1])) for part in parts]
    return np.concatenate([np.empty(0, np.float32), *found])


def _sixth_found(sketch: Sketch, tracks: NDArray[np.int64], index: NDArray[np.int32]) -> Float32:
    """(m,) distance of the farthest of the neighbours that the forest found; infinite where there are fewer."""
    last = np.full(len(tracks), np.inf, np.float32)
    for start in range(0, len(tracks), BLOCK):
        some = tracks[start : start + BLOCK]
        near = index[some]
        others = sketch.rows(np.maximum(near, 0).ravel()).reshape(len(some), NEIGHBOURS, -1)
        distances = np.sqrt(((sketch.rows(some)[:, None, :] - others) ** 2).mean(axis=2))
        last[start : start + BLOCK] = np.where((near < 0).any(axis=1), np.inf, distances.max(axis=1))
    return last


def _sixth_of_all(sketch: Sketch, tracks: NDArray[np.int64]) -> Float32:
    """(m,) distance of the sixth nearest among all."""
    queries = sketch.rows(tracks) if len(tracks) else np.empty((0, 1), np.float32)
    own = np.einsum("ij,ij->i", queries, queries)
    best = np.full((len(tracks), NEIGHBOURS), np.inf, np.float32)
    for first in range(0, len(sketch) if len(tracks) else 0, 4 * BLOCK):
        items = sketch.rows(slice(first, first + 4 * BLOCK))
        norms = np.einsum("ij,ij->i", items, items)
        for start in range(0, len(tracks), BLOCK):
            part = slice(start, start + BLOCK)
            squared = own[part, None] + norms - 2 * (queries[part] @ items.T)
            here = (tracks[part] >= first) & (tracks[part] < first + len(items))
            squared[np.flatnonzero(here), tracks[part][here] - first] = np.inf
            both = np.concatenate([best[part], squared], axis=1)
            best[part] = np.partition(both, NEIGHBOURS - 1, axis=1)[:, :NEIGHBOURS]
    width = queries.shape[1]
    return np.asarray(np.sqrt(np.maximum(best.max(axis=1), 0) / width), np.float32)
