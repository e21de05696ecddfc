"""Reading text tables: CSV, TSV, JSON lines, and a JSON list. Line numbers are those a text editor shows."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.table import Problem, Table, place

MAX_CELL = 16 * 1024 * 1024
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_text(path: Path) -> str:
    """A file's UTF-8 text, without a byte-order mark.

    Raises
    ------
    ManifestError : it cannot be opened, or is in another encoding; the message names the line.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.", fix="Check the path.") from error
    if data.startswith(UTF16_MARKS):
        raise ManifestError(f"{path}:1: the file is UTF-16, not UTF-8.", fix=_recode(path, "UTF-16"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ManifestError(
            f"{path}:{line}: the byte 0x{data[error.start]:02x} is not UTF-8; the file may be Windows-1252.",
            fix=_recode(path, "WINDOWS-1252"),
        ) from error


def _recode(path: Path, encoding: str) -> str:
    return f"Save it as UTF-8, for example: iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"


def read_csv(path: Path) -> Table:
    """CSV or TSV with a header line. Rows of the wrong length and broken quotes become problems.

    Raises
    ------
    ManifestError : there is no header, or the encoding is not UTF-8.
    """
    text = read_text(path)
    problems: list[Problem] = []
    csv.field_size_limit(MAX_CELL)
    records = _records(path, text, _delimiter(path, text), problems)
    line, header = next(records, (0, []))
    if not header or not any(cell.strip() for cell in header):
        raise ManifestError(f"{path}:1: there is no header line.", fix="Name the columns, e.g.: id,audio,caption")
    rows: list[list[str]] = []
    lines: list[int] = []
    for line, cells in records:
        spare = cells[len(header) :]
        if len(cells) < len(header) or any(cell.strip() for cell in spare):
            problems.append(_ragged(path, line, len(cells), len(header)))
            continue
        rows.append(cells[: len(header)])
        lines.append(line)
    columns: dict[str, Any] = {}
    for position, name in enumerate(header):
        if name in columns:
            problems.append(_twice(path, name))
        else:
            columns[name] = [row[position] for row in rows]
    return Table(file=path.name, columns=columns, lines=lines, base=path.parent, problems=problems)


def _delimiter(path: Path, text: str) -> str:
    if path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    header = text.partition("\n")[0]
    return next((mark for mark in (",", "\t", ";") if mark in header), ",")


def _records(path: Path, text: str, delimiter: str, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """(line on which the record starts, its cells), blank lines left out."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(_broken(path, start, reader.line_num, str(error)))
            continue
        if any(cell.strip() for cell in cells):
            yield start, cells


def _broken(path: Path, start: int, end: int, error: str) -> Problem:
    unclosed = "unexpected end" in error
    said = f"a quote that opens here is never closed (up to line {end})" if unclosed else f"broken quoting: {error}"
    return Problem(
        where=place(path.name, start),
        column="",
        problem=said,
        fix='Put a cell that has a comma, a quote or a line break in "…", and double the quotes inside it.',
        effect=f"lines {start} to {end} skipped" if end > start else "row skipped",
        kind="broken quote",
    )


def _ragged(path: Path, line: int, found: int, expected: int) -> Problem:
    return Problem(
        where=place(path.name, line),
        column="",
        problem=f"{found} cells, but the header names {expected}",
        fix='Put a cell that has a comma in "…", and write an empty cell where a value is missing.',
        kind="ragged row",
    )


def _twice(path: Path, name: str) -> Problem:
    return Problem(
        where=place(path.name, 1),
        column=name,
        problem="the header names it twice",
        fix="Rename one of them.",
        effect="the first is used",
        kind="duplicate column",
    )


def read_jsonl(path: Path) -> Table:
    """One JSON object a line. Lines that are none become problems."""
    problems: list[Problem] = []
    found: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            problems.append(_not_json(path, number, str(error)))
            continue
        if isinstance(value, dict):
            found.append((number, value))
        else:
            problems.append(_no_object(path, number, value))
    return objects_table(path, found, problems)


def read_json(path: Path) -> Table:
    """A JSON list of objects.

    Raises
    ------
    ManifestError : it is no JSON, or no list.
    """
    text = read_text(path)
    try:
        items = json.loads(text)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise ManifestError(
            f"{path}:{line}: not JSON: {error}", fix="For one object a line, name the file .jsonl."
        ) from error
    if not isinstance(items, list):
        raise ManifestError(
            f"{path}:1: the file holds one JSON {type(items).__name__}, not a list of objects.",
            fix='Write [{"audio": "a.wav", "caption": "…"}, …].',
        )
    problems: list[Problem] = []
    found = []
    for line, item in zip(_item_lines(text, len(items)), items, strict=True):
        if isinstance(item, dict):
            found.append((line, item))
        else:
            problems.append(_no_object(path, line, item))
    return objects_table(path, found, problems)


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


def objects_table(
    path: Path, found: Iterable[tuple[int, dict[str, Any]]], problems: list[Problem], *, by_line: bool = True
) -> Table:
    """A table of (line, object) pairs; a key that an object lacks is an empty cell."""
    pairs = list(found)
    names = dict.fromkeys(name for _, item in pairs for name in item)
    columns: dict[str, Sequence[Any]] = {name: [item.get(name) for _, item in pairs] for name in names}
    lines = [line for line, _ in pairs]
    return Table(file=path.name, columns=columns, lines=lines, base=path.parent, by_line=by_line, problems=problems)


def _not_json(path: Path, line: int, error: str) -> Problem:
    return Problem(
        where=place(path.name, line),
        column="",
        problem=f"not JSON: {error}",
        fix="Write one JSON object on each line.",
        kind="broken JSON",
    )


def _no_object(path: Path, line: int, value: object) -> Problem:
    return Problem(
        where=place(path.name, line),
        column="",
        problem=f"a JSON {type(value).__name__}, not an object",
        fix='Write {"audio": "a.wav", "caption": "…"}.',
        kind="broken JSON",
    )
