"""Judgements from elsewhere: JSONL as the library's own file, or CSV with the same names as columns."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.judgements.judgement import Judgement, judgement_from, now
from antiphon.library.tracks import Library
from antiphon.printed import counted

SHOWN = 20
"""Wrong rows that are named."""
COLUMNS = ("query_id", "query", "track_id", "verdict", "grade", "by", "time")


def judgements_from_file(library: Library, path: Path, *, by: str = "") -> list[Judgement]:
    """Judgements of a file, in its order.

    A row needs ``track_id``, ``verdict`` or ``grade``, and ``query_id`` or ``query``: of a caption of the library the
    id is enough.

    Parameters
    ----------
    path : ``.csv``, or JSON objects a line.
    by : who judged, where a row does not say.

    Raises
    ------
    ManifestError : the file cannot be read, or rows are no judgements or speak of nothing that is here: all of them
        are named, and nothing of the file is taken.
    """
    texts = dict(zip(library.caption_column("caption_id"), library.caption_column("text"), strict=True))
    found, wrong = [], []
    for row, data in _rows(path):
        try:
            found.append(_judgement(data, texts, library, by))
        except ValueError as error:
            wrong.append(f"row {row} {error}")
    if wrong:
        raise _refused(path, wrong)
    if not found:
        raise ManifestError(f"{path} has no judgement in it.", fix=f"Columns: {', '.join(COLUMNS)}.")
    return found


def _refused(path: Path, wrong: list[str]) -> ManifestError:
    """What is said of rows that are no judgements."""
    rest = f"; and {counted(len(wrong) - SHOWN, 'more row')}" if len(wrong) > SHOWN else ""
    those = "that row" if len(wrong) == 1 else "those rows"
    return ManifestError(
        f"{path}, {'; '.join(wrong[:SHOWN])}{rest}.",
        fix=f"Mend or delete {those}; nothing was taken. Columns: {', '.join(COLUMNS)}.",
    )


def _judgement(data: Any, texts: dict[str, str], library: Library, by: str) -> Judgement:
    if not isinstance(data, dict):
        raise ValueError("is no JSON object")
    query_id = data.get("query_id") or ""
    if not isinstance(query_id, str):
        raise ValueError(f"has the query_id {query_id!r}, which is no text")
    own = texts.get(query_id)
    if own is None and not data.get("query"):
        raise ValueError(f"has no query, and the library no caption '{query_id}'")
    judgement = judgement_from(
        {**data, "query": data.get("query") or own, "by": data.get("by") or by, "time": data.get("time") or now()}
    )
    if judgement.track_id not in library.row_of_track:
        raise ValueError(f"speaks of the track '{judgement.track_id}', which the library does not have")
    return judgement


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        said = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise ManifestError(f"{path} cannot be read: {said}.", fix="Name a CSV or JSONL file.") from error
    if path.suffix.casefold() == ".csv":
        yield from _csv_rows(text)
        return
    # str.splitlines would also cut at U+2028 and U+0085, which JSON allows inside a text
    for row, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield row, json.loads(line)
            except (ValueError, RecursionError):
                yield row, None


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for cells in reader:
        data: dict[str, Any] = {name: value for name, value in cells.items() if name in COLUMNS and value}
        if str(data.get("grade", "")).isdecimal():
            data["grade"] = int(data["grade"])
        yield reader.line_num, data
