"""Scores of all tracks from vectors that stay on disk: read a block at a time, and let go of again."""

from __future__ import annotations

import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError

Float32 = NDArray[np.float32]
BLOCK_BYTES = 16 << 20
AGAIN = "antiphon index --anew"
"""What makes the files of a light search anew."""


class Rows:
    """(n, k) float32 in a ``.npy`` file, mapped into memory.

    Parameters
    ----------
    path : the file.

    Raises
    ------
    EmbeddingError : it is missing, damaged, or holds something else.
    """

    def __init__(self, path: Path) -> None:
        with reading(path, fix=AGAIN):
            array = np.load(path, mmap_mode="r", allow_pickle=False)
        if array.ndim != 2 or array.dtype != np.float32 or not array.flags.c_contiguous:
            raise EmbeddingError(f"{path} holds {array.dtype} of shape {array.shape}.", fix=AGAIN)
        self.shape: tuple[int, int] = array.shape
        self._path, self._start = path, int(array.offset)
        self._kept: Float32 | None = None
        self._stream = path.open("rb")  # an index that takes this one's place may remove the file meanwhile

    def __len__(self) -> int:
        return self.shape[0]

    def keep(self) -> None:
        """Let pages that were read stay in memory: for a process that is asked again and again.

        The system may still take them back when it is short of memory.
        """
        whole = mmap.mmap(self._stream.fileno(), 0, access=mmap.ACCESS_READ)
        n, k = self.shape
        self._kept = np.frombuffer(whole, np.float32, n * k, self._start).reshape(n, k)

    def products(self, vector: Float32) -> Float32:
        """(n,) float32: each row's product with a vector of k numbers, or with its first numbers where it has fewer.

        (n, q) with q of them, the columns of a matrix, in the same pass.
        Pages that were read are let go of, so that memory does not grow with the library, unless they are kept.
        """
        n, k = self.shape
        if self._kept is not None:
            return np.asarray(self._kept[:, : len(vector)] @ vector)
        out = np.empty((n, *vector.shape[1:]), np.float32)
        if not n:
            return out
        with (
            reading(self._path, fix=AGAIN),
            mmap.mmap(self._stream.fileno(), 0, access=mmap.ACCESS_READ) as whole,
        ):
            step, done = max(1, BLOCK_BYTES // (4 * k)), 0
            for row in range(0, n, step):
                count = min(step, n - row)
                at = self._start + 4 * k * row
                block = np.frombuffer(whole, np.float32, count * k, at).reshape(count, k)
                out[row : row + count] = block[:, : len(vector)] @ vector
                del block
                done = _let_go(whole, done, at + 4 * k * count)
        return out

    def row(self, number: int) -> Float32:
        """(k,) one row.

        Raises
        ------
        EmbeddingError : the file was cut off since it was opened.
        """
        width = 4 * self.shape[1]
        with reading(self._path, fix=AGAIN):
            found = os.pread(self._stream.fileno(), width, self._start + width * number)
            return np.frombuffer(found, np.float32, self.shape[1])


def _let_go(whole: mmap.mmap, start: int, end: int) -> int:
    """Give pages between two places back, where the system knows how; from where the next are to be given back."""
    end -= end % mmap.PAGESIZE
    if end > start and hasattr(mmap, "MADV_DONTNEED"):
        whole.madvise(mmap.MADV_DONTNEED, start, end - start)
    return end
