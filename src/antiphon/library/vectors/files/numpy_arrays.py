"""``.npy`` with a list of ids, and ``.npz`` with ``ids`` and ``vectors``.

The vectors of an ``.npz`` are read from the archive block by block and never held whole, unless they are stored in
Fortran order. What a header claims is compared with what is there before memory is asked for.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import numpy as np

from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.manifest.cells import id_of, text_of
from antiphon.library.manifest.text_tables import read_text
from antiphon.library.vectors.files.vector_file import Block, VectorFile, check_shape, rows_at_once, slices

_FIXES = {
    "ids": "numpy.savez(path, ids=numpy.array(ids, dtype=str), vectors=vectors)",
    "vectors": "numpy.savez(path, ids=ids, vectors=numpy.stack(vectors))",
}
TEXTS = ("texts", "captions", "text", "caption")
"""Names under which an archive may hold the captions that its rows were made of."""


def open_npy(path: Path, ids: Path | None) -> VectorFile:
    """One array; ``ids`` is a text file with one id a line."""
    if ids is None:
        raise EmbeddingError(f"{path} has no ids in it.", fix="Say which row is whose: --ids IDS.txt, one id a line.")
    with reading(path), path.open("rb") as stream:
        shape, fortran, dtype = _header(stream)
        start = stream.tell()
    _refuse_objects(path, "the array", dtype, "numpy.save(path, numpy.stack(vectors))")
    _require_bytes(path, "", path.stat().st_size - start, shape, dtype)
    lines = [line.strip() for line in read_text(ids).splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    check_shape(path, len(lines), shape, dtype)
    with reading(path):
        matrix = np.memmap(path, dtype, "r", start, shape, "F" if fortran else "C") if shape[0] else np.empty(shape)
    return VectorFile(ids=lines, size=shape[1], blocks=lambda: slices(path, matrix, shape[1]))


def open_npz(path: Path) -> VectorFile:
    """An archive of arrays."""
    with reading(path), zipfile.ZipFile(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist()]
        missing = [name for name in ("ids", "vectors") if name not in names]
        if missing:
            raise EmbeddingError(
                f"{path} has no '{missing[0]}' (it has: {', '.join(names[:12])}).",
                fix="numpy.savez(path, ids=ids, vectors=vectors)",
            )
        shape, fortran, dtype = _member_header(path, archive, "vectors")
        ids = _texts(path, archive, "ids")
        check_shape(path, len(ids), shape, dtype)
        named = next((name for name in TEXTS if name in names), None)
        texts = _texts(path, archive, named) if named else None
        if texts is not None and len(texts) != len(ids):
            raise EmbeddingError(f"{path} has {len(ids)} ids, but {len(texts)} {named}.", fix="Give one text a row.")
    size = shape[1]

    def blocks() -> Iterator[Block]:
        yield from _fortran(path, size) if fortran else _streamed(path, shape, dtype)

    return VectorFile(ids=[id_of(item) for item in ids], size=size, blocks=blocks, texts=texts)


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
    _refuse_objects(path, f"'{name}'", dtype, _FIXES.get(name, _FIXES["ids"]))
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


def _texts(path: Path, archive: zipfile.ZipFile, name: str) -> list[str]:
    _member_header(path, archive, name)
    with archive.open(f"{name}.npy") as stream:
        cells = np.lib.format.read_array(stream, allow_pickle=False)
    return [text_of(cell) for cell in cells.ravel().tolist()]


def _streamed(path: Path, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Block]:
    step, size = rows_at_once(shape[1]), shape[1]
    with reading(path), zipfile.ZipFile(path) as archive, archive.open("vectors.npy") as stream:
        _header(stream)
        for start in range(0, shape[0], step):
            rows = min(step, shape[0] - start)
            block = np.frombuffer(stream.read(rows * size * dtype.itemsize), dtype)
            yield block.reshape(rows, size)
        stream.read(1)  # past the end: only then is the checksum compared


def _fortran(path: Path, size: int) -> Iterator[Block]:
    with reading(path), np.load(path, allow_pickle=False) as archive:
        matrix = archive["vectors"]
    yield from slices(path, matrix, size)
