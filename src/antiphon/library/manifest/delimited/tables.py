"""Reading CSV, TSV and their relatives. Line numbers are those a text editor shows."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.cells import is_nothing
from antiphon.library.manifest.columns import is_known, match_columns
from antiphon.library.manifest.delimited.headers import header_lines, is_open_ended
from antiphon.library.manifest.delimited.records import Record, Records
from antiphon.library.manifest.delimited.separator import Separator, find_separator
from antiphon.library.manifest.table import Problem, Table, file_and_line, nameless
from antiphon.library.manifest.text_tables import read_lines

_WHOLE = re.compile(r"[0-9]+\.0")


def read_csv(path: Path) -> Table:
    """A table with a header line. Rows of the wrong length and broken quotes become problems.

    Raises
    ------
    ManifestError : there is no header, or the encoding is not UTF-8.
    """
    lines = list(read_lines(path))
    separator = find_separator(lines, prefer_tab=path.suffix.lower() in {".tsv", ".tab"})
    records = Records(path.name, lines, separator.mark, separator.first, _keys)
    rows = iter(records)
    top = list(islice(rows, 3))
    if not top:
        line = separator.first + 1
        raise ManifestError(f"{path}:{line}: there is no header line.", fix="Name the columns, e.g.: id,audio,caption")
    names, used = header_lines([record.cells for record in top])
    body = _Body(path, names, separator)
    for record in [*top[used:], *rows]:
        body.add(record)
    return body.table(records.problems)


def _whole_ids(columns: dict[str, Any], name: str) -> list[str]:
    """Ids that were whole numbers before a program made the column floats ("7.0") are "7" again; a note says so."""
    written = [cell.strip() for cell in columns.get(name, ()) if not is_nothing(cell)]
    if not written or not all(map(_WHOLE.fullmatch, written)):
        return []
    columns[name] = [cell.strip().removesuffix(".0") for cell in columns[name]]
    return [f"The ids in column '{name}' were written as floats: '{written[0]}' is '{written[0][:-2]}', and so on."]


def _keys(header: list[str]) -> list[int]:
    """The columns that tell one row from another: ids and paths, else the first."""
    roles = match_columns(header).roles
    return [header.index(roles[role]) for role in ("id", "audio") if role in roles] or [0]


class _Body:
    """The rows below a header."""

    def __init__(self, path: Path, header: Sequence[str], separator: Separator) -> None:
        self._path, self._header, self._separator = path, header, separator
        self._open = is_open_ended(header, separator.mark)
        self._columns: list[list[Any]] = [[] for _ in header]
        self._lines = array("q")
        self._problems: list[Problem] = []
        self._again: list[int] = []

    def _names(self, cells: Sequence[str]) -> bool:
        """Whether cells are the header's once more, as where tables were put one below the other."""
        return [cell.strip() for cell in cells] == [name.strip() for name in self._header] and any(map(is_known, cells))

    def add(self, record: Record) -> None:
        width = len(self._header)
        if self._names(record.cells):
            self._again.append(record.line)
            return
        spare = record.cells[width:]
        if len(record.cells) < width or (any(map(str.strip, spare)) and not self._open):
            self._problems.append(self._ragged(record))
            return
        for column, cell in zip(self._columns, record.cells, strict=False):
            column.append(cell)
        if self._open:
            last = self._columns[-1]
            last[-1] = [cell for cell in [last[-1], *spare] if cell.strip()]
        self._lines.append(record.line)

    def table(self, problems: list[Problem]) -> Table:
        columns: dict[str, Any] = {}
        for number, (written, cells) in enumerate(zip(self._header, self._columns, strict=True), 1):
            name = written if written.strip() else nameless(number, cells)
            if name in columns:
                self._problems.append(self._twice(name))
            elif name:
                columns[name] = cells
        found = [*problems, *self._problems]
        notes = _whole_ids(columns, match_columns(list(columns)).roles.get("id", ""))
        if self._again:
            again = f"line {self._again[0]}" + (f" and {len(self._again) - 1} more" if len(self._again) > 1 else "")
            notes.append(f"{self._path.name}: the header stands again in {again}: no row was made of it.")
        return Table(
            file=self._path.name,
            columns=columns,
            lines=self._lines,
            base=self._path.parent,
            problems=sorted(found, key=_line_of),
            separator=self._separator.name,
            notes=notes,
        )

    def _ragged(self, record: Record) -> Problem:
        return Problem(
            where=file_and_line(self._path.name, record.line),
            column="",
            problem=f"{len(record.cells)} cells, but the header names {len(self._header)}",
            fix=f'Put a cell that has {self._separator.name} in it in "…", and write an empty cell where a value is '
            "missing.",
            kind="ragged row",
        )

    def _twice(self, name: str) -> Problem:
        return Problem(
            where=file_and_line(self._path.name, self._separator.first + 1),
            column=name,
            problem="the header names it twice",
            fix="Rename one of them.",
            effect="the first is used",
            kind="duplicate column",
        )


def _line_of(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])
