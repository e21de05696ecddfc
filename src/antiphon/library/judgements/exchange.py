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
    ManifestError : the file cannot be read, or a row is no judgement or speaks of nothing that is here; nothing of it
        is taken then.
    """
    texts = dict(zip(library.caption_column("caption_id"), library.caption_column("text"), strict=True))
    found = []
    for row, data in _rows(path):
        try:
            found.append(_judgement(data, texts, library, by))
        except ValueError as error:
            fix = f"Mend or delete that row; nothing was taken. Columns: {', '.join(COLUMNS)}."
            raise ManifestError(f"{path}, row {row} {error}.", fix=fix) from error
    if not found:
        raise ManifestError(f"{path} has no judgement in it.", fix=f"Columns: {', '.join(COLUMNS)}.")
    return found


def _judgement(data: Any, texts: dict[str, str], library: Library, by: str) -> Judgement:
    if not isinstance(data, dict):
        raise ValueError("is no object")
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
            except (ValueError, RecursionError) as error:
                raise ManifestError(f"{path}, row {row} is no JSON object.", fix="One object a line.") from error


def _csv_rows(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    for cells in reader:
        data: dict[str, Any] = {name: value for name, value in cells.items() if name in COLUMNS and value}
        if str(data.get("grade", "")).isdecimal():
            data["grade"] = int(data["grade"])
        yield reader.line_num, data
