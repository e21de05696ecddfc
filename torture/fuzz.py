"""Damaged files of every kind: a message that a user can act on, or it works; never a traceback, a hang or a crash."""

from __future__ import annotations

import random
import shutil
import signal
import tempfile
import time
from pathlib import Path
from types import FrameType

from antiphon.errors import AntiphonError
from torture.child import Result, run
from torture.mutations import damaged
from torture.targets import Target, all_targets, prepare

BATCH = 25
HANG_S = 60
"""For one file: far more than a busy machine needs to import what reads it."""
BATCH_S = 600
KEPT = Path(__file__).parent / "found"


def attack(*, seconds: float, seed: int) -> Result:
    """All targets in turn, a batch of damaged files each, until the time is over."""
    result = Result()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        built = run(lambda: prepare(folder))
        if built.problem:
            result.failures.append(f"the targets cannot be made: {built.problem}")
            return result
        targets = all_targets(folder)
        until, number = time.monotonic() + seconds, 0
        while time.monotonic() < until:
            _batch(folder, targets[number % len(targets)], f"{seed}-{number}", result)
            number += 1
    result.remark = f" (of {len(targets)} kinds of file)"
    return result


def _batch(folder: Path, target: Target, seed: str, result: Result) -> None:
    note = folder / "note"
    outcome = run(lambda: _tries(folder, target, seed, note), limit_s=BATCH_S, note=note)
    tried, problems = outcome.value or (1, [])
    result.tried += tried
    if outcome.problem:
        problems = [(outcome.problem, note.read_text() if note.exists() else "")]
        _keep(folder / "work", target.name, seed)
    result.failures += [f"{target.name}: {problem} [{file}]" for problem, file in problems]


def _tries(folder: Path, target: Target, seed: str, note: Path) -> tuple[int, list[tuple[str, str]]]:
    """In the child: several damaged files; those that did what they must not, with where they are kept."""
    rng = random.Random(seed)
    signal.signal(signal.SIGALRM, _hung)
    problems = []
    for number in range(BATCH):
        name = rng.choice(list(target.seeds))
        data = damaged(rng, target.seeds[name], list(target.seeds.values()))
        work = folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        file = work / name
        file.write_bytes(data)
        note.write_text(f"{target.name} {name}, seed {seed}, no. {number}")
        problem = _tried(target, file, work)
        if problem:
            problems.append((problem, _keep(work, target.name, f"{seed}-{number}", name)))
    return BATCH, problems


def _tried(target: Target, file: Path, work: Path) -> str:
    scratch = work / "scratch"
    scratch.mkdir()
    signal.alarm(HANG_S)
    try:
        target.read(file, scratch)
    except AntiphonError:
        return ""
    except OSError as error:
        return "" if error.errno is not None else _said(error)
    except BaseException as error:
        return _said(error)
    finally:
        signal.alarm(0)
    return ""


def _said(error: BaseException) -> str:
    trace = error.__traceback__
    places = []
    while trace is not None:
        places.append(f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}")
        trace = trace.tb_next
    return f"{type(error).__name__}: {str(error)[:200]} ({' < '.join(places[-3:][::-1])})"


def _hung(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(None, f"no answer in {HANG_S} s")


def _keep(work: Path, target: str, seed: str, name: str = "") -> str:
    KEPT.mkdir(exist_ok=True)
    files = [work / name] if name else [path for path in work.iterdir() if path.is_file()]
    place = KEPT / f"{target}-{seed}-{files[0].name if files else 'nothing'}"
    if files:
        shutil.copy(files[0], place)
    return place.name
