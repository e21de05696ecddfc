"""Vectors on disk: plain files, append-only, safe against ``kill -9``.

A folder holds

``vectors.npy``      (n, d) float16, C order; row i belongs to row i of the table (NaN where the item failed)
``rows.parquet``     id column (track_id or caption_id), status ("ok", "failed" or "stale"), error, signature, checksum
``rows.jsonl``       only while a run is in progress or after one was killed: the rows since ``rows.parquet``
``provenance.json``  what made the vectors

A batch is first written to ``vectors.npy`` and flushed, then its rows are appended to the journal and flushed: the
journal never names a vector that is not on disk. What a killed process left behind the last whole journal line is cut
off at the next opening. ``signature`` says which content was embedded (a file's size and time, a text's hash), so that
a changed item is noticed; ``checksum`` ties each row to its vector. A writer whose folder is taken away under it
(removed, moved, made anew by another process) writes no more: its table would name the vectors of somebody else.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.files import flush_to_disk, of_file, open_in_library, write_parquet
from antiphon.library.vectors.numbers import FLOAT16_MAX
from antiphon.library.vectors.opened import DTYPE, HEADER_BYTES, Vectors, block_rows, open_vectors
from antiphon.library.vectors.provenance import Provenance, read_provenance, write_provenance
from antiphon.library.vectors.rows import Row, checksums_of, id_column, read_rows, table_of

__all__ = ["FLOAT16_MAX", "HEADER_BYTES", "Row", "VectorWriter", "Vectors", "open_vectors"]

CHECKED_BYTES = 1 << 28
"""Vectors that are compared with their checksums whenever a folder is opened for writing: 0.2 s."""
OTHER_NUMBERS = "its vector on disk was damaged"


def _header(rows: int, size: int) -> bytes:
    """An ``.npy`` version 1.0 header of exactly ``HEADER_BYTES`` bytes."""
    text = f"{{'descr': '{DTYPE.str}', 'fortran_order': False, 'shape': ({rows}, {size}), }}"
    padded = text.ljust(HEADER_BYTES - 11) + "\n"
    return b"\x93NUMPY\x01\x00" + (HEADER_BYTES - 10).to_bytes(2, "little") + padded.encode("latin1")


def _way_out(folder: Path, stored: Provenance, asked: Provenance) -> str:
    """What to do where vectors that are there were made another way."""
    anew = f"Delete {folder} to make them anew, or ask for the settings they were made with."
    sources = stored.source or "", asked.source or ""
    if sources[0] == sources[1] or any(Path(source).name != asked.encoder for source in sources):
        return anew
    return (
        f"Two models of one name, from {stored.source} and {asked.source}: a model from a folder is called after it. "
        f"To keep both, rename the folder of one. {anew}"
    )


class TakenAwayError(EmbeddingError):
    """The folder of a writer was removed or replaced while it was open."""


class VectorWriter:
    """Adds vectors to a folder. Use as a context manager; leaving it folds the journal into ``rows.parquet``.

    Parameters
    ----------
    folder : made if absent.
    provenance : must equal that of vectors which are there already.
    column : what the ids are called in the table; None for ``track_id`` or ``caption_id``.
    compare : compare every vector with its checksum, however many there are. Without it up to ``CHECKED_BYTES``, and
        where a run was killed. Those that differ count as failed, and are pending.

    Raises
    ------
    EmbeddingError : the folder holds vectors of another provenance, or another process is writing to it.
    """

    def __init__(
        self, folder: Path, provenance: Provenance, *, column: str | None = None, compare: bool = False
    ) -> None:
        self.folder = folder
        self._compare = compare
        self.size = provenance.layout.size
        self._column = column or id_column(provenance.kind)
        folder.mkdir(parents=True, exist_ok=True)
        if (folder / "provenance.json").exists():
            stored = read_provenance(folder / "provenance.json")
            stored.require_same(
                provenance,
                mine=f"the vectors in {folder}",
                theirs="what you asked for",
                fix=_way_out(folder, stored, provenance),
            )
        else:
            write_provenance(folder / "provenance.json", provenance)
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
        stored = max(0, path.stat().st_size - HEADER_BYTES) // (self.size * DTYPE.itemsize)
        interrupted = stored != len(self.rows) or (self.folder / "rows.jsonl").exists()
        self.rows = self.rows[:stored]  # the file system lost data that was flushed; what is left may be good
        if self._compare or interrupted or stored * self.size * DTYPE.itemsize <= CHECKED_BYTES:
            self._set_damaged_aside()
        self._index = {row.id: i for i, row in enumerate(self.rows)}
        self._fold()
        self._journal = open_in_library(self.folder / "rows.jsonl", "ab")

    def _set_damaged_aside(self) -> None:
        """Rows whose numbers are not those that were written for them count as failed; their content is not known."""
        if not self.rows:
            return
        matrix = np.memmap(self.folder / "vectors.npy", DTYPE, "r", HEADER_BYTES, (len(self.rows), self.size))
        good = [at for at, row in enumerate(self.rows) if row.status != "failed" and row.checksum]
        for start in range(0, len(good), step := block_rows(self.size)):
            some = good[start : start + step]
            for at, found in zip(some, checksums_of(matrix[some]), strict=True):
                if found != self.rows[at].checksum:
                    self.rows[at] = Row(self.rows[at].id, "failed", OTHER_NUMBERS)

    def _require_here(self) -> None:
        """Refuse to write where the folder is not that of the open file any more.

        Raises
        ------
        EmbeddingError : it was removed, moved or made anew meanwhile.
        """
        mine = os.fstat(self._vectors.fileno())
        try:
            there = (self.folder / "vectors.npy").stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino):
            raise TakenAwayError(
                f"{self.folder} was removed or replaced while vectors were being written into it. "
                "Nothing more was written.",
                fix="Run the same command again, once nothing else works in that folder.",
            )

    def _fold(self) -> None:
        """Make header, length and table agree, and drop the journal."""
        self._require_here()
        self._vectors.truncate(HEADER_BYTES + len(self.rows) * self.size * DTYPE.itemsize)
        self._vectors.seek(0)
        self._vectors.write(_header(len(self.rows), self.size))
        flush_to_disk(self._vectors)
        write_parquet(self.folder / "rows.parquet", table_of(self.rows, self._column))
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
        self._require_here()
        entries = []
        stale = [row for row in rows if row.id in self._index]
        if stale:  # until its new vector is on disk a replaced row must not claim to be good
            self._append([Row(r.id, "failed", "replacement interrupted").entry(self._index[r.id]) for r in stale])
        for given, vector, checksum in zip(rows, matrix, checksums_of(matrix), strict=True):
            row = replace(given, checksum=checksum if given.status == "ok" else "")
            index = self._index.setdefault(row.id, len(self.rows))
            if index == len(self.rows):
                self.rows.append(row)
            else:
                self.rows[index] = row
            self._vectors.seek(HEADER_BYTES + index * self.size * DTYPE.itemsize)
            self._vectors.write(vector.tobytes())
            entries.append(row.entry(index))
        flush_to_disk(self._vectors)
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
            self._require_here()
            self._append([row.entry(self._index[item]) for item, row in rows.items()])

    def _append(self, entries: list[dict[str, Any]]) -> None:
        self._journal.write("".join(json.dumps(entry) + "\n" for entry in entries).encode())
        flush_to_disk(self._journal)

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
        if not isinstance(error, OSError | TakenAwayError):
            self.close()
            return
        for stream in (self._journal, self._vectors):  # the last write failed, so the table may name what is not there
            with suppress(OSError):
                stream.close()
