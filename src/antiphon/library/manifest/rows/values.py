"""The cells of a column that has no role, as texts or lists of texts: what metadata are collected from."""

from __future__ import annotations

import datetime
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from antiphon.library.manifest.cells import CellError, is_nothing, text_of
from antiphon.library.manifest.cells.bulk import LONGEST_BYTES
from antiphon.library.manifest.cells.lists import written_value
from antiphon.library.manifest.cells.text import EXACT_FLOAT
from antiphon.library.manifest.cells.words import NOTHING

TEXTS = pa.string()
LISTS = pa.list_(TEXTS)
MOSTLY = 0.5
"""Share of a column's texts that are lists written down from which it is a column of lists."""
_SCALAR = (str, int, float, bytes, bytearray, memoryview)
Values = tuple[pa.Array, int]


def values_of(cells: Sequence[Any]) -> Values:
    """What the cells of a column say.

    Parameters
    ----------
    cells : (n,) text, numbers, times, lists, objects, bytes, or None.

    Returns
    -------
    values : (n,) texts, or lists of texts where the column holds lists; null for nothing. An object is its JSON.
    lost : cells that hold bytes and no text, which are null.
    """
    kinds = set(map(type, cells))
    if kinds <= {str, type(None)}:
        texts = _plain_texts(cells)
        if texts is not None:
            return texts, 0
    found = [_value(cell) for cell in cells]
    if kinds <= {str, type(None), bytes} and _mostly_lists(found):
        found = [_list_in(value) for value in found]
    lost = sum(value is _LOST for value in found)
    return _array([None if value is _LOST else value for value in found]), lost


_LOST = object()


def _plain_texts(cells: Sequence[str | None]) -> pa.Array | None:
    """Texts in one go; None where some need a closer look: lists and bytes that were written down, half characters."""
    try:
        texts = pc.utf8_trim_whitespace(pa.array(cells, TEXTS))
    except (UnicodeEncodeError, pa.ArrowException):
        return None
    present = texts.drop_null()
    special = pc.sum(
        pc.match_substring_regex(present, r"""(?s)^([\[({].*[\])}]|array\(.*\)|[bB]['"].*['"])$""")
    ).as_py()
    if special:
        return None
    nothing = pc.is_in(pc.utf8_lower(texts), pa.array(sorted(NOTHING), TEXTS))
    return pc.if_else(nothing, pa.scalar(None, TEXTS), texts)


def _value(cell: Any) -> Any:
    """One cell as a text, a list of texts, or None."""
    if hasattr(cell, "tolist") and not isinstance(cell, memoryview):
        cell = cell.tolist()
    if isinstance(cell, set | frozenset):
        cell = sorted(cell, key=str)
    if isinstance(cell, list | tuple):
        return _list(cell)
    if isinstance(cell, Mapping):
        return None if all(value is None for value in cell.values()) else _json(cell)
    text = _text(cell)
    return text if text is _LOST or not is_nothing(text) else None


def _list(items: Sequence[Any]) -> Any:
    """A list of single values as texts, without the empty ones; one with lists in it as JSON."""
    items = [item.item() if hasattr(item, "item") and not isinstance(item, _SCALAR) else item for item in items]
    if any(isinstance(item, list | tuple | Mapping) for item in items):
        return _json(items)
    texts = [_text(item) for item in items]
    return [text for text in texts if text is not _LOST and not is_nothing(text)] or None


def _text(cell: Any) -> Any:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _written(cell)
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return _decoded(bytes(cell))
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return _whole(str(cell).strip())


def _written(cell: str) -> str:
    try:
        return text_of(cell)
    except CellError:  # bytes that were written down, and are no text
        return _whole(cell.strip())


def _number(cell: float) -> str:
    if math.isnan(cell):
        return ""
    return str(int(cell)) if cell.is_integer() and abs(cell) < EXACT_FLOAT else repr(cell)


def _decoded(cell: bytes) -> Any:
    try:
        return cell.decode("utf-8").strip()
    except UnicodeDecodeError:
        return cell.decode("utf-8", "backslashreplace") if len(cell) <= LONGEST_BYTES else _LOST


def _json(value: Any) -> str:
    try:
        return _whole(json.dumps(value, ensure_ascii=False, default=_jsonable))
    except (RecursionError, ValueError, TypeError):  # keys that are no texts, and nests without a bottom
        return _whole(str(value))


def _jsonable(value: Any) -> Any:
    if hasattr(value, "tolist") and not isinstance(value, memoryview):
        return value.tolist()
    text = _text(value)
    return "" if text is _LOST else text


def _mostly_lists(values: Sequence[Any]) -> bool:
    texts = [value for value in values if isinstance(value, str)]
    return bool(texts) and sum(isinstance(_list_in(text), list) for text in texts) >= MOSTLY * len(texts)


def _list_in(text: Any) -> Any:
    """The list that a text writes down; the text as it stands where it is none, or one of lists."""
    if not isinstance(text, str) or text[:1] not in "[(a":
        return text
    value = written_value(text)
    if isinstance(value, CellError) or not isinstance(value, list | tuple):
        return text
    found = _list(value)
    return text if isinstance(found, str) else found


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _array(values: list[Any]) -> pa.Array:
    if not any(isinstance(value, list) for value in values):
        return pa.array(values, TEXTS)
    return pa.array([[value] if isinstance(value, str) else value for value in values], LISTS)
