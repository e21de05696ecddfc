"""From the rows of tables to one entry a track: paths are found, rows of one id are merged, the rest is a problem."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.addresses import Span, file_path, is_address, part_path
from antiphon.library.captions import CaptionKind
from antiphon.library.manifest.cells import CellError, id_of, path_of, text_of
from antiphon.library.manifest.columns.match import ColumnRoles, plain_name
from antiphon.library.manifest.paths.finder import Finder, FoundFile
from antiphon.library.manifest.rows.captions import CaptionCells
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.manifest.rows.fields import FieldRows
from antiphon.library.manifest.rows.sharing import Sharing
from antiphon.library.manifest.table import Problem, Table

DETAILS = ("title", "artist", "album", "group")
YES = frozenset({"true", "t", "yes", "y", "1", "x"})


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """One row while it is read."""

    table: Table
    columns: ColumnRoles
    row: int
    sharing: Sharing


class RowReader:
    """Takes tables in, row by row.

    Parameters
    ----------
    finder : finds files.
    written : folder, with a final separator, into which the manifest's own sound was written.
    caption_kind : of captions whose row and column do not say theirs.
    """

    def __init__(self, finder: Finder, written: str, caption_kind: CaptionKind = "human") -> None:
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.read = 0
        self.nothing: dict[str, Counter[str]] = {}
        self.first_said: dict[str, str] = {}
        """Each name of a split, and where it stands first."""
        self.kept = FieldRows()
        self.named_ids = False
        self._finder = finder
        self._written = written
        self._captions = CaptionCells(caption_kind)
        self._id_of_path: dict[str, str] = {}

    def add(self, table: Table, columns: ColumnRoles, sharing: Sharing, rows: Sequence[int]) -> None:
        """Take the ``rows`` of a table."""
        self.problems += table.problems
        self.read += len(rows) + sum(p.effect.endswith("skipped") for p in table.problems)
        self.named_ids |= "id" in columns.roles and not sharing.path_is_id
        self.kept.start(table)
        for row in rows:
            entry = self._add(_Place(table=table, columns=columns, row=row, sharing=sharing))
            if entry is not None:
                self.kept.note(table, row, entry, len(self.entries))
        self.kept.add(table, columns, parts=sharing.spans is not None)

    def _add(self, at: _Place) -> Entry | None:
        try:
            found = self._identify(at)
        except CellError as fault:
            column = at.columns.roles.get("id" if fault.kind == "bad id" else "audio", "")
            self._problem(at, column, fault.kind, fault.problem, fault.fix or "", "row skipped")
            return None
        if found is None:
            return None
        entry = self._entry(at, *found)
        if entry is not None:
            self._add_details(at, entry)
            self._add_split(at, entry)
            self.problems += self._captions.add(table=at.table, columns=at.columns, row=at.row, entry=entry)
        return entry

    def _problem(self, at: _Place, column: str, kind: str, problem: str, fix: str, effect: str) -> None:
        self.problems.append(
            Problem(where=at.table.where(at.row), column=column, kind=kind, problem=problem, fix=fix, effect=effect)
        )

    def _cell(self, at: _Place, role: str) -> tuple[str, Any]:
        """The column of a role and this row's cell in it; "" and None without one."""
        column = at.columns.roles.get(role, "")
        return column, at.table.columns[column][at.row] if column else None

    def _identify(self, at: _Place) -> tuple[str, str, int] | None:
        """(track id, path, size of the file), None where the row cannot be used.

        Raises
        ------
        CellError : its id or path is no text.
        """
        id_column, id_cell = self._cell(at, "id")
        audio_column, audio_cell = self._cell(at, "audio")
        track_id, written = self._id(id_cell), path_of(audio_cell)
        if id_column and not track_id:
            self._problem(at, id_column, "missing id", "no id", "Write an id.", "row skipped")
            return None
        if any(mark in track_id for mark in "\n\r\x00"):
            said = f"the id {track_id!r} has a line break or a NUL in it"
            self._problem(at, id_column, "bad id", said, "Write it as one line of text.", "row skipped")
            return None
        if audio_column and not written:
            self._problem(at, audio_column, "missing file", "no path", "Write the file's path.", "row skipped")
            return None
        found = self._locate(at, track_id, written)
        if found is None:
            return None
        path, written = found.path, found.name
        span = at.sharing.spans[at.row] if at.sharing.spans else None
        if isinstance(span, CellError):
            raise span
        if span is not None and path:
            path, written = part_path(path, span), part_path(written, span)
        return self._name(at, track_id, path, written.removeprefix(self._written), span), path, found.size

    def _id(self, cell: Any) -> str:
        """The id in a cell.

        Raises
        ------
        CellError : of the kind "bad id", so that its column is named.
        """
        try:
            return id_of(cell)
        except CellError as fault:
            fix = fault.fix or "" if fault.kind == "bad id" else "Write the id alone, as text or as a whole number."
            raise CellError(fault.problem, fix, "bad id") from fault

    def _locate(self, at: _Place, track_id: str, written: str) -> FoundFile | None:
        """The row's file, if it is to have one; None where it has a problem."""
        if (
            is_address(written) and file_path(written) is None
        ):  # whether something is there, embedding finds out: asking a storage is slow
            return FoundFile(path=written, name=written)
        if not written:
            if not self._finder.folders or not track_id:
                return FoundFile()
            found = self._finder.find_by_id(track_id)
            said = f"no sound file is called '{track_id}'"
        else:
            found = self._finder.find(written, at.table.base)
            there = at.table.base / (file_path(written) or written)
            is_folder = os.path.isdir(there)  # noqa: PTH112 - pathlib's raises where a name is too long
            said = f"{there} is a folder, not a file" if is_folder else f"there is no file {there}"
        if found.path or not (written or self._finder.ids_have_files or found.similar):
            return found
        self._problem(at, at.columns.roles.get("audio", ""), "missing file", *self._missing(at, said, found))
        return None

    def _missing(self, at: _Place, said: str, found: FoundFile) -> tuple[str, str, str]:
        if found.similar:
            return f"{said}, but nearly: {', '.join(found.similar)}", "Write which of them is meant.", "row skipped"
        return said, f"Paths start from {at.table.base}, or are absolute.", "row skipped"

    def _name(self, at: _Place, track_id: str, path: str, written: str, span: Span | None) -> str:
        """The track's id. Sound that was written into the library goes by its name there, wherever that is."""
        if not track_id or at.sharing.path_is_id:
            return self._id_of_path.setdefault(path, written)
        if span is not None and track_id in at.sharing.spread:
            return part_path(track_id, span)
        return track_id

    def _entry(self, at: _Place, track_id: str, path: str, size: int) -> Entry | None:
        entry = self.entries.get(track_id)
        if entry is None:
            entry = Entry(track_id=track_id, table=at.table, row=at.row, path=path, size=size)
            self.entries[track_id] = entry
            return entry
        if path and entry.path and path != entry.path:
            said = f"'{track_id}' stands for '{entry.path}' already ({entry.where}), here for '{path}'"
            fix = "Give each file its own id."
            self._problem(at, at.columns.roles.get("audio", ""), "conflicting path", said, fix, "row skipped")
            return None
        entry.rows += 1
        if not entry.path:
            entry.path, entry.size = path, size
        return entry

    def _text(self, at: _Place, role: str) -> str:
        """A row's text in a role; a fault becomes a problem, a word for nothing is counted."""
        column, cell = self._cell(at, role)
        try:
            text = text_of(cell)
        except CellError as fault:
            self._problem(at, column, fault.kind, fault.problem, fault.fix or "", "left empty")
            return ""
        if not text and isinstance(cell, str) and cell.strip():
            self.nothing.setdefault(f"{at.table.file}: column '{column}'", Counter())[cell.strip()] += 1
        return text

    def _add_details(self, at: _Place, entry: Entry) -> None:
        for role in DETAILS:
            if role not in at.columns.roles:
                continue
            value = self._text(at, role)
            first = getattr(entry, role) or value
            setattr(entry, role, first)
            if value and value != first:
                said = f"'{entry.track_id}' has '{first}' already, here '{value}'"
                fix = "Write the same in all rows of one id."
                self._problem(at, at.columns.roles[role], f"conflicting {role}", said, fix, "the first is used")

    def _add_split(self, at: _Place, entry: Entry) -> None:
        said = self._text(at, "split") or at.table.split
        if at.columns.official:
            yes = text_of(at.table.columns[at.columns.official][at.row]).casefold() in YES
            said = "test" if yes else said or "train"
        if said and said not in entry.said:
            entry.said = (*entry.said, sys.intern(said))
            if said not in self.first_said:
                self.first_said[said] = at.table.where(at.row)


def rows_wanted(table: Table, only: tuple[str, ...]) -> Sequence[int]:
    """The rows that meet every condition.

    Parameters
    ----------
    only : ``COLUMN`` (it says yes) or ``COLUMN=VALUE``.

    Raises
    ------
    ManifestError : a condition names no column.
    """
    rows: Sequence[int] = range(len(table.lines))
    by_name = {plain_name(name): name for name in table.columns}
    for condition in only:
        name, equals, value = condition.partition("=")
        column = by_name.get(plain_name(name))
        if column is None:
            has = ", ".join(f"'{known}'" for known in table.columns)
            raise ManifestError(f"{table.file} has no column '{name}' for --only.", fix=f"Its columns: {has}.")
        wanted = {value.strip().casefold()} if equals else YES
        cells = table.columns[column]
        rows = [row for row in rows if text_of(cells[row]).casefold() in wanted]
    return rows
