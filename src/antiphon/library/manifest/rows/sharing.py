"""Rows that share a file: parts of it, captions of it, or tracks that no search can tell apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from antiphon.library.manifest.cells import CellError, id_of, path_of
from antiphon.library.manifest.columns import NO_CHOICE, Choice, ColumnRoles
from antiphon.library.manifest.paths.parts import Spans, spans_of
from antiphon.library.manifest.table import Table
from antiphon.printed import counted

MOSTLY = 0.5
"""Share of rows that have a file in common from which ids that never repeat are those of captions."""


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """What rows that name the same file are.

    Parameters
    ----------
    spans : (n,) the part of its file that each row is; None where rows are whole files.
    spread : ids that stand for several parts: they are no track's id alone.
    path_is_id : the ids tell rows apart, not tracks: a track's id is its path.
    notes : what the audit says about it.
    """

    spans: Spans | None = None
    spread: frozenset[str] = frozenset()
    path_is_id: bool = False
    notes: tuple[str, ...] = ()


def sharing_of(table: Table, columns: ColumnRoles, choice: Choice = NO_CHOICE) -> Sharing:
    """Look at all rows of a table; an id column that the user names is taken at its word."""
    ids, paths = _texts(table, columns, "id"), _texts(table, columns, "audio")
    spans = spans_of(columns, dict(table.columns), paths if any(paths) else ids)
    if spans is not None:
        return _parts(table, columns, ids, paths, spans)
    unused = [columns.roles[role] for role in ("start", "end") if role in columns.roles]
    whole = f"{table.file}: {_quoted(unused)} not used: each file is named once, so it is taken whole."
    notes = (whole,) if unused and any(paths) else ()
    first: dict[str, str] = {}
    named = ((track_id, path) for track_id, path in zip(ids, paths, strict=True) if track_id and path)
    shared = {path for track_id, path in named if first.setdefault(path, track_id) != track_id}
    rows = [row for row, path in enumerate(paths) if path in shared]
    if not rows:
        return Sharing(notes=notes)
    said = f"{table.file}: {len(rows)} rows name {len(shared)} {_files(shared)} under different ids"
    column = columns.roles["id"]
    if not choice.id and len(set(ids)) == len(ids) and (_counts(ids) or len(rows) > MOSTLY * len(ids)):
        said += f" ('{column}' tells rows apart, not files): they are captions of one track each, whose id is its path."
        return Sharing(path_is_id=True, notes=(*notes, said))
    audio = columns.roles["audio"]
    said += f": tracks with the same sound, which no search tells apart. For captions of one track: --id {audio}"
    return Sharing(notes=(*notes, said))


def _parts(table: Table, columns: ColumnRoles, ids: list[str], paths: list[str], spans: Spans) -> Sharing:
    names = paths if any(paths) else ids
    number, files = sum(bool(span) for span in spans), len({name for name in names if name})
    used = [columns.roles[role] for role in ("start", "end", "duration") if role in columns.roles]
    of = counted(files, "file" if any(paths) else "recording")
    parts = counted(number, "row is a part", "rows are parts")
    note = f"{table.file}: {parts} of {of} ({', '.join(used)}); only the part is embedded."
    different: dict[str, set[object]] = {}
    for track_id, path, span in zip(ids, paths, spans, strict=True):
        if track_id and span is not None and not isinstance(span, CellError):
            different.setdefault(track_id, set()).add((path, span))
    spread = frozenset(track_id for track_id, found in different.items() if len(found) > 1)
    return Sharing(spans=spans, spread=spread, notes=(note,))


def _texts(table: Table, columns: ColumnRoles, role: str) -> list[str]:
    column = columns.roles.get(role)
    if column is None:
        return [""] * len(table.lines)
    read = id_of if role == "id" else path_of
    texts = []
    for cell in table.columns[column]:
        try:
            texts.append(read(cell))
        except CellError:
            texts.append("")
    return texts


def _counts(ids: Sequence[str]) -> bool:
    """Whether ids only count the rows: 0, 1, 2, … in order."""
    if not all(track_id.isdecimal() for track_id in ids):
        return False
    numbers = [int(track_id) for track_id in ids]
    return all(b - a == 1 for a, b in pairwise(numbers))


def _files(items: set[str]) -> str:
    return "file" if len(items) == 1 else "files"


def _quoted(names: Sequence[str]) -> str:
    return " and ".join(f"'{name}'" for name in names) + (" is" if len(names) == 1 else " are")
