"""``.npy`` with a list of ids, and ``.npz`` with ``ids`` and ``vectors``.

The vectors of an ``.npz`` are read from the archive block by block and never held whole, unless they are stored in
Fortran order. What a header claims is compared with what is there before memory is asked for.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

import numpy as np

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.manifest.cells import id_of, text_of
from antiphon.library.manifest.hdf5 import CAPTIONS, IDS, VECTORS, find_name
from antiphon.library.vectors.files.vector_file import (
    Block,
    VectorFile,
    check_shape,
    id_lines,
    rows_at_once,
    slices,
)

_TEXTS_FIX = "numpy.savez(path, ids=numpy.array(ids, dtype=str), vectors=vectors)"
_VECTORS_FIX = "numpy.savez(path, ids=ids, vectors=numpy.stack(vectors))"


def open_npy(path: Path, ids: Path | None) -> VectorFile:
    """One array; ``ids`` is a text file with one id a line.

    Raises
    ------
    EmbeddingError : there are no ids, or not one for each row; it cannot be read, or holds no matrix of numbers.
    """
    if ids is None:
        raise EmbeddingError(f"{path} has no ids in it.", fix="Say which row is whose: --ids IDS.txt, one id a line.")
    with reading(path), path.open("rb") as stream:
        shape, fortran, dtype = _header(stream)
        start = stream.tell()
    _refuse_objects(path, "the array", dtype, "numpy.save(path, numpy.stack(vectors))")
    _require_bytes(path, "", path.stat().st_size - start, shape, dtype)
    lines = id_lines(ids)
    check_shape(path, len(lines), shape, dtype)
    with reading(path):
        matrix = np.memmap(path, dtype, "r", start, shape, "F" if fortran else "C") if shape[0] else np.empty(shape)
    return VectorFile(ids=lines, size=shape[1], blocks=lambda: slices(path, matrix, shape[1]))


def open_npz(path: Path, listed: Path | None = None) -> VectorFile:
    """An archive of arrays; ``listed`` is a text file with one id a line, for an archive of vectors alone.

    Raises
    ------
    EmbeddingError : as :func:`open_npy`, or ids stand in both.
    """
    with reading(path), zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        ids_in, vectors_in, texts_in = (find_name(known, names) for known in (IDS, VECTORS, CAPTIONS))
        if listed is not None:
            _refuse_two_lists(path, ids_in)
            vectors_in = vectors_in or (names[0] if len(names) == 1 else None)
        if vectors_in is None or (ids_in is None and listed is None):
            raise _lacking(path, "ids" if ids_in is None and listed is None else "vectors", names)
        shape, fortran, dtype = _member_header(path, archive, vectors_in)
        ids = id_lines(listed) if listed is not None else _ids(path, archive, str(ids_in))
        check_shape(path, len(ids), shape, dtype)
        texts = _texts(path, archive, texts_in) if texts_in else None
        if texts is not None and len(texts) != len(ids):
            raise EmbeddingError(f"{path} has {len(ids)} ids, but {len(texts)} {texts_in}.", fix="Give one text a row.")
    size, member = shape[1], vectors_in

    def blocks() -> Iterator[Block]:
        yield from _fortran(path, member, size) if fortran else _streamed(path, member, shape, dtype)

    return VectorFile(ids=ids, size=size, blocks=blocks, texts=texts)


def _refuse_two_lists(path: Path, ids_in: str | None) -> None:
    if ids_in is not None:
        raise EmbeddingError(f"{path} has ids of its own, in '{ids_in}'.", fix="Leave out --ids.")


def _lacking(path: Path, what: str, names: Sequence[str]) -> EmbeddingError:
    fix = "numpy.savez(path, ids=ids, vectors=vectors)"
    if what == "ids" and len(names) > 1:
        fix += "; of a dict of vectors: ids=list(d), vectors=numpy.stack(list(d.values()))"
    return EmbeddingError(f"{path} has no '{what}' (it has: {', '.join(names[:12])}).", fix=fix)


def _header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """(shape, Fortran order, type) of an array, whose numbers come next in the stream."""
    version = np.lib.format.read_magic(stream)
    if version == (1, 0):
        return np.lib.format.read_array_header_1_0(stream)
    return np.lib.format.read_array_header_2_0(stream)


def _member_header(path: Path, archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    with archive.open(f"{name}.npy") as stream:
        shape, fortran, dtype = _header(stream)
        there = archive.getinfo(f"{name}.npy").file_size - stream.tell()
    _refuse_objects(path, f"'{name}'", dtype, _VECTORS_FIX if name.casefold() in VECTORS else _TEXTS_FIX)
    _require_bytes(path, f" for '{name}'", there, shape, dtype)
    return shape, fortran, dtype


def array_header(path: Path, archive: zipfile.ZipFile, name: str) -> tuple[tuple[int, ...], np.dtype[Any]]:
    """(shape, type) of an array of an archive, before memory is asked for.

    Raises
    ------
    EmbeddingError : it holds Python objects, or less than its header claims.
    """
    shape, _, dtype = _member_header(path, archive, name)
    return shape, dtype


def _refuse_objects(path: Path, what: str, dtype: np.dtype[Any], fix: str) -> None:
    if dtype.hasobject:
        raise EmbeddingError(f"{path}: {what} holds Python objects, which are not read.", fix=fix)


def _require_bytes(path: Path, what: str, there: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    claimed = dtype.itemsize
    for length in shape:
        claimed *= length
    if claimed > there:
        raise EmbeddingError(
            f"{path} is cut off or damaged: its header says {claimed:,} bytes{what}, there are {max(0, there):,}.",
            fix="Save or fetch it again.",
        )


def _cells(path: Path, archive: zipfile.ZipFile, name: str) -> list[Any]:
    _member_header(path, archive, name)
    with archive.open(f"{name}.npy") as stream:
        cells: list[Any] = np.lib.format.read_array(stream, allow_pickle=False).ravel().tolist()
    return cells


def _ids(path: Path, archive: zipfile.ZipFile, name: str) -> list[str]:
    return [id_of(cell) for cell in _cells(path, archive, name)]


def _texts(path: Path, archive: zipfile.ZipFile, name: str) -> list[str]:
    return [text_of(cell) for cell in _cells(path, archive, name)]


def _streamed(path: Path, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Block]:
    step, size = rows_at_once(shape[1]), shape[1]
    with reading(path), zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as stream:
        _header(stream)
        for start in range(0, shape[0], step):
            rows = min(step, shape[0] - start)
            block = np.frombuffer(stream.read(rows * size * dtype.itemsize), dtype)
            yield block.reshape(rows, size)
        stream.read(1)  # past the end: only then is the checksum compared


def _fortran(path: Path, name: str, size: int) -> Iterator[Block]:
    with reading(path), np.load(path, allow_pickle=False) as archive:
        matrix = archive[name]
    yield from slices(path, matrix, size)
