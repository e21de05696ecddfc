"""Kills a command before each of its durable steps in turn; the same command again must end as if nothing had happened.

A durable step is a rename, a removal, a new folder, a truncation, or a flush to disk: between two of them a kill leaves
the same on disk as one right before the second. Ctrl-C is a kill that may also tidy up, and is tried at the same steps.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torture.scenarios as scenarios
from torture.child import Result, run
from torture.state import differences, state

STEPS = ("replace", "rename", "unlink", "remove", "mkdir", "rmdir", "fsync", "ftruncate", "truncate")


class _Killer:
    """Counts durable steps, and ends the process before one of them."""

    def __init__(self, at: int | None, how: int) -> None:
        self.count, self._at, self._how = 0, at, how
        for name in STEPS:
            setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self.count += 1
            if self.count == self._at:
                os.kill(os.getpid(), self._how)
            return step(*given, **named)

        return counted


def attack(*, seconds: float, seed: int) -> Result:
    """All scenarios, each with its share of the time; points in random order."""
    result, points = Result(), 0
    with tempfile.TemporaryDirectory() as made:
        share = seconds / len(scenarios.ALL)
        for scenario in scenarios.ALL:
            until = time.monotonic() + share
            points += _attack(scenario, Path(made) / scenario.__name__, until, random.Random(seed), result)
    result.remark = f" (of {points} points of {len(scenarios.ALL)} commands)"
    return result


def _attack(prepare: scenarios.Scenario, folder: Path, until: float, rng: random.Random, result: Result) -> int:
    folder.mkdir()
    prepared = folder / "prepared"
    ready = run(lambda: prepare(prepared))
    if ready.problem:
        result.failures.append(f"{prepare.__name__} cannot be prepared: {ready.problem}")
        return 0
    command: Sequence[str] = ready.value
    whole = run(lambda: _run(_copied(prepared, folder / "tried"), command, None, signal.SIGKILL))
    if whole.problem:
        result.failures.append(f"{prepare.__name__} fails undisturbed: {whole.problem}")
        return 0
    steps, wanted = whole.value
    points = [(at, how) for at in range(1, steps + 1) for how in (signal.SIGKILL, signal.SIGINT)]
    rng.shuffle(points)
    for at, how in points:
        if time.monotonic() > until:
            break
        result.tried += 1
        problem = _try(prepared, folder / "tried", command, at, how, wanted)
        if problem:
            name = f"{prepare.__name__}, {signal.Signals(how).name} before step {at} of {steps}"
            result.failures.append(f"{name}: {problem}")
    return len(points)


def _try(prepared: Path, place: Path, command: Sequence[str], at: int, how: int, wanted: dict[str, Any]) -> str:
    root = _copied(prepared, place)
    run(lambda: _run(root, command, at, how))
    again = run(lambda: _run(root, command, None, how))
    if again.problem:
        return f"the same command again: {again.problem}"
    return ", ".join(differences(again.value[1], wanted))


def _copied(prepared: Path, place: Path) -> Path:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(prepared, place)
    return place


def _run(root: Path, command: Sequence[str], at: int | None, how: int) -> tuple[int, dict[str, Any]]:
    from antiphon.cli import app

    os.chdir(root)
    killer = _Killer(at, how)
    app(list(command), result_action="return_value")
    steps = killer.count
    return steps, state(root / "lib")
