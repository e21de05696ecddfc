"""What was measured, as one page of Markdown: a table a size."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.search_index.engines import ENGINES, FILTERED, NEEDS, SHARES
from benchmarks.search_index.steps import Step

PEER = "faiss Flat"
"""What times are set beside: every vector, exactly, and nothing but that."""
HEADS = (
    "contestant",
    "build s (processor)",
    "disk MB",
    "memory MB build / ask",
    "cold ms (processor)",
    "p50 / p99 ms",
    "processor ms a query",
    "recall@10",
    *(f"{100 * share:g} %: p50 / p99 ms, recall" for share in SHARES),
)
Done = Mapping[Step, Mapping[str, Any]]


class Answers(NamedTuple):
    """Times of all rounds together, processor time a query (median of rounds), recall."""

    p50: float
    p99: float
    cpu: float
    recall: float


def page(done: Done, peers: str) -> list[str]:
    """Every size, smallest first."""
    lines = [
        "# The search index beside bare faiss, LanceDB and Milvus Lite",
        "",
        "What is measured: `python -m benchmarks.search_index --help`. Each process has one core; other programs ran "
        "on the machine meanwhile: the clock is an upper bound, processor time and ratios within a table say more. In "
        f"brackets behind processor times: how many times those of {PEER}, which holds no names and reads no library. "
        "Filters of Antiphon are `--where` on a library's metadata, read from disk when they are first asked for; the "
        f"others compare a column of their own, faiss one in memory. {FILTERED} queries a filter and round.",
        "",
        f"{date.today():%d %B %Y}, {processor()}; {versions(peers)}.",
    ]
    for size in sorted({step.size for step in done}):
        rounds = max(step.round for step in done if step.size == size)
        loads = [found["load"] for step, found in done.items() if step.size == size]
        about = f"{rounds} round{'s' * (rounds != 1)} of asking, load {min(loads):.1f} to {max(loads):.1f}."
        lines += ["", f"## {size:,} tracks", "", about, "", *table(done, size)]
    return lines


def table(done: Done, size: int) -> list[str]:
    """One size: a row a contestant."""
    lines = ["| " + " | ".join(HEADS) + " |", "| --- " * len(HEADS) + "|"]
    peer = _asked(done, size, PEER)
    for name in ENGINES:
        steps = {step: found for step, found in done.items() if step.size == size and step.engine == name}
        if steps:
            cells = [name, *_cells(steps, _asked(done, size, name), peer)]
            lines.append("| " + " | ".join(cells + [""] * (len(HEADS) - len(cells))) + " |")
    return lines


def _cells(steps: Done, asked: list[Mapping[str, Any]], peer: list[Mapping[str, Any]]) -> list[str]:
    build = next(found for step, found in steps.items() if step.kind == "build")
    stopped = [f"{step.kind}: {found['stopped']}" for step, found in steps.items() if "stopped" in found]
    cells = []
    if "build_mb" in build:
        cells += [f"{build['wall_s']:.1f} ({build['cpu_s']:.1f})", f"{build['disk_mb']:.0f}"]
    if not asked:
        return cells + stopped
    cells.append(f"{build['build_mb']:.0f} / {_median(asked, 'ask_mb'):.0f}")
    cold, theirs = _median(asked, "cold_cpu_ms"), _median(peer, "cold_cpu_ms") if peer else 0
    cells.append(f"{_median(asked, 'cold_ms'):.0f} ({cold:.0f}{_times(cold, theirs)})")
    found = _answers([each["all"] for each in asked])
    theirs = _answers([each["all"] for each in peer]).cpu if peer else 0
    cells += [
        f"{found.p50:.2f} / {found.p99:.2f}",
        f"{found.cpu:.2f}{_times(found.cpu, theirs)}",
        f"{found.recall:.3f}",
    ]
    for share in SHARES:
        few = _answers([each["filters"][str(share)] for each in asked])
        cells.append(f"{few.p50:.2f} / {few.p99:.2f}, {few.recall:.3f}")
    if stopped:
        cells[-1] += f"; {stopped[0]}"
    return cells


def _asked(done: Done, size: int, name: str) -> list[Mapping[str, Any]]:
    """What each round that was finished found."""
    return [found for step, found in done.items() if (step.size, step.engine) == (size, name) and "all" in found]


def _answers(rounds: list[Mapping[str, Any]]) -> Answers:
    times = np.concatenate([each["times_ms"] for each in rounds])
    return Answers(*np.percentile(times, [50, 99]), _median(rounds, "cpu_ms"), _median(rounds, "recall"))


def _median(rounds: list[Mapping[str, Any]], name: str) -> float:
    return float(np.median([each[name] for each in rounds]))


def _times(mine: float, theirs: float) -> str:
    return f", {mine / theirs:.2g} ×" if theirs else ""


def processor() -> str:
    """The processor's name, and how many of its cores there are."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores"


def versions(peers: str) -> str:
    """Of Antiphon and its peers."""
    places = [*([peers] if peers else []), *sys.path]
    found = []
    for package in dict.fromkeys(NEEDS.values()):
        there = next(iter(importlib.metadata.distributions(name=package, path=places)), None)
        version = "not there" if there is None else there.version
        found.append(f"{package} {'(this checkout)' if package == 'antiphon' else version}")
    return ", ".join(found)
