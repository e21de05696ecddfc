"""Lines of qrels and runs: ``query iteration item grade`` and ``query Q0 item rank score tag``, parted by white space.

An id with white space would fall into two columns, so it is written with each such character, and ``%``, as ``%XX``
(UTF-8, as in addresses of the web): ``my song`` is ``my%20song``. What is read is compared as it stands, so a system
that is given Antiphon's qrels answers with the ids that stand there.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeVar

from antiphon.errors import ManifestError
from antiphon.library.files import write_atomically

Qrels = dict[str, dict[str, int]]
"""Query → item → grade; 0 and below are wrong."""
RunScores = dict[str, dict[str, float]]
"""Query → item → score."""
Number = TypeVar("Number", int, float)


def escaped(name: str) -> str:
    """An id as it is written: one column, whatever is in it."""
    return re.sub(r"[\s%\x00-\x1f\x7f]", lambda m: "".join(f"%{byte:02X}" for byte in m[0].encode()), name)


def write_lines(path: Path, lines: Iterable[str]) -> None:
    """Write a text file, one line after another, or nothing at all."""

    def write(stream: BinaryIO) -> None:
        for line in lines:
            stream.write(f"{line}\n".encode())

    write_atomically(path, write)


def read_qrels(path: Path) -> Qrels:
    """What is correct, by query.

    Raises
    ------
    ManifestError : the file cannot be read, a line is none of qrels, or a pair stands there twice.
    """
    return _read(path, "query iteration item grade", 4, lambda cells: (cells[0], cells[2], cells[3]), int)


def read_run(path: Path) -> RunScores:
    """What a system found, by query. The column of ranks is passed over, as TREC's own tool does: scores order.

    Raises
    ------
    ManifestError : the file cannot be read, a line is none of a run, a score is no number, or an item is there twice.
    """
    return _read(path, "query Q0 item rank score tag", 6, lambda cells: (cells[0], cells[2], cells[4]), float)


def _read(
    path: Path,
    form: str,
    columns: int,
    pick: Callable[[list[str]], tuple[str, str, str]],
    number: Callable[[str], Number],
) -> dict[str, dict[str, Number]]:
    found: dict[str, dict[str, Number]] = {}
    for row, line in _lines(path):
        cells = line.split()
        if len(cells) != columns:
            raise _wrong(path, row, f"has {len(cells)} columns in place of {columns}", form)
        query, item, value = pick(cells)
        try:
            known = number(value)
        except ValueError:
            raise _wrong(path, row, f"'{value}' is no number", form) from None
        if math.isnan(known):
            raise _wrong(path, row, f"'{value}' is no number", form)
        if item in found.setdefault(query, {}):
            raise _wrong(path, row, f"item '{item}' stands twice for query '{query}'", form)
        found[query][item] = known
    if not found:
        raise ManifestError(f"{path} is empty.", fix=f"Its lines are: {form}.")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for row, line in enumerate(stream, 1):
                if line.strip():
                    yield row, line
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.", fix="Name a file in TREC's form.") from error
    except UnicodeDecodeError as error:
        raise ManifestError(f"{path} is no UTF-8.", fix="Write it anew in UTF-8.") from error


def _wrong(path: Path, row: int, what: str, form: str) -> ManifestError:
    return ManifestError(f"{path}, line {row}: {what}.", fix=f"A line is: {form}. Ids have no spaces (write %20).")
