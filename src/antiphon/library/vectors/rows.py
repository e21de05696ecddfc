"""The table beside stored vectors: which item each row is, and whether it is good."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from antiphon.errors import EmbeddingError
from antiphon.library.files import read_parquet


@dataclass
class Row:
    """One item of the table."""

    id: str
    status: str
    error: str = ""
    signature: str = ""


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
        except (OSError, ValueError, pa.ArrowException) as error:
            raise EmbeddingError(
                f"{table_path} cannot be read: {error}", fix=f"Delete {folder} and make it anew."
            ) from error
        columns = (table[name].to_pylist() for name in ("id", "status", "error", "signature"))
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
    except ValueError:
        return None
    return entry
