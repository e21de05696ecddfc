"""A process that reads tags: paths come in through stdin, one line of JSON a file goes out through stdout.

It has a limit of memory, and a limit of time for each file; a file that ends it all the same is the one whose line is
missing. Run as ``python -m antiphon.library.tags.child``.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from dataclasses import asdict
from types import FrameType

from antiphon.library.tags.reader import FileTags, read_file

MEMORY = 1 << 30
SECONDS = 20


class _TooLongError(OSError):
    pass


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _TooLongError(f"reading its tags takes longer than {SECONDS} s")


def as_line(read: FileTags) -> str:
    """What was read of a file as one line of JSON, without what says nothing."""
    return json.dumps({name: value for name, value in asdict(read).items() if value}, ensure_ascii=True)


def _guarded(path: str, tags: bool) -> FileTags:
    signal.alarm(SECONDS)
    try:
        return read_file(path, tags=tags)
    except (_TooLongError, MemoryError, RecursionError) as error:
        return FileTags(error=str(error) or "its tags are larger than a process may become")
    finally:
        signal.alarm(0)


def _limit_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY if most < 0 else min(MEMORY, most), most))
    except (ValueError, OSError):  # a system without this limit; what is read of a file has one of its own
        return


def main() -> None:
    """Read the files that each line of input lists, until there is no more."""
    _limit_memory()
    signal.signal(signal.SIGALRM, _stop)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent, which Ctrl-C ends too, closes the input
    for line in sys.stdin:
        task = json.loads(line)
        for path in task["paths"]:
            sys.stdout.write(as_line(_guarded(os.fsdecode(path.encode("latin-1")), task["tags"])) + "\n")


if __name__ == "__main__":
    main()
