"""Processes that run: one by its id, and all that one has started. They may end at any moment, also while looked at."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def runs(pid: int) -> bool:
    """Whether a process works; one that has ended and that nobody has asked for its end does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except ProcessLookupError:  # it ended between opening and reading
        return False
    except FileNotFoundError:  # it ended, or there is no /proc
        return not Path("/proc/self").exists()


def started_by(pid: int) -> set[int]:
    """The processes that a process has started, and those that they have; needs /proc."""
    found: set[int] = set()
    with suppress(FileNotFoundError, ProcessLookupError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with suppress(FileNotFoundError, ProcessLookupError):
                found |= {int(child) for child in (thread / "children").read_text().split()}
    return found.union(*(started_by(child) for child in found))
