"""Which mark separates the cells of a text table: the one that splits its first lines evenly."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from antiphon.library.manifest.columns import is_known

MARKS = (",", "\t", ";", "|")
SAMPLE = 50
"""Lines that are looked at."""
LOOKED_AT = 64 * 1024
"""Characters of each of them: 50 lines joined by an open quote stay far below what a cell may hold."""
_DECLARED = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Separator:
    """A separator and where the table starts.

    Parameters
    ----------
    mark : one character.
    first : index of the header's line, 0-based; 1 below Excel's ``sep=;``, and more below remarks.
    """

    mark: str
    first: int = 0

    @property
    def name(self) -> str:
        """As a message writes it."""
        return "a tab" if self.mark == "\t" else f"'{self.mark}'"


def find_separator(lines: Sequence[str], *, prefer_tab: bool = False) -> Separator:
    """The separator of a table.

    A first line ``sep=X`` is obeyed. Otherwise each mark is tried: what counts is how many headings it makes that are
    known, then what share of the first lines has as many cells as the header, then the number of cells.

    Parameters
    ----------
    lines : the file's lines.
    prefer_tab : whether the file's name says that it is tabs (.tsv): ties go to the tab.
    """
    if lines and (declared := _DECLARED.fullmatch(lines[0])):
        return Separator(mark=declared.group(1), first=1)
    first = _remarks(lines)
    lines = lines[first : first + SAMPLE]
    csv.field_size_limit(SAMPLE * LOOKED_AT)
    order = ("\t", ",", ";", "|") if prefer_tab else MARKS
    scores = {mark: _score(lines, mark) for mark in order}
    best = max(order, key=lambda mark: scores[mark])
    return Separator(mark=best if scores[best][2] > 1 else order[0], first=first)


def _remarks(lines: Sequence[str]) -> int:
    """How many lines above the header are remarks: they begin with "#", and what follows it names no column."""
    for number, line in enumerate(lines[:SAMPLE]):
        names = re.split("[,\t;|]", line.lstrip("\ufeff# \t").rstrip())
        if not line.lstrip("\ufeff").startswith("#") or (len(names) > 1 and any(map(is_known, names))):
            return number
    return 0


def _score(lines: Sequence[str], mark: str) -> tuple[int, float, int]:
    """(known headings, share of lines with as many cells as the header, cells of the header)."""
    sample = [line[:LOOKED_AT] for line in lines[:SAMPLE] if line.strip()]
    rows = [cells for cells in csv.reader(sample, delimiter=mark, skipinitialspace=True) if cells]
    if not rows or len(rows[0]) < 2:
        return 0, 0.0, 1
    header = rows[0]
    known = sum(is_known(name) for name in header)
    even = sum(len(cells) == len(header) for cells in rows) / len(rows)
    return known, even, len(header)
