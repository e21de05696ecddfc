"""The table beside stored vectors: which item each row is, and whether it is good."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from antiphon.errors import EmbeddingError
from antiphon.library.files import read_parquet

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
    """

    id: str
    status: str
    error: str = ""
    signature: str = ""

    def entry(self, row: int) -> dict[str, Any]:
        """The line of the journal that says so, at place ``row``."""
        return {"row": row, "id": self.id, "status": self.status, "error": self.error, "signature": self.signature}


def id_column(kind: str) -> str:
    """What the id column is called: ``track_id`` for audio, ``caption_id`` for text."""
    return "track_id" if kind == "audio" else "caption_id"


def read_rows(folder: Path) -> list[Row]:
    """The table of a folder, journal included; a torn last line is left out."""
    rows: list[Row] = []
    table_path = folder / "rows.parquet"
    if table_path.exists():
        try:
            table = read_parquet(table_path).rename_columns(["id", "status", "error", "signature"])
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


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        entry: dict[str, Any] = json.loads(line)
    except (ValueError, RecursionError):
        return None
    fields = {"row": int, "id": str, "status": str, "error": str, "signature": str}
    whole = isinstance(entry, dict) and entry.keys() == fields.keys()
    return entry if whole and all(isinstance(entry[n], k) for n, k in fields.items()) and entry["row"] >= 0 else None
