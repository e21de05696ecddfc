"""Reading text: a file's UTF-8, whole or line by line, and one JSON object a line."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.table import Problem, Table, file_and_line

SAMPLE = 1024
"""Bytes from which the encoding is told."""
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
    _require_bytes_of_one(path, data[:SAMPLE])
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ManifestError(
            f"{path}:{line}: the byte 0x{data[error.start]:02x} is not UTF-8; the file may be Windows-1252.",
            fix=_recode(path, "WINDOWS-1252"),
        ) from error


def _require_bytes_of_one(path: Path, start: bytes) -> None:
    """Refuse UTF-16, with its mark or without: of a text in it, every other byte is zero nearly always."""
    wide = max((start[at::2].count(0), encoding) for at, encoding in ((1, "UTF-16LE"), (0, "UTF-16BE")))
    marked = start.startswith(UTF16_MARKS)
    if marked or wide[0] > len(start) // 4:
        encoding = "UTF-16" if marked else wide[1]
        raise ManifestError(f"{path}:1: the file is {encoding}, not UTF-8.", fix=_recode(path, encoding))


def read_lines(path: Path, newline: str = "") -> Iterator[str]:
    """The lines of a file of UTF-8 with their ends: as :func:`read_text`, but never the whole text at once.

    Parameters
    ----------
    newline : what ends a line, as for ``open``: "" for any of ``\\n``, ``\\r`` and ``\\r\\n``.

    Raises
    ------
    ManifestError : as for :func:`read_text`.
    """
    try:
        with path.open("rb") as opened:
            _require_bytes_of_one(path, opened.read(SAMPLE))
        with path.open(encoding="utf-8-sig", newline=newline) as stream:
            yield from stream
    except (OSError, UnicodeError):
        read_text(path)  # says what is wrong, and in which line
        raise


def _recode(path: Path, encoding: str) -> str:
    return f"Save it as UTF-8, for example: iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"


def parse_json(text: str) -> Any:
    """A JSON value.

    Raises
    ------
    ValueError : it is none, or is nested too deeply to be read.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_jsonl(path: Path) -> Table:
    """One JSON object a line. Lines that are none become problems.

    Raises
    ------
    ManifestError : the file cannot be read, or is not UTF-8.
    """
    return lines_table(path, read_lines(path, newline="\n"))


def lines_table(path: Path, lines: Iterable[str]) -> Table:
    """A table from JSON lines."""
    problems: list[Problem] = []
    return objects_table(path, _objects(path, lines, problems), problems)


def _objects(path: Path, lines: Iterable[str], problems: list[Problem]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The object of each line and its number; ``problems`` takes those of lines that hold none."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            value = parse_json(line.removesuffix("\n"))
        except ValueError as error:
            problems.append(not_json(path, number, str(error)))
            continue
        if isinstance(value, dict):
            yield number, value
        else:
            problems.append(no_object(path, number, value))


def objects_table(
    path: Path, found: Iterable[tuple[int, dict[str, Any]]], problems: list[Problem], *, by_line: bool = True
) -> Table:
    """A table of (line, object) pairs; a key that an object lacks is an empty cell."""
    columns: dict[str, list[Any]] = {}
    lines = array("q")
    for line, item in found:
        for name, value in item.items():
            cells = columns.setdefault(name, [])
            cells += [None] * (len(lines) - len(cells))  # of the objects above that lack it
            cells.append(value)
        lines.append(line)
    for cells in columns.values():
        cells += [None] * (len(lines) - len(cells))
    whole: dict[str, Sequence[Any]] = dict(columns)
    return Table(file=path.name, columns=whole, lines=lines, base=path.parent, by_line=by_line, problems=problems)


def not_json(path: Path, line: int, error: str) -> Problem:
    """A line that is no JSON."""
    return Problem(
        where=file_and_line(path.name, line),
        column="",
        problem=f"not JSON: {error}",
        fix="Write one JSON object on each line.",
        kind="broken JSON",
    )


def no_object(path: Path, line: int, value: object) -> Problem:
    """A line or item that is JSON, but no object."""
    return Problem(
        where=file_and_line(path.name, line),
        column="",
        problem=f"a JSON {type(value).__name__}, not an object",
        fix='Write {"audio": "a.wav", "caption": "…"}.',
        kind="broken JSON",
    )
