"""Processor time and memory of a process and of those that it started, as ``/proc`` says them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def session_s(session: int, *, but: int | None = None) -> float:
    """Processor seconds of the processes of a session that are there, to a hundredth; ``but`` one of them."""
    lines = (line.rpartition(")")[2].split() for line in _files("stat", session, but))
    return sum(int(each[11]) + int(each[12]) for each in lines) / TICK


def processor_s() -> float:
    """Processor seconds of this process, finely, and of those that it started."""
    return time.process_time() + session_s(os.getsid(0), but=os.getpid())


def peak_mb() -> float:
    """Most memory that this process and those that it started held: files that they mapped and read count, too."""
    files = _files("status", os.getsid(0), None)  # getrusage would count what the parent held
    lines = (line for status in files for line in status.splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def _files(name: str, session: int, but: int | None) -> Iterator[str]:
    """A file of ``/proc`` of every process of a session."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getsid(int(folder.name)) == session and int(folder.name) != but:
                yield (folder / name).read_text()
        except OSError:  # it has ended
            continue
