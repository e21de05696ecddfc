"""What stands in a field of beets: numbers, texts, and several values in one text."""

from __future__ import annotations

import re
from typing import Any

DELIMITER = "\\␀"
"""Between several values since beets 2.0: a backslash and U+2400."""
LISTS = frozenset({"genre", "genres", "mood", "moods", "style", "styles", "theme", "instrument", "instruments"})
"""Fields whose values older versions and plug-ins write into one text, with commas or semicolons."""
NUMBERS = frozenset({"bpm", "year", "original_year", "track", "disc", "tracktotal", "disctotal", "length"})
WHOLE = ("Folk, World, & Country",)
"""Names of genres that have a comma of their own (at Discogs)."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def beets_value(name: str, cell: object) -> Any:
    """A cell as text, number or list.

    Parameters
    ----------
    name : of the field, as beets writes it.
    """
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if not isinstance(cell, str):
        return cell
    text = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if DELIMITER in text:
        return _parts(text, re.escape(DELIMITER))
    if name in NUMBERS and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if name in LISTS:
        return _listed(text)
    return _parts(text, r";\s") if name == "albumtypes" else text


def _listed(text: str) -> list[str]:
    """Several values in one text; names that hold a comma themselves stay whole."""
    kept: list[str] = []
    for name in WHOLE:
        if name in text:
            kept.append(name)
            text = text.replace(name, "")
    return [*kept, *_parts(text, r"[;,]")]


def _parts(text: str, between: str) -> list[str]:
    return [part for piece in re.split(between, text) if (part := piece.strip())]
