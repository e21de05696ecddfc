"""Opening a sound file so that nothing else is ever opened in its place.

The library's table names the file, and a table may come from anybody. So a file is opened only if it is called like
sound,
and is a regular file once it is open: no device, no pipe that blocks, no folder. Folders may be links, as
owners lay them; a link in place of the file itself may lead only to another sound file below the library's music.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import AudioError
from antiphon.search.server.files.kinds import kind_of

FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""Not blocking, so that the opening of a pipe returns; on a regular file it means nothing."""


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A sound file that is open.

    Parameters
    ----------
    stream : its bytes, at any place; closed when nobody holds it any more.
    size : bytes.
    changed : when its content last changed, seconds since 1970.
    tag : changes whenever the content does; hexadecimal.
    kind : its type, such as ``audio/flac``.
    """

    stream: io.FileIO
    size: int
    changed: float
    tag: str
    kind: str

    def read(self, start: int, count: int) -> bytes:
        """At most ``count`` bytes from ``start`` on; fewer only at the file's end."""
        return os.pread(self.stream.fileno(), count, start)


def open_sound(path: Path, music: Path | None = None) -> Sound:
    """Open a file that the library's table names.

    Parameters
    ----------
    path : absolute.
    music : the folder below which a file that is a link may lead; None for the file's own folder.

    Raises
    ------
    AudioError : it is not there any more, may not be read, or is no sound file. No path stands in its words.
    """
    try:
        return _opened(path, music or path.parent)
    except OSError as error:
        raise _unopened(error.errno) from error
    except RuntimeError as error:  # a link that leads to itself, before Python 3.13
        raise _unopened(errno.ELOOP) from error


def _opened(path: Path, music: Path) -> Sound:
    place = path.parent.resolve(strict=True) / path.name
    if place.is_symlink():
        place = place.resolve(strict=True)
        if not any(place.is_relative_to(folder.resolve()) for folder in (music, path.parent)):
            raise AudioError("The track's file is a link that leads out of the music.")
    kind = kind_of(place)
    if kind is None or kind_of(path) is None:
        raise AudioError("The track's file is not called like a sound file.", fix="Give it its ending, such as .flac")
    descriptor = os.open(place, FLAGS)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise AudioError("What is at the place of the track's file is no file.")
        stream = io.FileIO(descriptor, "r")
    except BaseException:
        os.close(descriptor)
        raise
    tag = f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}"
    return Sound(stream=stream, size=found.st_size, changed=found.st_mtime, tag=_digest(tag), kind=kind)


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _unopened(code: int | None) -> AudioError:
    if code in (errno.EACCES, errno.EPERM):
        return AudioError("The server may not read the track's file.", fix="Let the user that it runs as read it.")
    if code in (errno.EMFILE, errno.ENFILE):
        return AudioError("The server has too many files open.", fix="Try again later.")
    if code in (errno.ELOOP, errno.ENXIO):  # a link that came between check and opening; a socket
        return AudioError("What is at the place of the track's file is no file.")
    return AudioError(
        "The track's file is not there any more.", fix="If it moved, bring the library up to date: antiphon ingest"
    )
