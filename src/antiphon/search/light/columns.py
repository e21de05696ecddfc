"""Columns of text of which a few cells are read: one file of text, one of where each cell begins.

``texts.bin``     UTF-8, column after column, cell after cell
``offsets.npy``   (columns, n + 1) int64: a cell's place in it, and the next one's
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.search.light.rows import AGAIN

TEXTS, OFFSETS = "texts.bin", "offsets.npy"


def write_columns(folder: Path, columns: Sequence[Iterable[str | None]]) -> None:
    """Write columns of equal length; a cell that is None becomes empty."""
    encoded = [[(cell or "").encode("utf-8", "surrogatepass") for cell in column] for column in columns]
    lengths = np.array([[len(cell) for cell in column] for column in encoded], np.int64).reshape(len(encoded), -1)
    starts = (lengths.sum(axis=1).cumsum() - lengths.sum(axis=1))[:, None]
    (folder / TEXTS).write_bytes(b"".join(cell for column in encoded for cell in column))
    np.save(folder / OFFSETS, np.concatenate([starts, starts + lengths.cumsum(axis=1)], axis=1))


class Columns:
    """Columns of text in a folder; what is not asked for is not read.

    Parameters
    ----------
    folder : that :func:`write_columns` wrote into.

    Raises
    ------
    EmbeddingError : they are not there, or damaged.
    """

    def __init__(self, folder: Path) -> None:
        with reading(folder / OFFSETS, fix=AGAIN):
            self._offsets: NDArray[np.int64] = np.load(folder / OFFSETS, mmap_mode="r", allow_pickle=False)
        with reading(folder / TEXTS, fix=AGAIN):
            self._texts = np.memmap(folder / TEXTS, np.uint8, "r") if (folder / TEXTS).stat().st_size else b""
        if (
            self._offsets.ndim != 2
            or self._offsets.dtype != np.int64
            or (self._offsets.size and self._offsets[-1, -1] != len(self._texts))
        ):
            raise EmbeddingError(f"{folder / OFFSETS} is not that of {TEXTS} beside it.", fix=AGAIN)

    def __len__(self) -> int:
        return int(self._offsets.shape[1]) - 1

    def cell(self, column: int, row: int) -> str:
        """One cell."""
        start, end = self._offsets[column, row : row + 2]
        return bytes(self._texts[start:end]).decode("utf-8", "surrogatepass")

    def whole(self, column: int) -> list[str]:
        """All cells of a column."""
        places = self._offsets[column].tolist()
        start = places[0]
        text = bytes(self._texts[start : places[-1]])
        return [text[a - start : b - start].decode("utf-8", "surrogatepass") for a, b in pairwise(places)]

    def row_of(self, column: int, text: str) -> int | None:
        """The first row whose cell in a column is a text; None where there is none."""
        wanted = text.encode("utf-8", "surrogatepass")
        starts = np.asarray(self._offsets[column])
        if not wanted:
            empty = np.flatnonzero(np.diff(starts) == 0)
            return int(empty[0]) if len(empty) else None
        first = int(starts[0])
        column_text, at = bytes(self._texts[first : int(starts[-1])]), -1
        while (at := column_text.find(wanted, at + 1)) >= 0:
            row = int(np.searchsorted(starts, first + at, side="right")) - 1
            if starts[row] == first + at and starts[row + 1] - starts[row] == len(wanted):
                return row
        return None
