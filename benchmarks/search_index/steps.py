"""Steps of the comparison: one contestant builds, or is asked once through, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.search_index.processes import session_s

PATIENCE = 8
"""Seconds on the clock for each second of the processor that a step may take."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """What one process does: round 0 builds, the others ask."""

    size: int
    engine: str
    round: int

    @property
    def kind(self) -> str:
        return "ask" if self.round else "build"


class Steps:
    """The steps that are done, kept in a file that is only ever appended to.

    Parameters
    ----------
    folder : where ``steps.jsonl`` is.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "steps.jsonl"
        folder.mkdir(parents=True, exist_ok=True)
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.exists() else []
        self.done: dict[Step, dict[str, Any]] = {}
        for line in lines:
            said = json.loads(line)
            self.done[Step(**said["step"])] = said["found"]

    def __contains__(self, step: Step) -> bool:
        return step in self.done

    def gave_up(self, step: Step) -> bool:
        """Whether a contestant was stopped, or failed, in an earlier round of this size."""
        earlier = (Step(size=step.size, engine=step.engine, round=number) for number in range(step.round))
        return any("stopped" in self.done.get(each, {}) for each in earlier)

    def add(self, step: Step, found: dict[str, Any]) -> None:
        """Keep what a step gave."""
        self.done[step] = found
        shown = {name: value for name, value in found.items() if not isinstance(value, (list, dict))}
        print(f"{step.size:,} {step.engine}, {step.kind} {step.round or ''}: {json.dumps(shown)}", flush=True)
        with self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"step": asdict(step), "found": found}) + "\n")


def step_done(step: Step, folder: Path, limit: float, peers: str) -> dict[str, Any]:
    """Do one step: seconds of the whole process, and what it said, or why and how far on it was stopped.

    Parameters
    ----------
    folder : of the vectors; each contestant has a folder of its own inside.
    limit : processor seconds, of all its processes; on a busy machine the clock runs :data:`PATIENCE` times as long.
    peers : folder of packages that only the peers need; "" for none.
    """
    place = folder / re.sub(r"\W+", "-", step.engine)
    if step.kind == "build":
        shutil.rmtree(place, ignore_errors=True)  # what one that was cut off has left
    place.mkdir(exist_ok=True)
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), peers]))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "STARTED": repr(time.time())}
    command = [sys.executable, "-m", "benchmarks.search_index.contestant", step.kind, step.engine, folder, place]
    load, started, spent = os.getloadavg()[0], time.monotonic(), _children_s()
    with (place / "said").open("w+") as said, (place / "complaint").open("w+") as complaint:
        process = subprocess.Popen(
            command, env=environment, stdout=said, stderr=complaint, start_new_session=True, cwd=Path.cwd()
        )
        code = _waited(process, limit)
        seconds = time.monotonic() - started
        _stop(process)
        lines = _lines(said)
        found: dict[str, Any] = {"load": load, "wall_s": seconds, "cpu_s": _children_s() - spent}
        if code is None:
            after = f"{limit:.0f} s of the processor" if seconds < PATIENCE * limit else f"{seconds:.0f} s on the clock"
            return found | {"stopped": f"stopped after {after}: {lines[-1] if lines else 'nothing yet'}"}
        if code:
            return found | {"stopped": f"failed: {(_lines(complaint) or [f'exit code {code}'])[-1][:160]}"}
    found |= json.loads(lines[-1])
    if step.kind == "build":
        found["disk_mb"] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file()) / 2**20
    return found


def _children_s() -> float:
    """Processor seconds of processes that this one started, and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _waited(process: subprocess.Popen[bytes], limit: float) -> int | None:
    """The exit code of a process; None where it takes longer than it may, and goes on."""
    until = time.monotonic() + PATIENCE * limit
    while process.poll() is None and time.monotonic() < until and session_s(process.pid) < limit:
        time.sleep(0.5)
    return process.poll()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: servers of its own outlive it."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _lines(stream: Any) -> list[str]:
    stream.seek(0)
    return [line.strip() for line in stream.read().splitlines() if line.strip()]
