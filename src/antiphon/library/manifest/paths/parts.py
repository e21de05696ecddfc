"""Rows that are parts of files: several captioned stretches of one recording, each a track of its own.

A start and an end mean a part only where a table names one file (without files: one id) with several of them. Where
each file is named once it is taken whole: published clips carry the times of the film that they were cut from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from antiphon.library.addresses import Span
from antiphon.library.manifest.cells import CellError, text_of
from antiphon.library.manifest.columns import ColumnRoles, plain_name

Spans = list["Span | CellError | None"]


def spans_of(columns: ColumnRoles, cells: dict[str, Sequence[Any]], names: Sequence[str]) -> Spans | None:
    """The part that each row is, None where rows are whole files.

    Parameters
    ----------
    columns, cells : of the table.
    names : (n,) each row's file, or its id where the table has no files.

    Returns
    -------
    (n,) a span in seconds, a fault where the row's times make none, None where it has no times; or None for no parts.
    """
    start = columns.roles.get("start")
    if start is None:
        return None
    spans = [_span(columns, cells, row) for row in range(len(names))]
    seen: dict[str, set[Span]] = {}
    for name, span in zip(names, spans, strict=True):
        if name and isinstance(span, Span):
            seen.setdefault(name, set()).add(span)
    return spans if any(len(different) > 1 for different in seen.values()) else None


def _span(columns: ColumnRoles, cells: dict[str, Sequence[Any]], row: int) -> Span | CellError | None:
    try:
        start, end, duration = (_seconds(columns.roles.get(role), cells, row) for role in ("start", "end", "duration"))
    except CellError as fault:
        return fault
    if start is None:
        return None
    if end is None and duration is not None:
        end = start + duration
    if start < 0 or (end is not None and end <= start):
        said = f"a part from {start:g} s to {end:g} s" if end is not None else f"a part from {start:g} s on"
        return CellError(said, "The start is at least 0, and the end comes after it.", "bad part")
    return Span(start=start, end=end)


def _seconds(column: str | None, cells: dict[str, Sequence[Any]], row: int) -> float | None:
    text = text_of(cells[column][row]) if column else ""
    if not text:
        return None
    scale = 0.001 if plain_name(column or "").endswith("_ms") else 1.0
    try:
        seconds = 0.0
        for piece in text.replace(",", ".").split(":"):
            seconds = seconds * 60 + float(piece)
    except ValueError:
        seconds = math.nan
    if not math.isfinite(seconds):
        raise CellError(f"'{text}' is no time", "Write seconds, or minutes:seconds.", "bad part")
    return seconds * scale
