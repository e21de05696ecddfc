"""What every form of vector file is read as, and what is said of one that cannot be read.

Whatever the libraries that read these forms raise, :func:`antiphon.arrays.reading` makes one
:class:`EmbeddingError` of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError

BLOCK_BYTES = 64 << 20
Block = NDArray[Any]
Blocks = Callable[[], Iterator[Block]]

_STARTS = (
    (b"\x93NUMPY", ".npy"),
    (b"PK\x03\x04", ".npz"),
    (b"PK\x05\x06", ".npz"),
    (b"PAR1", ".parquet"),
    (b"\x89HDF\r\n\x1a\n", ".h5"),
)
"""How each form begins."""
_STRANGERS = (
    (b"version https://git-lfs", "a Git LFS pointer, not the file itself", "Fetch the file: git lfs pull"),
    (b"\x1f\x8b", "compressed with gzip", "Unpack it first: gunzip"),
    (b"\x80", "a Python pickle, which may run code when it is opened", "Save it with numpy.savez."),
)


@dataclass(frozen=True, kw_only=True)
class VectorFile:
    """Ids and, in the same order, blocks of rows.

    Parameters
    ----------
    ids : (n,) as the file has them.
    size : numbers in a row, d.
    blocks : starts over at each call; (m, d) arrays of any numeric type, n rows in all.
    per_caption : whether the ids are track ids that stand once for each caption.
    texts : (n,) the caption that each row was made of, where the file says so; else None.
    """

    ids: list[str]
    size: int
    blocks: Blocks
    per_caption: bool = False
    texts: Sequence[str] | None = None


def form_of(path: Path) -> str | None:
    """The suffix of the form that a file's first bytes are of; None where they are of none.

    Raises
    ------
    EmbeddingError : the file is empty, or no file of vectors but something that is known.
    """
    with reading(path), path.open("rb") as stream:
        head = stream.read(512)
    if not head:
        raise EmbeddingError(f"{path} is empty (0 bytes).", fix="Save or fetch it again.")
    found = next((form for start, form in _STARTS if head.startswith(start)), None)
    if found is None:
        for start, what, fix in _STRANGERS:
            if head.startswith(start):
                raise EmbeddingError(f"{path} is {what}.", fix=fix)
        if head.lstrip()[:1] == b"<":
            raise EmbeddingError(f"{path} is a web page or XML, no file of vectors.", fix="Fetch the file itself.")
    return found


def check_shape(path: Path, n_ids: int, shape: tuple[int, ...], dtype: Any) -> None:
    """Refuse what is no table of numbers with a row an id.

    Raises
    ------
    EmbeddingError : it is not; the message has the shape or type.
    """
    if len(shape) != 2 or shape[1] < 1:
        raise EmbeddingError(
            f"{path} has an array of shape {tuple(shape)}; a table of vectors has two dimensions.",
            fix="Pool or flatten it to one row an id: vectors.reshape(len(ids), -1).",
        )
    if np.dtype(dtype).kind not in "fiu":
        raise EmbeddingError(f"{path} has values of type {dtype}, not numbers.", fix="Save float32.")
    if n_ids != shape[0]:
        raise EmbeddingError(f"{path} has {shape[0]} vectors, but there are {n_ids} ids.", fix="Give one id a row.")


def rows_at_once(size: int) -> int:
    """Rows of ``size`` numbers that make a block."""
    return max(1, BLOCK_BYTES // (4 * size))


def slices(path: Path, matrix: Any, size: int) -> Iterator[Block]:
    """Blocks of something that is indexed like an array."""
    step = rows_at_once(size)
    for start in range(0, len(matrix), step):
        with reading(path):
            block = np.asarray(matrix[start : start + step])
        yield block
