"""One cell of a user's table, made into text: numbers, lists, JSON lists, missing values."""

from __future__ import annotations

import json
import math
from typing import Any

MISSING = frozenset({"nan", "none", "null", "<na>"})


def text_of(cell: Any) -> str:
    """The text of a cell, white space trimmed; "" where it is missing.

    A whole number that a table stored as a float loses its ``.0``: ids must not depend on the file format.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _whole(cell.strip())
    if isinstance(cell, float):
        if math.isnan(cell):
            return ""
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, dict):
        return text_of(cell.get("path"))
    if isinstance(cell, bytes):
        return cell.decode("utf-8", errors="replace").strip()
    return str(cell).strip()


def _whole(text: str) -> str:
    """A text without the halves of characters that JSON escapes can leave, which no file can store."""
    return text.encode("utf-8", "replace").decode("utf-8")


def id_of(cell: Any) -> str:
    """Like :func:`text_of`, and the words that tables write for "nothing" count as missing."""
    text = text_of(cell)
    return "" if text.casefold() in MISSING else text


def texts_of(cell: Any, *, parse: bool = False) -> list[str] | None:
    """The captions in a cell, empty ones included.

    Parameters
    ----------
    cell : a text, a list of texts, or (with ``parse``) the text of a JSON list.
    parse : whether a text that starts with ``[`` is a JSON list.

    Returns
    -------
    None where the cell looks like a list but cannot be read as one.
    """
    if isinstance(cell, list | tuple):
        return [text_of(item) for item in cell]
    text = text_of(cell)
    if not (parse and text.startswith("[")):
        return [text]
    try:
        items = json.loads(text)
    except ValueError:
        return None
    return [text_of(item) for item in items] if isinstance(items, list) else None
