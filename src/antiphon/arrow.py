"""Values of Python as pyarrow has them, without its own way there.

``pa.array``, ``pa.scalar`` and every function that is handed a Python value load pandas where that is installed, 0.3 s
and 60 MB in each process: what answers a search goes through buffers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

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


def row_of_text(column: pa.ChunkedArray, text: str) -> int:
    """The first row in which a column of strings has a text; -1 where none has."""
    import pyarrow.compute as pc

    try:
        wanted = arrow_texts([text])
    except UnicodeEncodeError:  # half of a surrogate pair, which no column can hold
        return -1
    return int(pc.index(column, wanted[0].cast(column.type)).as_py())
