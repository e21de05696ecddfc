"""Values of Python and numpy as pyarrow has them, and back, without its own ways there.

``pa.array``, ``pa.scalar``, ``np.asarray`` of an Arrow array and every function that is handed a Python value load
pandas where that is installed, 0.3 s and 60 MB in each process: what answers a search goes through buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    import pyarrow as pa


def arrow_texts(texts: Sequence[str]) -> pa.StringArray:
    """(n,) strings."""
    import pyarrow as pa

    encoded = [text.encode() for text in texts]
    ends = np.cumsum([0, *map(len, encoded)], dtype=np.int32)
    return pa.StringArray.from_buffers(len(encoded), pa.py_buffer(ends), pa.py_buffer(b"".join(encoded)))


def arrow_rows(rows: ArrayLike) -> pa.Int64Array:
    """(n,) int64: numbers of rows, for ``take``."""
    import pyarrow as pa

    numbers = np.ascontiguousarray(rows, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def arrow_text(text: str) -> pa.StringScalar:
    """One string, for a function of ``pyarrow.compute``."""
    return arrow_texts([text])[0]


def arrow_number(number: int | float) -> pa.Scalar:
    """One number, for a function of ``pyarrow.compute``: int64 or float64."""
    import pyarrow as pa

    values = np.array([number], np.int64 if isinstance(number, int) else np.float64)
    kind = pa.int64() if isinstance(number, int) else pa.float64()
    return pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(values)])[0]


def flags_in(column: pa.BooleanArray) -> NDArray[np.bool_]:
    """(n,) bool; null is False."""
    if not len(column):
        return np.zeros(0, bool)
    known, flags = column.buffers()
    found = _bits(flags, column)
    return found if known is None else found & _bits(known, column)


def _bits(buffer: pa.Buffer, column: pa.Array) -> NDArray[np.bool_]:
    end = column.offset + len(column)
    packed = np.frombuffer(buffer, np.uint8)
    return np.unpackbits(packed, count=end, bitorder="little")[column.offset :].view(np.bool_)


def integers_in(column: pa.Array | pa.ChunkedArray) -> NDArray[np.int64]:
    """(n,) int64 of whole numbers without null."""
    import pyarrow as pa

    column = column.cast(pa.int64())
    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    found = [np.frombuffer(each.buffers()[1], np.int64, len(each), 8 * each.offset) for each in chunks if len(each)]
    return np.concatenate([np.zeros(0, np.int64), *found])


def row_of_text(column: pa.ChunkedArray, text: str) -> int:
    """The first row in which a column of strings has a text; -1 where none has."""
    import pyarrow.compute as pc

    try:
        wanted = arrow_text(text)
    except UnicodeEncodeError:  # half of a surrogate pair, which no column can hold
        return -1
    return int(pc.index(column, wanted.cast(column.type)).as_py())


def texts_in(column: pa.ChunkedArray) -> NDArray[np.object_]:
    """(n,) strings or None; pyarrow's own way there loads pandas where that is installed, 0.2 s."""
    found = np.empty(len(column), dtype=object)
    found[:] = column.to_pylist()
    return found
