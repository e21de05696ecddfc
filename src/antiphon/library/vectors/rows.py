"""The table beside stored vectors: which item each row is, and whether it is good."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.files import read_parquet

COLUMNS = ("status", "error", "signature", "checksum")
"""Of the table, behind the ids."""
UNSIGNED = "imported"
"""Signature of an imported vector of which nothing says what it was made of; a hash of the vector may follow."""


@dataclass(slots=True)
class Row:
    """One item of the table.

    Parameters
    ----------
    id : of the track or caption.
    status : "ok"; "failed" (there is no vector); or "stale" (there is one, of what the item was before).
    error : why it is not "ok"; of one that is, what is wanting all the same ("0.3 s could not be read").
    signature : which content the vector describes.
    checksum : of the vector as it is stored, see :func:`checksums_of`; "" where there is none, as in tables that were
        written before 26 November 2026.
    """

    id: str
    status: str
    error: str = ""
    signature: str = ""
    checksum: str = ""

    def entry(self, row: int) -> dict[str, Any]:
        """The line of the journal that says so, at place ``row``."""
        return {"row": row, **{name: getattr(self, name) for name in ("id", *COLUMNS)}}


def checksums_of(stored: NDArray[np.float16]) -> list[str]:
    """CRC-32 of each of (n, d) vectors as they stand in the file, 8 hexadecimal digits.

    It ties a row of the table to the numbers beside it: rows that belong to another file of vectors, and numbers that a
    disk has changed, are told from those that were written. It is no seal against people.
    """
    return [f"{zlib.crc32(row.data):08x}" for row in np.ascontiguousarray(stored)]


def table_of(rows: Iterable[Row], column: str) -> pa.Table:
    """The table of some rows; ``column`` is what their ids are called."""
    rows = list(rows)
    names = {column: "id", **{name: name for name in COLUMNS}}
    return pa.table({name: pa.array([getattr(row, f) for row in rows], pa.string()) for name, f in names.items()})


def id_column(kind: str) -> str:
    """What the id column is called: ``track_id`` for audio, ``caption_id`` for text."""
    return "track_id" if kind == "audio" else "caption_id"


def read_rows(folder: Path) -> list[Row]:
    """The table of a folder, journal included; a torn last line is left out.

    Raises
    ------
    EmbeddingError : the table cannot be read.
    """
    rows: list[Row] = []
    table_path = folder / "rows.parquet"
    if table_path.exists():
        try:
            table = read_parquet(table_path)
            table = table.rename_columns(["id", *COLUMNS][: max(4, table.num_columns)])
            columns = [table[name].to_pylist() for name in table.column_names]  # text that is no UTF-8 shows here
        except (OSError, ValueError, pa.ArrowException) as error:
            raise EmbeddingError(
                f"{table_path} cannot be read: {error}", fix=f"Delete {folder} and make it anew."
            ) from error
        rows = [Row(*values) for values in zip(*columns, strict=True)]
    journal = folder / "rows.jsonl"
    if journal.exists():
        for line in journal.read_bytes().split(b"\n"):
            entry = _parse(line)
            if entry is None:
                break
            index = entry.pop("row")
            if index > len(rows):
                break
            if index == len(rows):
                rows.append(Row(**entry))
            else:
                rows[index] = Row(**entry)
    return rows


def signatures_in(folder: Path) -> dict[str, str]:
    """Id → signature, of the items that have a vector."""
    return {row.id: row.signature for row in read_rows(folder) if row.status != "failed"}


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        return None
    fields: dict[str, type] = {"row": int, "id": str, **dict.fromkeys(COLUMNS, str)}
    if isinstance(entry, dict):
        entry.setdefault("checksum", "")  # a journal of before there were any
    whole = isinstance(entry, dict) and entry.keys() == fields.keys()
    return entry if whole and all(isinstance(entry[n], k) for n, k in fields.items()) and entry["row"] >= 0 else None
