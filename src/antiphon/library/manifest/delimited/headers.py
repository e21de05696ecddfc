"""Headers of more than one line, and rows with more cells than the header names, as published data sets have them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from antiphon.library.manifest.columns import plain_name

OPEN_ENDED = frozenset({"tags", "captions", "genres", "moods", "labels"})
"""A last column of one of these names takes all further cells of a row (MTG-Jamendo's tab-separated tags)."""


def header_lines(rows: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """The names of the columns, and how many lines they stand on.

    Where a table was written with two levels of columns (pandas; FMA's ``tracks.csv``), the first line begins empty
    and repeats its names: a column's name is both, joined by an underscore (``track_title``). A third line that names
    only the index belongs to the header.

    Parameters
    ----------
    rows : the first three lines' cells.
    """
    first = [cell.strip() for cell in rows[0]]
    if len(rows) < 2 or not _two_levels(first, rows[1]):
        return list(rows[0]), 1
    names = [_joined(upper, lower.strip()) for upper, lower in zip(first, rows[1], strict=True)]
    if len(rows) > 2 and rows[2][0].strip() and not any(cell.strip() for cell in rows[2][1:]):
        names[0] = rows[2][0].strip()
        return names, 3
    names[0] = names[0] or "id"
    return names, 2


def _two_levels(first: Sequence[str], second: Sequence[str]) -> bool:
    if len(first) != len(second) or first[0] or len(first) < 3:
        return False
    repeated = sum(count - 1 for count in Counter(filter(None, first[1:])).values())
    return repeated > 0 and repeated >= (len(first) - 1) / 3 and len(set(second[1:])) > len(set(first[1:]))


def _joined(upper: str, lower: str) -> str:
    return f"{upper}_{lower}" if upper and lower else upper or lower


def is_open_ended(header: Sequence[str], mark: str) -> bool:
    """Whether further cells of a row belong to the last column."""
    return mark == "\t" and bool(header) and plain_name(header[-1]) in OPEN_ENDED
