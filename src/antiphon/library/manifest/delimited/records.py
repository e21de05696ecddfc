"""From lines to records, so that one broken quote costs one row and not the rows below it.

A cell that begins with a quote may hold separators and line breaks up to the next quote. In tables made by hand, and
in most tab-separated ones, a quote is an ordinary character: then the cell "closes" at some later row's quote, and the
rows between are gone. Each record of several lines is therefore doubted. Where its lines, read one by one and without
quotes, have as many cells as the header, and look like rows of this table, they are rows.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from antiphon.library.manifest.table import Problem, file_and_line

MAX_CELL = 16 * 1024 * 1024
MAX_LINES = 1000
"""A quote that is not closed after so many lines was none."""
KNOWN_SHAPES = 200
Verdict = Literal["one", "rows", "unclear"]


@dataclass(frozen=True, kw_only=True)
class Record:
    """One row's cells and the 1-based line on which it starts."""

    line: int
    cells: list[str]


class Records:
    """The records of a table; ``problems`` grows while they are read.

    Parameters
    ----------
    file : name for messages.
    lines : of the file, with their ends.
    mark : the separator.
    first : index of the first line to read.
    keys : given the header, which columns' cells tell a row from prose (ids and paths).
    """

    def __init__(
        self, file: str, lines: Sequence[str], mark: str, first: int, keys: Callable[[list[str]], list[int]]
    ) -> None:
        csv.field_size_limit(MAX_CELL)
        self.problems: list[Problem] = []
        self._file, self._lines, self._mark, self._next = file, lines, mark, first
        self._limit = len(lines)
        self._keys = keys
        self._header: list[str] = []
        self._key_columns: list[int] = []
        self._shapes: list[set[str]] = []

    def __iter__(self) -> Iterator[Record]:
        """Records with anything in them, the header first."""
        reader = csv.reader(self._feed(), delimiter=self._mark, strict=True, skipinitialspace=True)
        while self._next < len(self._lines):
            start = self._next
            self._limit = min(len(self._lines), start + MAX_LINES)
            error = ""
            cells: list[str] = []
            try:
                cells = next(reader, [])
            except csv.Error as caught:
                error = str(caught)
            if error or self._next - start > 1:
                yield from self._doubted(start, cells, error)
                reader = csv.reader(self._feed(), delimiter=self._mark, strict=True, skipinitialspace=True)
            elif any(map(str.strip, cells)):
                yield self._taken(start, cells)

    def _feed(self) -> Iterator[str]:
        while self._next < self._limit:
            line = self._lines[self._next]
            self._next += 1
            yield line

    def _taken(self, start: int, cells: list[str]) -> Record:
        if not self._header:
            self._header = cells
            self._key_columns = self._keys(cells)
            self._shapes = [set() for _ in self._key_columns]
        elif len(cells) >= len(self._header):
            for known, column in zip(self._shapes, self._key_columns, strict=True):
                if len(known) < KNOWN_SHAPES:
                    known.add(_shape(cells[column]))
        return Record(line=start + 1, cells=cells)

    def _doubted(self, start: int, cells: list[str], error: str) -> Iterator[Record]:
        """What a record of several lines, or a broken one, is: itself, or rows of one line each."""
        end = self._next
        verdict = self._verdict(start, end) if not error else "rows"
        if verdict != "rows":
            if verdict == "unclear":
                self.problems.append(self._unclear(start, end))
            yield self._taken(start, cells)
            return
        alone = split_line(self._lines[start], self._mark)
        if not self._header or len(alone) < len(self._header):
            self.problems.append(self._broken(start, end, error, kept=False))
            self._next = start + 1 if self._header else end
            return
        self.problems.append(self._broken(start, end, error, kept=True))
        self._next = start + 1
        yield self._taken(start, alone)

    def _verdict(self, start: int, end: int) -> Verdict:
        """Whether the lines of a record are rows of their own; "unclear" where only their number of cells says so."""
        width = len(self._header)
        if width < 2:
            return "one"
        inner = [self._lines[i].rstrip("\r\n").split(self._mark) for i in range(start, end)]
        if any(len(cells) != width for cells in inner):
            return "one"
        if self._mark == "\t":
            return "rows"
        self._look_ahead(end)
        alike = [self._alike(cells) for cells in inner[1:]]
        if all(kind == "surely" for kind in alike):
            return "rows"
        return "unclear" if all(alike) else "one"

    def _look_ahead(self, end: int) -> None:
        """Shapes of keys in the rows below, for a table whose first row is the one in doubt."""
        for line in self._lines[end : end + KNOWN_SHAPES]:
            cells = line.rstrip("\r\n").split(self._mark)
            if len(cells) == len(self._header):
                for known, column in zip(self._shapes, self._key_columns, strict=True):
                    known.add(_shape(cells[column]))

    def _alike(self, cells: list[str]) -> str:
        """Whether a line's keys look like other rows' keys: "surely", "perhaps", or "" for no."""
        shapes = [_shape(cells[column]) for column in self._key_columns]
        if not shapes or any(shape not in known for shape, known in zip(shapes, self._shapes, strict=True)):
            return ""
        return "surely" if any(set(shape) & set("0./\\") for shape in shapes) else "perhaps"

    def _unclear(self, start: int, end: int) -> Problem:
        said = f"a cell that opens here ends in line {end} and holds what look like {end - start - 1} rows"
        return self._problem(start, said, "taken as one cell")

    def _broken(self, start: int, end: int, error: str, *, kept: bool) -> Problem:
        if not error:
            said = f"a quote that opens here closes in line {end}, and the lines between are rows of their own"
        elif "unexpected end" in error:
            said = f"a quote that opens here is never closed (up to line {end})"
        else:
            said = f"broken quoting: {error}"
        return self._problem(start, said, "read as one line, with its quotes" if kept else "row skipped")

    def _problem(self, start: int, said: str, effect: str) -> Problem:
        return Problem(
            where=file_and_line(self._file, start + 1),
            column="",
            problem=said,
            fix='Put a cell that has a separator, a quote or a line break in "…", and double the quotes inside it.',
            effect=effect,
            kind="broken quote",
        )


def split_line(line: str, mark: str) -> list[str]:
    """The cells of one line; a quote counts only where it closes right before a separator or the end of the line."""
    line = line.rstrip("\r\n")
    cells: list[str] = []
    position = 0
    quoted = re.compile(rf' *"((?:[^"]|"")*)"(?={re.escape(mark)}|$)')
    while position <= len(line):
        match = quoted.match(line, position)
        if match:
            cells.append(match.group(1).replace('""', '"'))
            position = match.end() + 1
            continue
        end = line.find(mark, position)
        end = len(line) if end < 0 else end
        cells.append(line[position:end])
        position = end + 1
    return cells


def _shape(cell: str) -> str:
    """What a cell looks like: runs of digits as 0, of letters as a, the rest and an ending as they stand."""
    text, dot, ending = cell.rpartition(".")
    if not dot or not ending.isalnum() or len(ending) > 5:
        text, dot, ending = cell, "", ""
    shape = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "0", text))
    return f"{shape}{dot}{'' if ending.isdigit() else ending.casefold()}"
