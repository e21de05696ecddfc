"""Standardised vectors in fewer numbers, made block by block, so that what they are made of may be memory-mapped."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]

FINE, COARSE = 256, 64
"""Numbers of a sketch; the coarse one is for the search, the fine one for the verdict."""
BLOCK_NUMBERS = 2**23
CLIP = 5.0


class Sketch:
    """Vectors whose columns have mean 0 and deviation 1, through a fixed random projection where they are long.

    The projection keeps distances, to about 1/√(2 · numbers) of them (Johnson & Lindenstrauss 1984).

    Parameters
    ----------
    matrix : (n, d) numbers; anything that gives rows by slice and by array of integers.
    """

    def __init__(self, matrix: Any) -> None:
        self._matrix = matrix
        blocks = blocks_of(matrix)
        mean = sum(np.asarray(matrix[b], np.float64).sum(axis=0) for b in blocks) / len(matrix)
        variance = sum(((np.asarray(matrix[b], np.float64) - mean) ** 2).sum(axis=0) for b in blocks) / len(matrix)
        self._mean = np.asarray(mean, np.float32)
        self._scale = np.where(variance > 0, 1 / np.sqrt(np.where(variance > 0, variance, 1)), 0).astype(np.float32)
        self._projections = {size: self._projection(size) for size in (FINE, COARSE)}

    def __len__(self) -> int:
        return len(self._matrix)

    def _projection(self, size: int) -> Float32 | None:
        d = int(self._matrix.shape[1])
        if d <= size:
            return None
        project: Float32 = np.random.default_rng(0).standard_normal((d, size), dtype=np.float32)
        project /= np.float32(np.sqrt(size))
        return project

    def rows(self, wanted: Any, size: int = FINE) -> Float32:
        """(m, ≤ size) float32 of some rows, a slice or integers."""
        scaled = (np.asarray(self._matrix[wanted], np.float32) - self._mean) * self._scale
        np.clip(scaled, -CLIP, CLIP, out=scaled)
        project = self._projections[size]
        return np.asarray(scaled if project is None else scaled @ project, np.float32)

    def whole(self, size: int = FINE) -> Float32:
        """(n, ≤ size) float32 of all rows."""
        blocks = blocks_of(self._matrix)
        first = self.rows(blocks[0], size)
        out = np.empty((len(self), first.shape[1]), np.float32)
        out[blocks[0]] = first
        for block in blocks[1:]:
            out[block] = self.rows(block, size)
        return out


def blocks_of(matrix: Any) -> list[slice]:
    """Slices of rows of about ``BLOCK_NUMBERS`` numbers."""
    step = max(1, BLOCK_NUMBERS // max(1, matrix.shape[1]))
    return [slice(start, start + step) for start in range(0, len(matrix), step)]
