"""Copies of sound files that are being tagged: named in the library before they are made.

A copy has to lie beside its file, or it could not take its place in one step. What a killed process leaves there is
known by ``tagging/copy.json`` of the library, and the next command that comes by removes it.
"""

from __future__ import annotations

import json
import secrets
from contextlib import suppress
from pathlib import Path

from antiphon.errors import AntiphonError
from antiphon.library.files import MARK
from antiphon.library.lock import only_writer

FOLDER = "tagging"
NAME = "copy.json"
START = f".tagging{MARK}."
"""What the names of copies begin with: nothing else is ever removed."""
DOING = "writing tags from"


def new_copy(root: Path, path: Path) -> Path:
    """The path of a copy beside a file, noted in the library before anything is there.

    The note needs no flush: it is for processes that are killed, and what they wrote stays.
    """
    copy = path.with_name(f"{START}{secrets.token_hex(4)}{path.suffix}")
    note = root / FOLDER / NAME
    note.parent.mkdir(exist_ok=True)
    note.write_bytes(json.dumps({"copy": str(copy)}).encode())
    return copy


def left_over(root: Path) -> Path | None:
    """The copy that a killed process has left beside the music, or that a living one is writing; None for none."""
    try:
        copy = Path(str(json.loads((root / FOLDER / NAME).read_bytes())["copy"]))
        return copy if copy.name.startswith(START) and copy.is_file() and not copy.is_symlink() else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


def remove_left_over(root: Path) -> None:
    """Remove what a killed process has left, where it can be removed, and none is at work."""
    if not (root / FOLDER / NAME).exists():
        return
    with suppress(AntiphonError, OSError), only_writer(root / FOLDER, DOING):
        forget(root)


def forget(root: Path) -> None:
    """Remove the last copy, where it is there still, and its note; for who holds the lock.

    Raises
    ------
    OSError : the copy may not be removed.
    """
    copy = left_over(root)
    if copy is not None:
        copy.unlink(missing_ok=True)
    (root / FOLDER / NAME).unlink(missing_ok=True)
