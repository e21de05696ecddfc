"""Several captions in one cell: a list, or the text of one as JSON, Python, or numpy writes it.

``['a', 'b']`` is what ``DataFrame.to_csv`` makes of a list, ``['a' 'b']`` of a numpy array; read as Python, the second
would be one text "ab". Each quoted text is therefore an item of its own, whatever stands between two of them.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from typing import Any

from antiphon.library.manifest.cells.text import CellError, text_of

_ARRAY = re.compile(r"array\((.*?)(?:,\s*dtype=[^()]*)?\)", re.DOTALL)
_ITEM = re.compile(
    r"""\s*(?:[uUbBrR]?(?P<quoted>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<bare>None|nan|null|NaN|NA))(?P<after>\s*,|\s+|$)""",
    re.DOTALL,
)
_OPENS = re.compile(r"""[\[(]\s*[uUbBrR]?['"]""")
_BETWEEN = re.compile(r"""['"]\s*,\s*['"]?|,\s*['"]""")
_CLOSES = {"[": "]", "(": ")", "{": "}"}


def texts_of(cell: Any, *, parse: bool = False) -> tuple[list[str], CellError | None]:
    """The captions in a cell, and what is wrong with it.

    Parameters
    ----------
    cell : a text, an object that holds one, a list of them, or (with ``parse``) the text of a list or object.
    parse : whether a text may be a list or an object written down.

    Returns
    -------
    texts : without the empty ones. A list that is broken is read as far as it goes.
    fault : the first thing in the cell that is no text, None where all is well.
    """
    value = written_value(cell) if parse else cell
    if isinstance(value, CellError):
        return _of_broken(cell) if isinstance(cell, str) else [], value
    texts: list[str] = []
    fault: CellError | None = None
    for item in _flat(value):
        try:
            texts.append(text_of(item))
        except CellError as error:
            fault = fault or error
    return [text for text in texts if text], fault


def _of_broken(cell: str) -> list[str]:
    """The texts of a list whose quotes or brackets are not all there, without those."""
    parts = _BETWEEN.split(cell.strip().strip("[]()"))
    return [text for part in parts if (text := part.strip().strip("\"'").strip()).strip(".…")]


def written_value(cell: Any) -> Any:
    """The list or object that a text is, or the cell as it stands; a fault for a list that is broken."""
    if isinstance(cell, bytes | bytearray | memoryview):
        try:
            cell = text_of(cell)
        except CellError as fault:
            return fault
    if not isinstance(cell, str):
        return cell
    text = cell.strip()
    if inner := _ARRAY.fullmatch(text):
        text = inner.group(1).strip()
    if text[:1] not in ("[", "(", "{"):
        return cell
    found = _from_json(text)
    if found is None:
        found = _from_python(text)
    if found is not None:
        return found
    return _broken_or_text(cell, text)


def _broken_or_text(cell: str, text: str) -> str | CellError:
    """``["a", "b`` is a broken list; ``[Intro] slow piano`` and ``["Intro"] slow piano`` are captions."""
    if text[0] == "[" and _OPENS.match(text) and (text.endswith("]") or "]" not in text):
        said = "the cell starts like a list, but cannot be read as one"
        return CellError(said, 'Write ["one caption", "another"].', "broken list")
    return cell


def _from_json(text: str) -> list[Any] | dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, list | dict) else None


def _from_python(text: str) -> list[str] | None:
    """The items of a list, tuple or set of quoted texts, with commas or (numpy) without; None for anything else."""
    body = text[1:-1]
    if text[-1] != _CLOSES[text[0]] or (text[0] == "(" and "," not in body):
        return None
    items: list[str] = []
    position = 0
    while body[position:].strip():
        match = _ITEM.match(body, position)
        if match is None:
            return None
        items.append(_unquoted(match.group("quoted") or ""))
        position = match.end()
    return items


def _unquoted(quoted: str) -> str:
    try:
        return str(ast.literal_eval(quoted)) if quoted else ""
    except (ValueError, SyntaxError):  # a line break between the quotes, as numpy prints it
        return quoted[1:-1]


def _flat(value: Any) -> list[Any]:
    """The items of a list, those of lists inside it one by one."""
    found: list[Any] = []
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if hasattr(item, "tolist") and not isinstance(item, bytes | str | memoryview):
            item = item.tolist()
        if isinstance(item, list | tuple) and not isinstance(item, Mapping):
            waiting.extend(reversed(item))
        else:
            found.append(item)
    return found
