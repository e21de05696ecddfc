"""Cells that are no metadata: vectors, sound and pictures, which tables of data sets carry beside what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

SAMPLE = 20
LONGEST_LIST = 64
"""Numbers in a list, on average, from which it is a vector and not, say, the times of chords."""
LONGEST_BYTES = 1024
"""Bytes that are no UTF-8 are written out up to here; longer ones are pictures and sound."""


def bulk_of(cells: Sequence[Any]) -> str:
    """What is in a column that is too bulky to be metadata: "vectors" or "bytes"; "" where it can be kept."""
    sample = list(islice((cell for cell in cells if cell is not None), SAMPLE))
    if not sample:
        return ""
    if any(_is_binary(cell) for cell in sample):
        return "bytes"
    lengths = [_numbers_in(cell) for cell in sample]
    return "vectors" if sum(lengths) > LONGEST_LIST * len(sample) else ""


def _is_binary(cell: Any) -> bool:
    if isinstance(cell, Mapping):
        return any(_is_binary(value) for value in cell.values())
    if not isinstance(cell, bytes) or len(cell) <= LONGEST_BYTES:
        return False
    try:
        cell.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return False


def _numbers_in(cell: Any) -> int:
    """How many numbers a list holds, those of lists and objects inside it too."""
    waiting, found = [cell], 0
    while waiting:
        item = waiting.pop()
        if hasattr(item, "size") and hasattr(item, "dtype"):
            found += int(item.size)
        elif isinstance(item, Mapping):
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            found += sum(isinstance(value, int | float) for value in item)
            waiting.extend(value for value in item if isinstance(value, list | tuple | Mapping))
    return found
