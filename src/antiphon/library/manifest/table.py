"""A user's table as it was read, before its columns mean anything; and what was wrong with its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

LONGEST = 400
"""Characters of a problem that are shown: it may quote a cell, and a cell may be a book."""
Source = Path | str
"""Where a manifest comes from: a file or folder, or (as text) the address of a server."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing in a manifest that could not be used as it stands.

    Parameters
    ----------
    where : file and line ("manifest.csv:17") or row ("manifest.parquet row 17").
    column : the column's name, "" when the whole row is meant.
    problem : what was wrong.
    fix : what would be right.
    effect : what was done about it ("row skipped", "kept without a caption", …).
    kind : "missing file", "empty caption", "ragged row", …; the audit counts by it.
    """

    where: str
    column: str
    problem: str
    fix: str
    effect: str = "row skipped"
    kind: str = "bad row"

    def __str__(self) -> str:
        column = f", column '{self.column}'" if self.column else ""
        problem = self.problem if len(self.problem) <= LONGEST else f"{self.problem[:LONGEST]}…"
        return f"{self.where}{column}: {problem} ({self.effect}) → {self.fix}"


@dataclass(frozen=True, kw_only=True)
class Table:
    """Columns of equal length, and where each row stands.

    Parameters
    ----------
    file : name for messages.
    columns : name → cells; a cell is text, a number, a list, a Hugging Face audio struct, or None.
    lines : (n,) 1-based line (or row) of each.
    by_line : whether ``lines`` are lines of a text file.
    base : folder that the paths in it start from.
    split : the split that all of it belongs to, "" where rows say so themselves or nothing does.
    problems : rows that could not even be read.
    notes : what else the reader wants said ("3 audio files have no row").
    separator : of a text table, as a message writes it; "" for other forms.
    anchored : whether ``base`` is the music's own folder, from which ids start wherever the manifest lies.
    form : "folder" for sound without a table, "classes" if the names of its folders became captions unasked.
    meant : columns that may have a role by their name; None for all.
    guessed : roles whose texts are a player's reading of a title line; what a file's own tags say goes before them.
    """

    file: str
    columns: dict[str, Sequence[Any]]
    lines: Sequence[int]
    base: Path
    by_line: bool = True
    split: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    separator: str = ""
    anchored: bool = False
    form: Literal["", "folder", "classes"] = ""
    meant: frozenset[str] | None = None
    guessed: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        named = [
            (name if name.strip() else nameless(n, cells), cells)
            for n, (name, cells) in enumerate(self.columns.items(), 1)
        ]
        object.__setattr__(self, "columns", {name: cells for name, cells in named if name})

    def where(self, row: int) -> str:
        """Where a row stands, for a message."""
        return file_and_line(self.file, self.lines[row], by_line=self.by_line)


def file_and_line(file: str, line: int, *, by_line: bool = True) -> str:
    """``file:line`` for text, ``file row n`` for anything else."""
    return f"{file}:{line}" if by_line else f"{file} row {line}"


def nameless(number: int, cells: Sequence[object]) -> str:
    """What a column without a name is called; "" for one that says nothing: blank, or rows' numbers.

    Parameters
    ----------
    number : of the column, from 1.
    """
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    first = texts[0] if texts else ""
    counts = first in ("0", "1") and all(text == str(row) for row, text in enumerate(texts, int(first)))
    return "" if counts or not any(texts) else f"column {number}"
