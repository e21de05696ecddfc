"""The text, the id, or the path in one cell."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Mapping
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.cells.words import is_nothing

TEXT_KEYS = ("raw", "text", "caption", "sentence", "description", "content", "value")
"""Under which of its keys an object in a caption's place holds the caption."""
PATH_KEYS = ("path", "file", "filename", "file_name", "src", "location")
_BYTES = re.compile(r"""[bB](?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)
_SHORTENED = re.compile(r"-?\d[.,](\d+)E\+(\d\d+)")
EXACT_FLOAT = 2**53
"""From here on a float no longer holds every whole number."""


class CellError(ManifestError):
    """A cell that holds something, but not what its column is for.

    Parameters
    ----------
    problem, fix : what was wrong, and what would be right.
    kind : what the audit counts it as.
    """

    def __init__(self, problem: str, fix: str, kind: str) -> None:
        super().__init__(problem, fix=fix)
        self.kind = kind


def text_of(cell: Any) -> str:
    """The text of a cell, white space trimmed; "" where it is missing or holds a word for "nothing".

    A whole number that a table stored as a float loses its ``.0``: ids must not depend on the file format. A list is
    its texts, separated by commas.

    Raises
    ------
    CellError : bytes that are not UTF-8, or an object without a text.
    """
    text = _written(cell)
    return "" if is_nothing(text) else text


def id_of(cell: Any) -> str:
    """Like :func:`text_of`, for an id; of bytes that are not UTF-8 what can be read.

    Raises
    ------
    CellError : a number that lost digits, or an object.
    """
    if isinstance(cell, str) and (digits := _SHORTENED.fullmatch(cell.strip())) and len(digits[1]) < int(digits[2]):
        raise CellError(
            f"the id '{cell.strip()}' was a longer number, of which a spreadsheet kept the first digits",
            "Format the column as text in the spreadsheet before the ids are pasted into it, and save it again.",
            "bad id",
        )
    if isinstance(cell, bytes | bytearray | memoryview):
        return text_of(bytes(cell).decode("utf-8", errors="replace"))
    if isinstance(cell, float) and math.isfinite(cell) and abs(cell) >= EXACT_FLOAT:
        raise CellError(
            f"the id {cell:.0f} was stored as a floating-point number, which has lost its last digits",
            "Store ids as text or whole numbers.",
            "bad id",
        )
    return text_of(cell)


def path_of(cell: Any) -> str:
    """The path in a cell, or in an object such as ``{"path": …}``; "" where there is none.

    Raises
    ------
    CellError : bytes that are no text, sound as numbers, or another object.
    """
    if not isinstance(cell, Mapping):
        return text_of(cell)
    if cell.get("array") is not None:
        raise CellError(
            "sound as an array of numbers, not a path",
            "In Python: cast_column('audio', datasets.Audio(decode=False)), and save again; or write sound files.",
            "decoded sound",
        )
    path = next((cell[key] for key in PATH_KEYS if cell.get(key) is not None), None)
    if path is None and not set(cell) <= {*PATH_KEYS, "bytes"}:
        raise CellError(f"a JSON object, not a path ({keys_of(cell)})", 'Write {"path": "a.wav"}.', "object in a cell")
    return text_of(path)


def keys_of(item: Mapping[Any, Any]) -> str:
    """An object's keys, for a message."""
    names = sorted(map(str, item))
    return f"keys: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}" if names else "without keys"


def _written(cell: Any) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return _of_str(cell.strip())
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        if not math.isfinite(cell):
            return "" if math.isnan(cell) else str(cell)
        return str(int(cell)) if cell.is_integer() else str(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return _decoded(bytes(cell))
    if isinstance(cell, Mapping):
        return _of_object(cell)
    if isinstance(cell, list | tuple):
        return ", ".join(text for item in cell if (text := text_of(item)))
    return _whole(str(cell).strip())


def _of_str(text: str) -> str:
    """A text as it stands; ``b'…'``, which ``str`` makes of bytes in Python, is the text of those bytes."""
    if _BYTES.fullmatch(text):
        try:
            return _decoded(ast.literal_eval(text))
        except (ValueError, SyntaxError):
            return _whole(text)
    return _whole(text)


def _of_object(cell: Mapping[Any, Any]) -> str:
    if all(value is None for value in cell.values()):
        return ""
    text = next((cell[key] for key in TEXT_KEYS if cell.get(key) is not None), None)
    if text is None:
        said = f"a JSON object, not a text ({keys_of(cell)})"
        raise CellError(said, f'Write the text alone, or {{"{TEXT_KEYS[1]}": "…"}}.', "object in a cell")
    return _written(text)


def _decoded(cell: bytes) -> str:
    try:
        return cell.decode("utf-8").strip()
    except UnicodeDecodeError as error:
        said = f"{len(cell)} bytes that are not UTF-8 text (the first wrong one: 0x{cell[error.start]:02x})"
        raise CellError(said, "Store text as UTF-8.", "bytes in a cell") from error


def _whole(text: str) -> str:
    """A text without the halves of characters that JSON escapes can leave, which no file can store."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text  # the very cell, and no copy of it: a table of a million captions would stand in memory twice
