"""The same vector, nearly, under two ids, for every encoder, known or not. See ``docs/decisions/copies.md``.

Two standardised vectors join where they are far closer to one another than the library's tracks are in general, and
than either is to its other neighbours. A row of zeros is no evidence, nor is a vector that many tracks have, bit for
bit: it is a placeholder.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.same_audio.neighbours import NEIGHBOURS, Float32, Pairs, nearest, rms
from antiphon.library.vectors.joined import SideBySide
from antiphon.library.vectors.numbers import MANY, row_hashes

CLOSE, APART, EQUAL = 0.12, 0.35, 2e-3
"""Most that a pair's distance may be of the library's typical one and of either's own sixth nearest; and, where a
library is too small to have such, of the vectors' length."""
SMALL, SKETCH, BLOCK_NUMBERS = 12, 256, 2**23


def _sketch(matrix: Any) -> Float32:
    """Standardised vectors, (n, ≤ SKETCH) float32; long ones through a fixed random projection that keeps distances.

    Johnson & Lindenstrauss 1984. The matrix is read block by block, so it may be memory-mapped.
    """
    blocks = _blocks(matrix)
    mean = sum(np.asarray(matrix[b], np.float64).sum(axis=0) for b in blocks) / len(matrix)
    variance = sum(((np.asarray(matrix[b], np.float64) - mean) ** 2).sum(axis=0) for b in blocks) / len(matrix)
    scale = np.where(variance > 0, 1 / np.sqrt(np.where(variance > 0, variance, 1)), 0).astype(np.float32)
    size = matrix.shape[1]
    project: Float32 | None = None
    if size > SKETCH:
        project = np.random.default_rng(0).standard_normal((size, SKETCH), dtype=np.float32)
    rows = []
    for block in blocks:
        scaled = np.clip((np.asarray(matrix[block], np.float32) - mean.astype(np.float32)) * scale, -5, 5)
        rows.append(scaled if project is None else scaled @ project / np.float32(np.sqrt(SKETCH)))
    return np.concatenate(rows)


def find_equal(matrix: Any) -> tuple[Pairs, Float32]:
    """The same vector, nearly: pairs far closer than the library's tracks are, and than their own neighbours.

    Parameters
    ----------
    matrix : (n, d), of any encoder.

    Returns
    -------
    (m, 2) rows, first < second, and the distance of each pair as a share of the library's typical one.
    """
    kept = np.flatnonzero(~placeholders(matrix))
    if len(kept) < 2:
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    if len(kept) < SMALL:
        pairs, shares = _equal_in_few(np.asarray(matrix[kept], np.float32))
    else:
        pairs, shares = _equal_in_many(matrix if len(kept) == len(matrix) else SideBySide([matrix], kept[:, None]))
    return kept[pairs], shares


def placeholders(matrix: Any) -> NDArray[np.bool_]:
    """(n,) whether a row is all zeros, or one that ``MANY`` or more rows are, bit for bit in float16."""
    hashes, zero = [], []
    for block in _blocks(matrix):
        stored = np.ascontiguousarray(matrix[block], dtype=np.float16)
        zero.append(~stored.any(axis=1))
        hashes.append(row_hashes(stored))
    if not hashes:
        return np.empty(0, np.bool_)
    _, number, counts = np.unique(np.concatenate(hashes), return_inverse=True, return_counts=True)
    return np.asarray(np.concatenate(zero) | (counts[number] >= MANY))


def _blocks(matrix: Any) -> list[slice]:
    step = max(1, BLOCK_NUMBERS // matrix.shape[1])
    return [slice(start, start + step) for start in range(0, len(matrix), step)]


def _equal_in_many(matrix: Any) -> tuple[Pairs, Float32]:
    sketch = _sketch(matrix)
    step = np.random.default_rng(0).permutation(len(sketch))
    typical = float(np.median(rms(sketch[step] - sketch[np.roll(step, 1)])))
    if typical == 0:  # every track has the same vector: a broken encoder, no evidence
        return np.empty((0, 2), np.int64), np.empty(0, np.float32)
    pairs, distances = nearest(sketch, sketch, typical)
    last = np.full(len(sketch), typical, dtype=np.float32)
    order = np.argsort(distances)
    counts = np.bincount(pairs[:, 0], minlength=len(sketch))
    farthest = np.zeros(len(sketch), dtype=np.float32)
    farthest[pairs[order, 0]] = distances[order]
    last[counts >= NEIGHBOURS] = farthest[counts >= NEIGHBOURS]
    limit = np.minimum(CLOSE * typical, APART * np.minimum(last[pairs[:, 0]], last[pairs[:, 1]]))
    near = distances <= limit
    unique, at = np.unique(np.sort(pairs[near], axis=1), axis=0, return_index=True)
    return unique, distances[near][at] / np.float32(typical)


def _equal_in_few(matrix: Float32) -> tuple[Pairs, Float32]:
    """A library too small for a background: vectors that differ by rounding only."""
    first, second = np.triu_indices(len(matrix), 1)
    length = np.linalg.norm(matrix[first], axis=1) + np.linalg.norm(matrix[second], axis=1)
    share = 2 * np.linalg.norm(matrix[first] - matrix[second], axis=1) / np.maximum(length, 1e-12)
    near = (share <= EQUAL) & (length > 0)
    return np.stack([first, second], axis=1)[near], share[near].astype(np.float32)
