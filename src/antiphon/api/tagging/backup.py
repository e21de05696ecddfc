"""``tags_before.jsonl`` in the library: what a file's fields were before Antiphon wrote into them, and what it wrote.

A line each time a file is written: ``track_id``, ``path`` (absolute), ``before`` and ``wrote`` (name → values; [] for
one that is not there). It is on disk before the file is touched, and only added to.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from antiphon.api.tagging.words import Fields
from antiphon.errors import LibraryError
from antiphon.library.files import flush_to_disk, of_file, open_in_library

NAME = "tags_before.jsonl"


@dataclass(frozen=True, kw_only=True)
class FieldsBefore:
    """What is known of one file.

    Parameters
    ----------
    before : its fields before Antiphon first wrote into each of them.
    wrote : what it last wrote into each.
    """

    track_id: str
    path: str
    before: Fields
    wrote: Fields


def read_backup(root: Path) -> dict[str, FieldsBefore]:
    """Track id → what is known of its file; a torn last line, of a file that was not touched, is left out.

    Raises
    ------
    LibraryError : another line is damaged.
    """
    path = root / NAME
    found: dict[str, FieldsBefore] = {}
    lines = path.read_bytes().split(b"\n") if path.exists() else []
    for number, line in enumerate(lines, 1):
        if not line:
            continue
        try:
            entry = json.loads(line)
            one = FieldsBefore(**{name: entry[name] for name in ("track_id", "path", "before", "wrote")})
            known = found.get(one.track_id)
            found[one.track_id] = one if known is None else _later(known, one)
        except (ValueError, LookupError, TypeError) as error:
            if number == len(lines):
                break
            raise LibraryError(
                f"{path}, line {number}, is damaged.",
                fix="Restore it from a copy, or remove the line: it is of one file.",
            ) from error
    return found


def _later(known: FieldsBefore, one: FieldsBefore) -> FieldsBefore:
    return replace(one, before={**one.before, **known.before}, wrote={**known.wrote, **one.wrote})


def remember(root: Path, saved: FieldsBefore) -> None:
    """Add a line, durably, before the file is touched."""
    file = root / NAME
    _end_line(file)
    line = json.dumps(vars(saved), ensure_ascii=False).encode("utf-8", "backslashreplace")
    with of_file(file), open_in_library(file, "ab") as stream:
        stream.write(line + b"\n")
        flush_to_disk(stream)


def _end_line(file: Path) -> None:
    """What a killed process left of a line is cut off."""
    if not file.exists() or not file.stat().st_size:
        return
    with open_in_library(file, "r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        if stream.read(1) != b"\n":
            stream.seek(0)
            stream.truncate(stream.read().rfind(b"\n") + 1)
