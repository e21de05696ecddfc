"""What a light search was made from, and whether all of that is as it was.

``index/light.json`` names the folder ``index/light-TOKEN`` and every file and folder that answers depend on, each with
its size, its time and its number on the disk. Antiphon replaces files whole, so that any change of one changes these:
the record then counts no more, and the search goes the way that compares contents.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from antiphon._version import __version__

FORMAT = 3
NAME = "light.json"
GONE = "none"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One light search, or why there is none.

    Parameters
    ----------
    checkpoint, checkpoint_sha256 : the file's absolute path, and its content.
    name : of the checkpoint.
    chosen : whether a search that names no checkpoint takes this one.
    by_people : whether any caption that a person wrote has taught it; else it answers beside what needs no training.
    hears : the audio encoder whose window vectors say where a track fits best; "" where there are none.
    folder : name of the folder in ``index/``; "" where there is none.
    vectors : name of the file of vectors in ``index/``.
    dim : numbers of a vector that are the shared space's; those after them correct scores.
    remarks : what is to be said beside answers, but for what depends on the query.
    why_not : what keeps this checkpoint from being searched so; "" for nothing.
    root : the library's absolute path.
    stamps : absolute path → what it was.
    """

    checkpoint: str
    checkpoint_sha256: str
    name: str
    chosen: bool
    by_people: bool
    hears: str
    folder: str
    vectors: str
    dim: int
    remarks: list[str]
    why_not: str
    root: str
    stamps: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """The object of ``light.json``."""
        return {"format": FORMAT, "antiphon": __version__, **asdict(self)}


def read_record(root: Path) -> Record | None:
    """The record of a library's light search; None where there is none, or it is not of this version."""
    try:
        data = json.loads((root / "index" / NAME).read_text(encoding="utf-8"))
        if data.pop("format") != FORMAT or data.pop("antiphon") != __version__:
            return None
        return Record(**data)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def holds(record: Record, root: Path) -> bool:
    """Whether everything that a record depends on is as it was."""
    here = not (root / ".staged.json").exists() and str(root.resolve()) == record.root
    return here and holds_all(record.stamps)


def holds_all(seen: Mapping[str, str]) -> bool:
    """Whether all of some files, at least one, are as :func:`stamps` saw them."""
    return bool(seen) and all(stamp(Path(path)) == before for path, before in seen.items())


def stamps(paths: Iterable[Path]) -> dict[str, str]:
    """Absolute path → :func:`stamp`."""
    return {str(path.absolute()): stamp(path) for path in paths}


def stamp(path: Path) -> str:
    """What changes whenever a file is written, or a folder gets or loses an entry; ``GONE`` where there is neither."""
    try:
        seen = os.stat(path)  # noqa: PTH116 - a search asks this of dozens of files
    except OSError:
        return GONE
    size = "folder" if os.path.isdir(path) else str(seen.st_size)  # noqa: PTH112
    return f"{size} {seen.st_ino} {seen.st_mtime_ns}"  # ctime, too, changes when a model is linked into another library
