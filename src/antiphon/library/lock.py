"""One writer for one folder: a second one is told who the first is."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from antiphon.errors import AntiphonError, LibraryError

NAME = ".lock"
HELD = "Another process"
"""What the message of a lock that somebody else holds begins with, also where another program reads it."""
ASKED_S = (0.01, 0.1)
"""Between tries to lock: far longer than an instant, and short for whoever is refused."""


@contextmanager
def only_writer(folder: Path, doing: str, *, error: type[AntiphonError] = LibraryError) -> Iterator[None]:
    """Hold the folder's lock; the system frees it when the process ends, however it ends.

    Parameters
    ----------
    folder : made if absent.
    doing : what the holder does, to follow "is": ``"writing vectors into"``.
    error : what is raised.

    Raises
    ------
    LibraryError (or ``error``) : another process holds the lock; or the lock is a link, which nothing is written to.
    """
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = _open(folder / NAME)
    try:
        try:
            _take(descriptor)
        except BlockingIOError as busy:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            raise error(
                f"{HELD} (id {holder}) is {doing} {folder}.",
                fix="Wait until it is done, or stop it; then run this command again.",
            ) from busy
        except OSError:  # a file system without locks: as safe as it was before
            pass
        with suppress(OSError):  # the lock holds on a full disk too: only nobody can be told whose it is
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    except BaseException:
        if new:
            _remove_if_empty(folder)
        raise
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> None:
    """Lock a file, at the second or third try too: whoever asks who writes (:func:`writer_of`) has it for an instant.

    Raises
    ------
    BlockingIOError : somebody has it for longer.
    OSError : the file system has no locks.
    """
    for wait in ASKED_S:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(wait)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def writer_of(folder: Path) -> int | None:
    """Process id of who holds the folder's lock; None where nobody does, or nobody can tell.

    Asking holds a free lock for an instant, so a lock whose last holder is gone is not even tried.
    """
    try:
        with (folder / NAME).open("rb") as stream:
            holder = int(stream.read(32))
            os.kill(holder, 0)
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return holder
    except PermissionError:  # somebody else's process; its lock cannot be tried without the risk of disturbing it
        return None
    except (OSError, ValueError):
        return None
    return None


def _remove_if_empty(folder: Path) -> None:
    """A folder that was made for the lock alone goes again: a command that was refused leaves nothing."""
    with suppress(FileNotFoundError):  # somebody removed all of it meanwhile: that is what is to be told
        if [entry.name for entry in folder.iterdir()] == [NAME]:
            (folder / NAME).unlink()
            folder.rmdir()


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise LibraryError(f"{path} is a link: a lock has to be a file.", fix="Remove the link.") from error
        raise OSError(error.errno, error.strerror, str(path.parent)) from error


def require_folder(root: Path) -> None:
    """Refuse what cannot be a library's folder.

    Raises
    ------
    LibraryError : there is something at ``root``, and it is no folder; or its path is no UTF-8.
    """
    if root.exists() and not root.is_dir():
        raise LibraryError(f"{root} is a file; a library is a folder.", fix="Name the folder: --library DIR.")
    try:
        str(root.absolute()).encode("utf-8")
    except UnicodeEncodeError as error:  # tables and models are opened by libraries that take no other names
        raise LibraryError(
            f"{str(root)!r} is no UTF-8: neither tables nor models can be opened in a folder of that name.",
            fix="Choose another folder: --library DIR. Or rename it: convmv -f latin1 -t utf8",
        ) from error


def require_writable(folder: Path) -> None:
    """Refuse before minutes of work what would fail after them.

    Raises
    ------
    OSError : the folder, or where it is not made yet the one that it would be made in, may only be read.
    """
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        code = errno.EROFS if _read_only(folder) else errno.EACCES
        raise OSError(code, os.strerror(code), str(folder))


def _read_only(folder: Path) -> bool:
    return bool(os.statvfs(folder).f_flag & os.ST_RDONLY)
