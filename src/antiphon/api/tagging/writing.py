"""Tags of one file, exchanged so that a kill at any moment leaves the old file or the new one, each of them whole.

The file is copied beside itself, the copy is tagged, read back, its sound compared packet by packet, and renamed into
the file's place. Mode, extended attributes, owner where that is allowed, and the time of modification if asked, are
those of before.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from antiphon.api.tagging.copies import new_copy
from antiphon.api.tagging.fields import write_fields
from antiphon.embed.workers.packets import packets_hash
from antiphon.errors import AudioError
from antiphon.library.files import of_file, sync_folder


def exchange(root: Path, path: Path, fields: Mapping[str, list[str]], *, keep_time: bool) -> None:
    """Set some fields of a file; [] removes one.

    Parameters
    ----------
    root : the library, where the copy is noted.
    keep_time : give the new file the old one's time of modification. Players then do not notice the change.

    Raises
    ------
    AudioError : its tags cannot be written, or its sound would not stay what it is; the file is as it was.
    OSError : the folder or the disk does not take it; likewise.
    """
    path = path.resolve()  # a link stays a link
    sound = packets_hash(str(path))
    if not sound:
        raise AudioError(f"{path}: its sound cannot be read, so that nobody could tell whether it stays the same.")
    copy = new_copy(root, path)
    try:
        with of_file(path):
            copy.touch(mode=0o600, exist_ok=False)  # never through a link that somebody else has laid there
            shutil.copyfile(path, copy)
            write_fields(copy, fields)
            _require_sound(path, copy, sound)
            _like(path, copy, keep_time=keep_time)
            _sync(copy)
            copy.replace(path)
    except BaseException:
        copy.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def _require_sound(path: Path, copy: Path, sound: str) -> None:
    if packets_hash(str(copy)) != sound:
        raise AudioError(f"{path}: with these tags its sound would not be read as it is now. It was left alone.")


def _like(path: Path, copy: Path, *, keep_time: bool) -> None:
    status = path.stat()
    with suppress(OSError):  # only root may give files away
        os.chown(copy, status.st_uid, status.st_gid)
    shutil.copystat(path, copy)
    if not keep_time:
        os.utime(copy)


def _sync(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
