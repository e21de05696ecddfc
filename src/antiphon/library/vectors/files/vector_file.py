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
from antiphon.library.manifest.strangers import stranger
from antiphon.library.manifest.text_tables import read_text

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
        head = stream.read(16)
    if not head:
        raise EmbeddingError(f"{path} is empty (0 bytes).", fix="Save or fetch it again.")
    if (other := stranger(path)) is not None:
        raise EmbeddingError(f"{path} is {other.what}.", fix=other.fix)
    return next((form for start, form in _STARTS if head.startswith(start)), None)


def check_shape(path: Path, n_ids: int, shape: tuple[int, ...], dtype: Any) -> None:
    """Refuse what is no table of numbers with a row an id.

    Raises
    ------
    EmbeddingError : it is not; the message has the shape or type.
    """
    if np.dtype(dtype).kind not in "fiu":
        raise EmbeddingError(f"{path} has values of type {dtype}, not numbers.", fix="Save float32.")
    if len(shape) != 2 or shape[1] < 1:
        framed = "Pool what belongs to one id: vectors.mean(axis=1); or keep all of it in one row: "
        raise EmbeddingError(
            f"{path} has an array of shape {tuple(shape)}; a table of vectors has two dimensions.",
            fix=f"{framed if len(shape) == 3 and shape[1] > 1 else 'Make it one row an id: '}"
            "vectors.reshape(len(ids), -1).",
        )
    if n_ids != shape[0]:
        turned = " It has as many columns as there are ids: is it the wrong way round? Then save vectors.T."
        raise EmbeddingError(
            f"{path} has {shape[0]} vectors, but there are {n_ids} ids.",
            fix=f"Give one id a row, in the order of the vectors.{turned if n_ids == shape[1] else ''}",
        )


def id_lines(ids: Path) -> list[str]:
    """The ids in a text file, one a line.

    Raises
    ------
    EmbeddingError : it is no text, or a line between others is empty.
    """
    if ids.is_file() and (form := form_of(ids)) is not None:
        raise EmbeddingError(f"{ids} is an {form} file, not a text of ids.", fix="numpy.savetxt('ids.txt', ids, '%s')")
    lines = [line.strip() for line in read_text(ids).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if "" in lines:
        raise EmbeddingError(f"{ids}:{lines.index('') + 1}: the line is empty.", fix="Write one id a line.")
    return lines


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
