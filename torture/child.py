"""One attempt in a forked process: what it did, whether it hung, whether it died."""

from __future__ import annotations

import os
import pickle
import resource
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

MEMORY_BYTES = 8 << 30


@dataclass
class Result:
    """What an attack came to."""

    tried: int = 0
    failures: list[str] = field(default_factory=list)
    remark: str = ""


@dataclass(frozen=True)
class Outcome:
    """How a child ended: with a value, an exception in words, or a signal."""

    value: Any = None
    problem: str = ""
    signal: int = 0


def run(work: Callable[[], Any], *, limit_s: float = 120.0, note: Path | None = None) -> Outcome:
    """Call ``work`` in a fork of this process, with a limit of time and memory.

    Parameters
    ----------
    note : file that the child keeps up to date about what it is at, shown where it dies.
    """
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        data, status, busy_s = _ended(process, stream, limit_s)
    if status is None:
        said = f"hung for {limit_s:g} s, of which it worked {busy_s:.1f} s{_at(note)}"
        return Outcome(problem=said, signal=signal.SIGKILL)
    if os.WIFSIGNALED(status):
        return Outcome(problem=f"died of signal {os.WTERMSIG(status)}{_at(note)}", signal=os.WTERMSIG(status))
    return pickle.loads(data) if data else Outcome(problem=f"exit status {status}{_at(note)}")


def _at(note: Path | None) -> str:
    return f" at {note.read_text()}" if note is not None and note.exists() else ""


def _ended(process: int, stream: BinaryIO, limit_s: float) -> tuple[bytes, int | None, float]:
    """What a child said, its status (None where it was ended at the limit), and its seconds of processor time.

    What it says is read while it runs: a pipe holds 64 KiB, and a child that has more to say would wait for ever.
    """
    until, said, late = time.monotonic() + limit_s, b"", False
    while select.select([stream], [], [], max(0.0, until - time.monotonic()))[0]:
        piece = os.read(stream.fileno(), 1 << 16)
        if not piece:  # it has ended, or will at once
            break
        said += piece
    else:
        late = True
        os.kill(process, signal.SIGKILL)
    _, status, used = os.wait4(process, 0)
    return said, None if late else status, used.ru_utime + used.ru_stime


def _work(work: Callable[[], Any], writing: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    try:
        outcome = Outcome(value=work())
    except BaseException as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        outcome = Outcome(problem=f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})")
    with os.fdopen(writing, "wb") as stream:
        pickle.dump(outcome, stream)
    sys.stdout = sys.stderr = None
    os._exit(0)
