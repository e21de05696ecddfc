"""Vectors on disk: plain files, append-only, safe against ``kill -9``.

A folder holds

``vectors.npy``      (n, d) float16, C order; row i belongs to row i of the table (NaN where the item failed)
``rows.parquet``     id column (track_id or caption_id), status ("ok", "failed" or "stale"), error, signature
``rows.jsonl``       only while a run is in progress or after one was killed: the rows since ``rows.parquet``
``provenance.json``  what made the vectors

A batch is first written to ``vectors.npy`` and flushed, then its rows are appended to the journal and flushed: the
journal never names a vector that is not on disk. What a killed process left behind the last whole journal line is cut
off at the next opening. ``signature`` says which content was embedded (a file's size and time, a text's hash), so that
a changed item is noticed.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.files import of_file, open_in_library, write_json, write_parquet
from antiphon.library.vectors.numbers import FLOAT16_MAX
from antiphon.library.vectors.provenance import Provenance, read_provenance
from antiphon.library.vectors.rows import Row, id_column, read_rows

__all__ = ["FLOAT16_MAX", "Row", "VectorWriter", "Vectors", "open_vectors"]

HEADER_BYTES = 128
DTYPE = np.dtype(np.float16)
CHECKED_NUMBERS = 1 << 22


def _header(rows: int, size: int) -> bytes:
    """An ``.npy`` version 1.0 header of exactly ``HEADER_BYTES`` bytes."""
    text = f"{{'descr': '{DTYPE.str}', 'fortran_order': False, 'shape': ({rows}, {size}), }}"
    padded = text.ljust(HEADER_BYTES - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + (HEADER_BYTES - 10).to_bytes(2, "little") + padded.encode("latin1")


class VectorWriter:
    """Adds vectors to a folder. Use as a context manager; leaving it folds the journal into ``rows.parquet``.

    Parameters
    ----------
    folder : made if absent.
    provenance : must equal that of vectors which are there already.
    column : what the ids are called in the table; None for ``track_id`` or ``caption_id``.

    Raises
    ------
    EmbeddingError : the folder holds vectors of another provenance, or another process is writing to it.
    """

    def __init__(self, folder: Path, provenance: Provenance, *, column: str | None = None) -> None:
        self.folder = folder
        self.size = provenance.layout.size
        self._column = column or id_column(provenance.kind)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "provenance.json").exists():
            read_provenance(folder / "provenance.json").require_same(
                provenance,
                mine=f"the vectors in {folder}",
                theirs="what you asked for",
                fix=f"Delete {folder} to make them anew, or ask for the settings they were made with.",
            )
        else:
            write_json(folder / "provenance.json", provenance.to_dict())
        self.rows: list[Row] = []
        self._index: dict[str, int] = {}
        self._open()

    def _lock(self) -> None:
        """Keep other writers out; the lock ends with the process, however it ends."""
        try:
            fcntl.flock(self._vectors, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._vectors.close()
            raise EmbeddingError(
                f"Another process is writing to {self.folder}.", fix="Wait for it, or stop it, then run this again."
            ) from error
        except OSError:  # a file system without locks
            pass

    def _open(self) -> None:
        path = self.folder / "vectors.npy"
        if not path.exists() and not path.is_symlink():
            path.write_bytes(_header(0, self.size))
        self._vectors = open_in_library(path, "r+b")
        self._lock()
        self.rows = read_rows(self.folder)
        self._index = {row.id: i for i, row in enumerate(self.rows)}
        stored = max(0, path.stat().st_size - HEADER_BYTES) // (self.size * DTYPE.itemsize)
        if stored < len(self.rows):  # the file system lost data that was flushed; what is left is still good
            self.rows = self.rows[:stored]
            self._index = {row.id: i for i, row in enumerate(self.rows)}
        self._fold()
        self._journal = open_in_library(self.folder / "rows.jsonl", "ab")

    def _fold(self) -> None:
        """Make header, length and table agree, and drop the journal."""
        self._vectors.truncate(HEADER_BYTES + len(self.rows) * self.size * DTYPE.itemsize)
        self._vectors.seek(0)
        self._vectors.write(_header(len(self.rows), self.size))
        _flush(self._vectors)
        columns = {self._column: [row.id for row in self.rows]}
        columns |= {name: [getattr(row, name) for row in self.rows] for name in ("status", "error", "signature")}
        table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
        write_parquet(self.folder / "rows.parquet", table)
        (self.folder / "rows.jsonl").unlink(missing_ok=True)

    def pending(self, ids: Sequence[str], signatures: Sequence[str], *, retry_failed: bool = False) -> list[int]:
        """Positions in ``ids`` that still need embedding: new, changed, or (when asked) failed before."""
        todo = []
        for position, (item, signature) in enumerate(zip(ids, signatures, strict=True)):
            index = self._index.get(item)
            row = None if index is None else self.rows[index]
            if row is None or row.signature != signature or (retry_failed and row.status == "failed"):
                todo.append(position)
        return todo

    def write(self, rows: Sequence[Row], vectors: NDArray[Any]) -> None:
        """Store one batch durably.

        Parameters
        ----------
        rows : ids with status; an id that is there already is replaced.
        vectors : (len(rows), d) numbers; rows of failed items are ignored and stored as NaN.

        Raises
        ------
        EmbeddingError : the width is wrong, or an "ok" vector is not finite or exceeds float16's range.
        """
        if not rows:
            return
        matrix = self._checked(rows, vectors)
        with of_file(self.folder / "vectors.npy"):
            self._store(rows, matrix)

    def _store(self, rows: Sequence[Row], matrix: NDArray[np.float16]) -> None:
        entries = []
        stale = [row for row in rows if row.id in self._index]
        if stale:  # until its new vector is on disk a replaced row must not claim to be good
            self._append([Row(r.id, "failed", "replacement interrupted").entry(self._index[r.id]) for r in stale])
        for row, vector in zip(rows, matrix, strict=True):
            index = self._index.setdefault(row.id, len(self.rows))
            if index == len(self.rows):
                self.rows.append(row)
            else:
                self.rows[index] = row
            self._vectors.seek(HEADER_BYTES + index * self.size * DTYPE.itemsize)
            self._vectors.write(vector.tobytes())
            entries.append(row.entry(index))
        _flush(self._vectors)
        self._append(entries)

    def sign(self, signatures: Mapping[str, str]) -> None:
        """Give items that are there another signature, id → signature; their vectors stay."""
        self.update({item: replace(self.row(item), signature=now) for item, now in signatures.items()})

    def row(self, item: str) -> Row:
        """What the table says of an item; KeyError for one that is not there."""
        return self.rows[self._index[item]]

    def update(self, rows: Mapping[str, Row]) -> None:
        """Change what the table says of items that are there, id → row; their vectors stay."""
        for item, row in rows.items():
            self.rows[self._index[item]] = row
        if rows:
            self._append([row.entry(self._index[item]) for item, row in rows.items()])

    def _append(self, entries: list[dict[str, Any]]) -> None:
        self._journal.write("".join(json.dumps(entry) + "\n" for entry in entries).encode())
        _flush(self._journal)

    def _checked(self, rows: Sequence[Row], vectors: NDArray[Any]) -> NDArray[np.float16]:
        matrix = np.asarray(vectors, dtype=np.float32).reshape(len(rows), -1)
        if matrix.shape[1] != self.size:
            raise EmbeddingError(
                f"Vectors of {matrix.shape[1]} numbers do not fit {self.folder}, which holds {self.size}."
            )
        matrix = matrix.copy()
        for i, row in enumerate(rows):
            if row.status != "ok":
                matrix[i] = np.nan
            elif not np.isfinite(matrix[i]).all() or np.abs(matrix[i]).max() > FLOAT16_MAX:
                raise EmbeddingError(
                    f"The vector of '{row.id}' has values that are not finite or exceed ±{FLOAT16_MAX:g}.",
                    fix="Rescale the vectors, or leave this item out.",
                )
        stored: NDArray[np.float16] = matrix.astype(DTYPE)
        return stored

    def close(self) -> None:
        """Fold the journal into the table."""
        self._journal.close()
        self._fold()
        self._vectors.close()

    def __enter__(self) -> VectorWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, OSError):
            self.close()
            return
        for stream in (self._journal, self._vectors):  # the last write failed, so the table may name what is not there
            with suppress(OSError):
                stream.close()


def _flush(stream: Any) -> None:
    stream.flush()
    os.fsync(stream.fileno())


@dataclass(frozen=True)
class Vectors:
    """The good vectors of a folder, memory-mapped.

    Parameters
    ----------
    ids : (n,) of those that are good.
    matrix : (m, d) float16 memory map of the whole file, failed rows included.
    rows : (n,) position in ``matrix`` of each id.
    provenance : what made them.
    failed : id → reason, of those that are not good: failed or stale.
    signatures : (n,) which content each good vector describes.
    """

    ids: NDArray[np.object_]
    matrix: NDArray[np.float16]
    rows: NDArray[np.int64]
    provenance: Provenance
    failed: dict[str, str]
    signatures: NDArray[np.object_] | None = None

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Position in ``matrix`` of each good id."""
        return dict(zip(self.ids.tolist(), self.rows.tolist(), strict=True))

    def take(self, ids: Sequence[str]) -> NDArray[np.float16]:
        """(len(ids), d) float16 copies in the order of ``ids``; KeyError for one that is not there."""
        return self.matrix[[self.row_of[item] for item in ids]]

    def damaged(self, ids: Sequence[str]) -> set[str]:
        """Those of some good ids whose vector is not finite: it was when it was written, so the disk has changed it."""
        step = max(1, CHECKED_NUMBERS // max(1, int(self.matrix.shape[1])))
        found: set[str] = set()
        for start in range(0, len(ids), step):
            some = ids[start : start + step]
            bad = np.flatnonzero(~np.isfinite(self.take(some)).all(axis=1))
            found |= {some[at] for at in bad.tolist()}
        return found


def open_vectors(folder: Path) -> Vectors:
    """Open the vectors of a folder for reading; an unfinished run's complete batches are included.

    Raises
    ------
    EmbeddingError : there are none, or the files do not belong together.
    """
    provenance = read_provenance(folder / "provenance.json")
    rows = read_rows(folder)
    size = provenance.layout.size
    path = folder / "vectors.npy"
    stored = max(0, path.stat().st_size - HEADER_BYTES) // (size * DTYPE.itemsize) if path.exists() else 0
    if stored < len(rows):
        raise EmbeddingError(
            f"{path} holds {stored} vectors, but its table names {len(rows)}.",
            fix="Run the same antiphon embed command again: it repairs the folder.",
        )
    matrix: NDArray[np.float16]
    if stored:
        matrix = np.memmap(path, DTYPE, "r", HEADER_BYTES, (stored, size))
    else:
        matrix = np.empty((0, size), DTYPE)
    good = np.array([i for i, row in enumerate(rows) if row.status == "ok"], dtype=np.int64)
    ids = np.array([rows[i].id for i in good], dtype=object)
    failed = {row.id: row.error for row in rows if row.status != "ok"}
    signatures = np.array([rows[i].signature for i in good], dtype=object)
    return Vectors(ids, matrix, good, provenance, failed, signatures)
