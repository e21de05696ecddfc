"""A table before it is written: headings, cells, which of them are the best, what stands below."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What of a table stands in a paper, whose lines have no room for all of it.

    Parameters
    ----------
    columns : headings of the table → what they are called there, in its order.
    caption : what a reader of the paper has to know: which queries, what the figures are, their units.
    """

    columns: Mapping[str, str]
    caption: str


@dataclass(frozen=True, kw_only=True)
class Grid:
    """One table.

    Parameters
    ----------
    title : what it shows.
    headings, rows : texts, as many in each row as there are headings.
    words : headings of columns that hold words and are set flush left; the others hold numbers.
    best : (row, column) of cells that are set in bold.
    notes : sentences below it.
    plain : the same rows as plain values, a dict each with the same keys, for programs.
    paper : what of it stands in a paper; None where a line of one holds the whole table.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: frozenset[str] = frozenset()
    best: frozenset[tuple[int, int]] = frozenset()
    notes: tuple[str, ...] = ()
    plain: tuple[Mapping[str, Any], ...] = field(default=())
    paper: Paper | None = None

    def __post_init__(self) -> None:
        if any(len(row) != len(self.headings) for row in self.rows):
            raise ValueError(f"every row of '{self.title}' needs {len(self.headings)} cells")

    def lines(self) -> list[str]:
        """The table in a fixed-width font."""
        every = [[" ".join(cell.split()) for cell in row] for row in (self.headings, *self.rows)]
        widths = [max(len(row[i]) for row in every) for i in range(len(self.headings))]
        return ["  ".join(map(self._set, self.headings, row, widths)).rstrip() for row in every]

    def _set(self, heading: str, cell: str, width: int) -> str:
        return cell.ljust(width) if heading in self.words else cell.rjust(width)


def best_in_column(
    values: Sequence[Sequence[float | None]], *, lower: Iterable[int] = (), chance: Sequence[float | None] = ()
) -> frozenset[tuple[int, int]]:
    """The (row, column) of each column's best value, ties included; columns of None have none.

    Parameters
    ----------
    values : rows of numbers, None where a cell takes no part.
    lower : columns where less is better.
    chance : of each column, None or left out where there is none; what is no better wins nothing.
    """
    found: set[tuple[int, int]] = set()
    smaller = set(lower)
    for column in range(len(values[0]) if values else 0):
        known = [row[column] for row in values if row[column] is not None]
        if known:
            best = min(known) if column in smaller else max(known)  # type: ignore[type-var]
            by_luck = chance[column] if column < len(chance) else None
            if by_luck is not None and _no_better(best, by_luck, column in smaller):  # type: ignore[arg-type]
                continue
            found |= {(i, column) for i, row in enumerate(values) if row[column] == best}
    return frozenset(found)


def _no_better(value: float, chance: float, less_is_better: bool) -> bool:
    return math.isclose(value, chance) or (value < chance) != less_is_better
