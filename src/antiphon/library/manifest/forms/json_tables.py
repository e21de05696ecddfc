"""JSON files that hold a table: a list of objects, and the other shapes in which data sets and pandas write one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns import is_known
from antiphon.library.manifest.table import Problem, Table
from antiphon.library.manifest.text_tables import lines_table, no_object, objects_table, parse_json, read_text
from antiphon.library.splits.names import split_name

SHAPES = 'Write [{"audio": "a.wav", "caption": "…"}, …].'


def read_json(path: Path) -> Table:
    """A table in a JSON file.

    Read are: a list of objects; one object a line, whatever the file is called (MusicBench); an object of columns or of
    rows (``DataFrame.to_json``, whichever way); lists of objects or of ids by their split; objects, or captions, by
    their id; and an object with one list of objects in it (``{"data": […]}``).

    Raises
    ------
    ManifestError : it is no JSON, or none of these.
    """
    text = read_text(path)
    try:
        value = parse_json(text)
    except ValueError as error:
        if "Extra data" in str(error) and text.lstrip()[:1] == "{":
            return lines_table(path, text.split("\n"))
        line = getattr(error, "lineno", 1)
        fix = "For one object a line, name the file .jsonl."
        if text.lstrip()[:1] not in ("[", "{"):
            fix = "If it is a table with separators, rename it to end in .csv or .tsv."
        raise ManifestError(f"{path}:{line}: not JSON: {error}", fix=fix) from error
    if isinstance(value, list):
        return _of_list(path, text, value)
    if isinstance(value, dict) and (items := _items_of(value)) is not None:
        return objects_table(path, enumerate(items, start=1), [], by_line=False)
    raise ManifestError(f"{path}:1: the file holds one JSON {type(value).__name__}, not a list of objects.", fix=SHAPES)


def _of_list(path: Path, text: str, items: list[Any]) -> Table:
    problems: list[Problem] = []
    found = []
    for line, item in zip(_item_lines(text, len(items)), items, strict=True):
        if isinstance(item, dict):
            found.append((line, item))
        else:
            problems.append(no_object(path, line, item))
    return objects_table(path, found, problems)


def _items_of(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows in an object, None where it holds no table."""
    if (rows := _of_frame(value)) is not None or (rows := _by_split(value)) is not None:
        return rows
    lists = {name: cells for name, cells in value.items() if isinstance(cells, list)}
    if any(map(is_known, lists)) and len({len(cells) for cells in lists.values()}) == 1:
        return _rows({name: dict(enumerate(cells)) for name, cells in lists.items()})
    objects = [cells for cells in lists.values() if cells and all(isinstance(item, dict) for item in cells)]
    if len(objects) == 1:
        return list(objects[0])
    if value and not any(map(is_known, value)) and all(isinstance(said, str | list) for said in value.values()):
        return [{"id": key, "captions": said} for key, said in value.items()]
    inner = {name: cells for name, cells in value.items() if isinstance(cells, dict)}
    if not inner or len(inner) < len(value):
        return None
    if any(map(is_known, inner)):
        return _rows(inner)
    return [item if "id" in item else {"id": key, **item} for key, item in inner.items()]


def _of_frame(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Columns' names and rows of cells side by side, as ``DataFrame.to_json(orient="split")`` has them."""
    names, rows = value.get("columns"), value.get("data")
    if not isinstance(names, list) or not isinstance(rows, list) or not all(isinstance(name, str) for name in names):
        return None
    if not all(isinstance(row, list) and len(row) == len(names) for row in rows):
        return None
    return [dict(zip(names, row, strict=True)) for row in rows]


def _by_split(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """Lists of rows, or of ids alone, each under the name of its split."""
    if not value or not all(split_name(name) and isinstance(items, list) for name, items in value.items()):
        return None
    items = [
        (name, item if isinstance(item, dict) else {"id": item}) for name, items in value.items() for item in items
    ]
    return [{"split": name, **item} for name, item in items]


def _rows(columns: dict[str, dict[Any, Any]]) -> list[dict[str, Any]]:
    keys = dict.fromkeys(key for cells in columns.values() for key in cells)
    return [{name: cells.get(key) for name, cells in columns.items()} for key in keys]


def _item_lines(text: str, count: int) -> Iterator[int]:
    """The line on which each item of a valid JSON list starts."""
    decoder = json.JSONDecoder()
    position = text.index("[") + 1
    line = 1 + text.count("\n", 0, position)
    for _ in range(count):
        start = position
        while text[start] in " \t\r\n,":
            start += 1
        line += text.count("\n", position, start)
        yield line
        _, position = decoder.raw_decode(text, start)
        line += text.count("\n", start, position)
