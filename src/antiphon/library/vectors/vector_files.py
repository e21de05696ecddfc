"""Files of vectors with ids, read in blocks: .npy, .npz, .parquet, .h5. A file larger than memory is no problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.manifest.cells import id_of
from antiphon.library.manifest.hdf5 import open_h5, parts_of
from antiphon.library.manifest.text_tables import read_text

BLOCK_BYTES = 64 << 20
ID_COLUMNS = ("id", "ids", "track_id", "caption_id")
VECTOR_COLUMNS = ("vector", "vectors", "embedding", "embeddings")
FORMS = ".npy with --ids, .npz (ids, vectors), .parquet (id, vector) or .h5"
Blocks = Callable[[], Iterator[NDArray[Any]]]


@dataclass(frozen=True, kw_only=True)
class VectorFile:
    """Ids and, in the same order, blocks of rows.

    Parameters
    ----------
    ids : (n,) as the file has them.
    size : numbers in a row, d.
    blocks : starts over at each call; (m, d) arrays of any numeric type, n rows in all.
    per_caption : whether the ids are track ids that stand once for each caption.
    """

    ids: list[str]
    size: int
    blocks: Blocks
    per_caption: bool = False


@contextmanager
def open_vector_file(path: Path, name: str, ids: Path | None) -> Iterator[VectorFile]:
    """Open a file of vectors.

    Parameters
    ----------
    path : the file.
    name : the encoder, which names the data set in an ``.h5`` file.
    ids : a text file with one id a line, for ``.npy``.

    Raises
    ------
    EmbeddingError : it is missing, of no known form, or lacks ids or vectors.
    """
    if not path.is_file():
        raise EmbeddingError(f"There is no file {path}.", fix=f"Give a file of vectors: {FORMS}.")
    suffix = path.suffix.lower()
    if suffix == ".npy":
        yield _npy(path, ids)
    elif suffix == ".npz":
        yield _npz(path)
    elif suffix in {".parquet", ".pq"}:
        yield _parquet(path)
    elif suffix in {".h5", ".hdf5"}:
        with open_h5(path) as file:
            yield _h5(path, file, name)
    else:
        raise EmbeddingError(f"{path} has no known form ('{suffix}').", fix=f"Use {FORMS}.")


def _npy(path: Path, ids: Path | None) -> VectorFile:
    if ids is None:
        raise EmbeddingError(f"{path} has no ids in it.", fix="Say which row is whose: --ids IDS.txt, one id a line.")
    try:
        matrix = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise EmbeddingError(f"{path} cannot be read: {error}", fix="Save it with numpy.save.") from error
    lines = [line.strip() for line in read_text(ids).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    return _from_array(path, lines, matrix)


def _npz(path: Path) -> VectorFile:
    try:
        with np.load(path, allow_pickle=False) as file:
            missing = [name for name in ("ids", "vectors") if name not in file]
            if missing:
                raise EmbeddingError(
                    f"{path} has no '{missing[0]}' (it has: {', '.join(file.files)}).",
                    fix="numpy.savez(path, ids=ids, vectors=vectors)",
                )
            ids, matrix = file["ids"], file["vectors"]
    except (OSError, ValueError) as error:
        fix = "Save ids as text: numpy.savez(path, ids=numpy.array(ids, dtype=str), vectors=vectors)"
        raise EmbeddingError(f"{path} cannot be read: {error}", fix=fix) from error
    return _from_array(path, [id_of(_plain(item)) for item in ids.ravel().tolist()], matrix)


def _plain(item: Any) -> Any:
    return item.decode("utf-8", errors="replace") if isinstance(item, bytes) else item


def _from_array(path: Path, ids: list[str], matrix: NDArray[Any]) -> VectorFile:
    _check_shape(path, len(ids), matrix.shape, matrix.dtype)
    size = int(matrix.shape[1])
    return VectorFile(ids=ids, size=size, blocks=lambda: _slices(matrix, size))


def _slices(matrix: Any, size: int) -> Iterator[NDArray[Any]]:
    step = max(1, BLOCK_BYTES // (4 * size))
    for start in range(0, len(matrix), step):
        yield np.asarray(matrix[start : start + step])


def _check_shape(path: Path, n_ids: int, shape: tuple[int, ...], dtype: Any) -> None:
    if len(shape) != 2 or shape[1] < 1:
        raise EmbeddingError(
            f"{path} has an array of shape {tuple(shape)}; a table of vectors has two dimensions.",
            fix="Pool or flatten it to one row an id: vectors.reshape(len(ids), -1).",
        )
    if np.dtype(dtype).kind not in "fiu":
        raise EmbeddingError(f"{path} has values of type {dtype}, not numbers.", fix="Save float32.")
    if n_ids != shape[0]:
        raise EmbeddingError(f"{path} has {shape[0]} vectors, but there are {n_ids} ids.", fix="Give one id a row.")


def _parquet(path: Path) -> VectorFile:
    try:
        file = pq.ParquetFile(path)
        names = {name.casefold(): name for name in file.schema_arrow.names}
        id_column = next((names[c] for c in ID_COLUMNS if c in names), None)
        column = next((names[c] for c in VECTOR_COLUMNS if c in names), None)
        if id_column is None or column is None:
            raise EmbeddingError(
                f"{path} has no column '{'vector' if id_column else 'id'}' (it has: {', '.join(names.values())}).",
                fix="Write two columns, id and vector (a list of numbers).",
            )
        ids = [id_of(item) for item in file.read(columns=[id_column]).column(0).to_pylist()]
        first = next(file.iter_batches(batch_size=1, columns=[column]), None)
    except (OSError, pa.ArrowException) as error:
        raise EmbeddingError(f"{path} cannot be read: {error}", fix="Write it again.") from error
    size = _matrix(path, first.column(0), 0).shape[1] if first is not None else 0
    _check_shape(path, len(ids), (file.metadata.num_rows, size), np.float32)

    def blocks() -> Iterator[NDArray[Any]]:
        for batch in file.iter_batches(batch_size=max(1, BLOCK_BYTES // (4 * size)), columns=[column]):
            yield _matrix(path, batch.column(0), size)

    return VectorFile(ids=ids, size=size, blocks=blocks)


def _matrix(path: Path, cells: Any, size: int) -> NDArray[Any]:
    """(m, d) numbers of a column of lists; ``size`` 0 takes the width as it is."""
    kind = cells.type
    if not (pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)):
        raise EmbeddingError(f"{path}: the vector column has {kind}, not lists of numbers.", fix="Write lists.")
    flat = cells.flatten().to_numpy(zero_copy_only=False)
    width = size or len(flat) // max(1, len(cells))
    lengths = cells.value_lengths().to_numpy(zero_copy_only=False) if not pa.types.is_fixed_size_list(kind) else width
    if cells.null_count or np.any(np.asarray(lengths) != width):
        raise EmbeddingError(f"{path}: vectors differ in length, or one is missing.", fix=f"Give each {width} numbers.")
    matrix: NDArray[Any] = flat.reshape(len(cells), width)
    return matrix


def _h5(path: Path, file: Any, name: str) -> VectorFile:
    parts = [part for part in parts_of(file, name, path) if part.vectors is not None]
    if not parts:
        raise EmbeddingError(
            f"{path} has no ids with vectors called '{name}_embeddings' (it has: {', '.join(_contents(file))}).",
            fix="Store two data sets, ids and vectors, or groups train, val and test with audio_ids and "
            f"{name}_embeddings.",
        )
    widths = {tuple(part.vectors.shape[1:]) for part in parts}
    if len(widths) > 1:
        raise EmbeddingError(
            f"{path}: the splits have vectors of different shapes: {sorted(widths)}.", fix="Write one."
        )
    for part in parts:
        _check_shape(path, len(part.ids), part.vectors.shape, part.vectors.dtype)
    size = int(parts[0].vectors.shape[1])

    def blocks() -> Iterator[NDArray[Any]]:
        for part in parts:
            yield from _slices(part.vectors, size)

    return VectorFile(ids=[i for part in parts for i in part.ids], size=size, blocks=blocks, per_caption=True)


def _contents(file: Any) -> list[str]:
    names: list[str] = []
    file.visit(names.append)
    return names[:12]
