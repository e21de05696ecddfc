"""Training vectors, standardised once and ready for a step.

What fits is held in memory in the type the heads compute in (bfloat16 where it is fast: half the size, and nothing to
convert in a step). What does not fit stays in the library's float16 file and is read and standardised batch by batch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from antiphon.align.heads.standardise import Standardise
from antiphon.align.losses.process_group import ProcessGroup

CHUNK_BYTES = 24 * 2**20
"""Of float32: below 32 MiB, above which glibc asks the kernel for each block anew, and gets it page by page."""
CACHED_BYTES = 4 * 2**20
"""Of float32 where numbers are only converted, not multiplied: it stays in the processor's cache from pass to pass."""
MOMENT_ROWS = 4096
Index = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a matrix that may lie on disk.

    Parameters
    ----------
    matrix : (N, d) float16 or float32, possibly memory-mapped.
    rows : (n,) which of them, in this order.
    """

    matrix: NDArray[Any]
    rows: Index

    @classmethod
    def all_of(cls, matrix: NDArray[Any]) -> Rows:
        """Every row in order."""
        return cls(matrix, np.arange(len(matrix), dtype=np.int64))

    def __len__(self) -> int:
        return len(self.rows)

    def subset(self, index: Index) -> Rows:
        """Some of these rows, in the order of ``index``."""
        return Rows(self.matrix, self.rows[index])

    def followed_by(self, other: Rows) -> Rows:
        """These rows, then those of another; read into memory where they lie in different matrices."""
        if self.matrix is other.matrix:
            return Rows(self.matrix, np.concatenate([self.rows, other.rows]))
        return Rows.all_of(np.concatenate([each.matrix[each.rows] for each in (self, other)]))

    @property
    def size(self) -> int:
        """Columns."""
        return int(self.matrix.shape[1])

    def raw(self, index: Index | slice) -> Tensor:
        """The chosen rows as they are stored, copied into memory."""
        return torch.from_numpy(np.ascontiguousarray(self.matrix[self.rows[index]]))

    def block(self, rows: NDArray[np.integer] | slice, columns: slice) -> NDArray[Any]:
        """Some columns of the chosen rows as they are stored, (·, ·)."""
        return np.asarray(self.matrix[self.rows[rows], columns])

    def chunks(self, *, most: int = 2**30, size: int = CHUNK_BYTES) -> Iterator[slice]:
        """Consecutive stretches of about ``size`` bytes of float32, and of at most ``most`` rows."""
        step = min(most, max(1, size // (4 * self.size)))
        return (slice(start, min(start + step, len(self))) for start in range(0, len(self), step))


def moments(rows: Rows, *, group: ProcessGroup | None = None) -> tuple[Float64, Float64]:
    """Mean and standard deviation (denominator n) of every column, each (d,) float64.

    One pass. Sums over at most ``MOMENT_ROWS`` rows are float32, around the first rows' mean so that a large offset
    costs no digits; they are added up in float64. With a ``group`` each process reads rows of its own and gets the
    moments of all.
    """
    shift = torch.zeros(rows.size)
    total, squares = torch.zeros(2, rows.size, dtype=torch.float64)
    for number, chunk in enumerate(rows.chunks(most=MOMENT_ROWS, size=CACHED_BYTES)):
        block = rows.raw(chunk).float()
        if number == 0:
            shift = block.mean(dim=0)
        block -= shift
        total += block.sum(dim=0)
        squares += block.square_().sum(dim=0)
    count = max(len(rows), 1)
    mean = total / count
    variance = (squares / count - mean**2).clamp_min_(0.0)
    mean += shift
    if group is not None and group.size > 1:
        mean, variance = _pooled(len(rows), mean, variance, group)
    return mean.numpy(), variance.sqrt_().numpy()


def _pooled(count: int, mean: Tensor, variance: Tensor, group: ProcessGroup) -> tuple[Tensor, Tensor]:
    """Moments of all processes' rows from those of each one's (Chan, Golub and LeVeque 1979)."""
    n = group.total(torch.tensor(float(count), dtype=torch.float64))
    joint = group.total(count * mean) / n
    return joint, group.total(count * (variance + (mean - joint) ** 2)) / n


class Features:
    """Standardised vectors by row, for training steps.

    Parameters
    ----------
    rows : the training vectors.
    standardise : fitted on them already.
    dtype : that of the heads' matrix products.
    device : where batches are wanted.
    memory_bytes : hold everything in memory up to this size, else read batch by batch.
    own : (k,) ascending; the only rows that will be asked for, None for all. Nothing else is read.
    """

    def __init__(
        self,
        rows: Rows,
        standardise: Standardise,
        *,
        dtype: torch.dtype,
        device: torch.device,
        memory_bytes: float,
        own: Index | None = None,
    ) -> None:
        self._own = None if own is None or len(own) == len(rows) else own
        rows = rows if self._own is None else rows.subset(self._own)
        self._rows = rows
        self._standardise = standardise
        self.dtype = dtype
        self.device = device
        self._held: Tensor | None = None
        size = len(rows) * rows.size * torch.empty((), dtype=dtype).element_size()
        if size <= memory_bytes:
            self._held = torch.empty(len(rows), rows.size, dtype=dtype, device=device)
            for chunk in rows.chunks(size=CACHED_BYTES):
                self._held[chunk] = self._read(chunk)
        self._buffer: Tensor | None = None

    @property
    def in_memory(self) -> bool:
        """Whether everything is held."""
        return self._held is not None

    def __len__(self) -> int:
        return len(self._rows)

    def _read(self, index: Index | slice) -> Tensor:
        raw = self._rows.raw(index).to(self.device)
        values: Tensor = self._standardise(raw)
        return values.to(self.dtype)

    def take(self, index: Index) -> Tensor:
        """(len(index), d) on the device. The memory is used again by the next call: finish the step before."""
        if self._own is not None:
            index = np.searchsorted(self._own, index)
        if self._held is None:
            return self._read(index)
        if len(index) == len(self._held) and bool((np.diff(index) == 1).all()):
            return self._held
        if self._buffer is None or len(self._buffer) < len(index):
            self._buffer = torch.empty(len(index), self._held.shape[1], dtype=self.dtype, device=self.device)
        picked = self._buffer[: len(index)]
        torch.index_select(self._held, 0, torch.from_numpy(index).to(self.device), out=picked)
        return picked
