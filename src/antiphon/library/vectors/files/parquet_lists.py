"""``.parquet`` with a column of ids and one of lists of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.manifest.cells import id_of, text_of
from antiphon.library.manifest.hdf5 import CAPTIONS, IDS, VECTORS, find_name
from antiphon.library.vectors.files.vector_file import Block, VectorFile, check_shape, rows_at_once


def open_parquet(path: Path, name: str) -> VectorFile:
    """A Parquet file; only its ids are held in memory. ``name`` is the encoder, as which its column may be called.

    Raises
    ------
    EmbeddingError : it cannot be read, or has no columns of ids and of lists of numbers, all equally long.
    """
    with reading(path):
        file = pq.ParquetFile(path)
        names = file.schema_arrow.names
    own = (f"{name}_embeddings", f"{name}_embedding", f"{name}_vectors", name)
    ids_in, vectors_in, texts_in = (find_name(known, names) for known in (IDS, (*own, *VECTORS), CAPTIONS))
    if ids_in is None or vectors_in is None:
        raise EmbeddingError(
            f"{path} has no column '{'vector' if ids_in else 'id'}' (it has: {', '.join(names[:12])}).",
            fix="Write two columns, id and vector (a list of numbers).",
        )
    _check_type(path, file.schema_arrow.field(vectors_in).type, file, vectors_in)
    with reading(path):
        ids = [id_of(item) for item in file.read(columns=[ids_in]).column(0).to_pylist()]
        texts = file.read(columns=[texts_in]).column(0).to_pylist() if texts_in else None
        first = next(file.iter_batches(batch_size=1, columns=[vectors_in]), None)
        rows = file.metadata.num_rows
    size = _matrix(path, first.column(0), 0, 0).shape[1] if first is not None else 0
    check_shape(path, len(ids), (rows, size), np.float32)

    def blocks() -> Iterator[Block]:
        batches = file.iter_batches(batch_size=rows_at_once(size), columns=[vectors_in])
        start = 0
        while True:
            with reading(path):
                batch = next(batches, None)
            if batch is None:
                return
            yield _matrix(path, batch.column(0), size, start)
            start += len(batch)

    return VectorFile(ids=ids, size=size, blocks=blocks, texts=[text_of(t) for t in texts] if texts else None)


def _storage(kind: Any) -> Any:
    """The type below an extension type, such as Arrow's tensors of a fixed shape."""
    return kind.storage_type if isinstance(kind, pa.BaseExtensionType) else kind


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind))


def _check_type(path: Path, kind: Any, file: pq.ParquetFile, column: str) -> None:
    kind = _storage(kind)
    if not _is_list(kind):
        raise EmbeddingError(f"{path}: the vector column has {kind}, not lists of numbers.", fix="Write lists.")
    within = kind.value_type
    if _is_list(within):
        raise EmbeddingError(
            f"{path}: vectors are lists of lists{_example(path, file, column)}.",
            fix="Flatten or pool each to one list of numbers: numpy.ravel(vector)",
        )
    if not (pa.types.is_integer(within) or pa.types.is_floating(within)):
        raise EmbeddingError(f"{path}: vectors are lists of {within}, not of numbers.", fix="Write lists of float32.")


def _example(path: Path, file: pq.ParquetFile, column: str) -> str:
    """The shape of the first, where there is one."""
    with reading(path):
        batch = next(file.iter_batches(batch_size=1, columns=[column]), None)
        cell = batch.column(0).to_pylist()[0] if batch is not None and len(batch) else None
    return f" ({len(cell)} × {len(cell[0])})" if cell and cell[0] else ""


def _matrix(path: Path, cells: Any, size: int, start: int) -> Block:
    """(m, d) numbers of a column of lists from row ``start`` on; ``size`` 0 takes the width as it is."""
    with reading(path):
        cells = cells.storage if isinstance(cells, pa.ExtensionArray) else cells
        flat = cells.flatten().to_numpy(zero_copy_only=False)
        width = size or len(flat) // max(1, len(cells))
        fixed = pa.types.is_fixed_size_list(cells.type)
        lengths = np.full(len(cells), width) if fixed else cells.value_lengths().to_numpy(zero_copy_only=False)
        missing = cells.is_null().to_numpy(zero_copy_only=False)
    odd = np.flatnonzero(missing | (lengths != width))
    if len(odd) or len(flat) != len(cells) * width:
        row = int(odd[0]) if len(odd) else 0
        found = "no vector" if missing[row] else f"a vector of {int(lengths[row])} numbers, not {width}"
        raise EmbeddingError(f"{path} row {start + row + 1} has {found}.", fix=f"Give each {width} numbers.")
    matrix: Block = flat.reshape(len(cells), width)
    return matrix
