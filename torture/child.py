"""One attempt in a forked process: what it did, whether it hung, whether it died."""

from __future__ import annotations

import os
import pickle
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        status = _waited(process, limit_s)
        data = stream.read()
    if status is None:
        return Outcome(problem=f"hung for {limit_s:g} s{_at(note)}", signal=signal.SIGKILL)
    if os.WIFSIGNALED(status):
        return Outcome(problem=f"died of signal {os.WTERMSIG(status)}{_at(note)}", signal=os.WTERMSIG(status))
    return pickle.loads(data) if data else Outcome(problem=f"exit status {status}{_at(note)}")


def _at(note: Path | None) -> str:
    return f" at {note.read_text()}" if note is not None and note.exists() else ""


def _waited(process: int, limit_s: float) -> int | None:
    until = time.monotonic() + limit_s
    while time.monotonic() < until:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return status
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


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
    os.write(writing, pickle.dumps(outcome))
    sys.stdout = sys.stderr = None
    os._exit(0)
