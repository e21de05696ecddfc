"""What a command that cannot go on says: one message, the fix, an exit code; a traceback only for a bug."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable

from antiphon.cli.output.text import visible
from antiphon.errors import AntiphonError

PROBLEM, WRONG_USAGE, STOPPED = 1, 2, 130
CARRIES_ON = "Everything so far is kept: the same command carries on."

_FIXES = {
    errno.ENOSPC: f"Make room on that disk, then run the same command again. {CARRIES_ON}",
    errno.EFBIG: f"Files may not be so large here (ulimit -f, or the file system). {CARRIES_ON}",
    errno.EDQUOT: f"Your quota is used up: make room, then run the same command again. {CARRIES_ON}",
    errno.EACCES: "This user may not do that there: change the permissions, or choose another place.",
    errno.EPERM: "This user may not do that there: change the permissions, or choose another place.",
    errno.EROFS: "That place can only be read: choose another one, for instance with --library DIR.",
    errno.ENAMETOOLONG: "The file system takes no names so long: choose a shorter one.",
    errno.EMFILE: "Too many files are open at once: raise the limit (ulimit -n 4096).",
    errno.EIO: f"The disk or the network drive does not answer as it should. {CARRIES_ON}",
    errno.ESTALE: f"The network drive went away. {CARRIES_ON}",
    errno.ENOTDIR: "A part of that path is a file, not a folder: choose another place.",
    errno.EEXIST: "Something of that name is there already: remove it, or choose another place.",
    errno.EISDIR: "That is a folder where a file belongs: name a file, or move the folder away.",
    errno.ENOENT: "Correct the path, or make what is missing.",
}


def explain(error: BaseException) -> tuple[str, int] | None:
    """The message (without "Error: ") and exit code of what ended a command; None for a bug."""
    if isinstance(error, AntiphonError):
        return visible(str(error)), PROBLEM
    if isinstance(error, KeyboardInterrupt):
        return str(error) or f"Stopped. {CARRIES_ON}", STOPPED
    if isinstance(error, MemoryError):
        fix = "Close other programs, use a machine with more, or work on fewer tracks at once."
        return f"There is not enough memory{_detail(error)}.\n  → {fix} {CARRIES_ON}", PROBLEM
    if isinstance(error, OSError) and error.errno is not None:
        return _of_system(error), PROBLEM
    return None


def _detail(error: BaseException) -> str:
    return f" ({error})" if str(error) else ""


def _of_system(error: OSError) -> str:
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, (str, bytes))]
    said = error.strerror or str(error)
    where = f"{' → '.join(names)}: " if names else ""
    fix = _FIXES.get(error.errno or 0, CARRIES_ON)
    return visible(f"{where}{said}.\n  → {fix}")


def exit_code(error: BaseException, tell: Callable[[str], None]) -> int | None:
    """Tell what ended a command; its exit code, or None where it was a bug."""
    explained = explain(error)
    if explained is None:
        return None
    message, code = explained
    tell(f"\n{message}" if code == STOPPED else f"Error: {message}")
    return code
