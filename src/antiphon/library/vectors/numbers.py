"""What a file's numbers are worth once they are stored: rows that describe nothing, and what float16 cannot hold.

Conventions. A row is *zero* where every number of it is 0 in float16. A row is *shared* where ``MANY`` or more ids have
it, bit for bit in float16: then it is a placeholder and no description. A column *moves* where its values differ at
all; it is *coarse* where rounding to float16 costs more than ``LOST`` of its standard deviation (both as root mean
squares over the rows that are not zero). What a file of float16 lost when it was made is taken for that of rounding
evenly, a twelfth of its steps squared. Where most moving columns are coarse a file is refused, but for one of float16:
nothing that is done to it now brings back what it lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError

FLOAT16_MAX = float(np.finfo(np.float16).max)
FLOAT16_NORMAL = float(np.finfo(np.float16).tiny)
LOST = 0.01
MANY = 5
"""So many ids with one and the same vector are no copies of a recording, but a placeholder."""
FEW_ROWS = 3
"""Below, equal rows may be copies of one recording."""

Float64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What was found in the numbers of some rows.

    Parameters
    ----------
    zero : rows that are all zero, ascending.
    shared : for each vector that many ids have, its rows.
    size, still, coarse : columns in all, of one value, and that lose much in float16.
    half : whether the file is in float16 itself, so that what is lost was lost before.
    """

    zero: tuple[int, ...]
    shared: tuple[tuple[int, ...], ...]
    size: int
    still: int
    coarse: int
    half: bool = False


def row_hashes(stored: NDArray[np.float16]) -> NDArray[np.uint64]:
    """(m,) a 64-bit hash of each row's bits; equal rows have equal ones. ``stored`` is (m, d), C order."""
    weights = np.random.default_rng(0).integers(1, 2**63, stored.shape[1], dtype=np.uint64) | np.uint64(1)
    hashes: NDArray[np.uint64] = stored.view(np.uint16).astype(np.uint64) @ weights
    return hashes


class NumberCheck:
    """Sees a file's rows go by, block by block; memory is 8 bytes a row and some arrays of d numbers.

    Parameters
    ----------
    path : for messages.
    size : numbers in a row.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._path, self._size = path, size
        self._rows: list[NDArray[np.int64]] = []
        self._hashes: list[NDArray[np.uint64]] = []
        self._zero: list[int] = []
        self._count, self._largest, self._vanished = 0, 0.0, 0.0
        self._half = False
        self._shift: Float64 | None = None
        self._sum, self._squares, self._lost = np.zeros(size), np.zeros(size), np.zeros(size)

    def see(self, rows: NDArray[np.int64], block: NDArray[Any]) -> None:
        """Take (m, d) finite numbers within float16's range, and which rows of the file they are."""
        stored = np.ascontiguousarray(block, dtype=np.float16)
        empty = ~stored.any(axis=1)
        self._zero += rows[empty].tolist()
        if empty.any():
            self._vanished = max(self._vanished, float(np.abs(block[empty].astype(np.float64)).max()))
        self._half = block.dtype.kind == "f" and block.dtype.itemsize == 2
        rows, values, stored = rows[~empty], block[~empty].astype(np.float64), stored[~empty]
        if not len(rows):
            return
        self._rows.append(rows)
        self._hashes.append(row_hashes(stored))
        self._shift = values[0] if self._shift is None else self._shift
        self._count += len(rows)
        self._largest = max(self._largest, float(np.abs(values).max()))
        lost = np.spacing(stored).astype(np.float64) ** 2 / 12 if self._half else (values - stored) ** 2
        self._lost += lost.sum(axis=0)
        values -= self._shift
        self._sum += values.sum(axis=0)
        self._squares += (values**2).sum(axis=0)

    def conclude(self) -> Numbers:
        """What was found.

        Raises
        ------
        EmbeddingError : every row is zero, all rows are the same, or float16 loses what tells them apart.
        """
        if not self._count and self._vanished:
            raise self._too_small(self._vanished)
        if not self._count:
            raise EmbeddingError(
                f"{self._path}: all {len(self._zero)} rows are zero: they describe nothing.",
                fix="Look at the script that made them.",
            )
        variance = np.maximum(self._squares / self._count - (self._sum / self._count) ** 2, 0)
        moves = variance > 0
        if self._count >= FEW_ROWS and not moves.any():
            raise EmbeddingError(
                f"{self._path}: all {self._count} rows are the same vector: it describes nothing.",
                fix="Look at the script that made them.",
            )
        coarse = moves & (self._lost / self._count > LOST**2 * variance)
        if 2 * coarse.sum() > moves.sum() and not self._half:
            raise self._too_coarse(variance)
        return Numbers(
            zero=tuple(self._zero),
            shared=self._shared(),
            size=self._size,
            still=int((~moves).sum()) if self._count > 1 else 0,
            coarse=int(coarse.sum()),
            half=self._half,
        )

    def _too_small(self, largest: float) -> EmbeddingError:
        factor = 10.0 ** -math.floor(math.log10(largest))
        return EmbeddingError(
            f"{self._path}: values are {largest:.2g} at most, which half precision (float16, steps of 6e-08) cannot "
            "tell apart.",
            fix=f"Multiply all vectors by {factor:g}; cosines do not change.",
        )

    def _too_coarse(self, variance: Float64) -> EmbeddingError:
        if self._largest < 64 * FLOAT16_NORMAL:
            return self._too_small(self._largest)
        spread = math.sqrt(float(variance.mean()))
        return EmbeddingError(
            f"{self._path}: values go up to {self._largest:.6g}, but differ by {spread:.2g} only (standard deviation); "
            "half precision (float16) loses that.",
            fix="Subtract the mean of all rows and divide by their standard deviation, column by column, then import.",
        )

    def _shared(self) -> tuple[tuple[int, ...], ...]:
        rows, hashes = np.concatenate(self._rows), np.concatenate(self._hashes)
        order = np.argsort(hashes, kind="stable")
        _, starts, counts = np.unique(hashes[order], return_index=True, return_counts=True)
        many = np.flatnonzero(counts >= MANY)
        return tuple(tuple(rows[order[starts[i] : starts[i] + counts[i]]].tolist()) for i in many)


def require_storable(path: Path, start: int, block: NDArray[Any], ids: Sequence[str]) -> None:
    """Refuse numbers that float16 cannot hold at all.

    Parameters
    ----------
    start : the first row's number in the file, from 0.
    block : (m, d) numbers.
    ids : of all rows of the file.

    Raises
    ------
    EmbeddingError : a number is not finite, or beyond ±65,504; the message names row and id.
    """
    largest = np.abs(block.astype(np.float64, copy=False)).max(axis=1)
    bad = np.flatnonzero(~(largest <= FLOAT16_MAX))
    if len(bad):
        value = largest[bad[0]]
        where = f"{path}, row {start + bad[0] + 1} ('{ids[start + bad[0]]}')"
        if not np.isfinite(value):
            raise EmbeddingError(
                f"{where} has values that are not finite (NaN, infinite, or missing).",
                fix="Leave that row out, or look at what made it.",
            )
        raise EmbeddingError(
            f"{where} goes up to {value:.6g}; vectors are stored as float16, up to ±{FLOAT16_MAX:g}.",
            fix="Divide all vectors by one number (cosines do not change), or leave that row out.",
        )
