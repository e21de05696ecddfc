"""Ranks beside other evaluators in one run, then at scale; writes results/ranks.md.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.ranks [--peers-items 1000 2000] [--items 20000] [--dims 512]

ranx is taken from ``$ANTIPHON_PEERS/ranx`` (pip install --target DIR/ranx ranx) or left out.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime
import io
import json
import os
import platform
import subprocess
import sys
import time
import warnings
from pathlib import Path
from typing import Any

from benchmarks.ranks.made import query_and_item
from benchmarks.ranks.peers import CONTESTANTS, find_ranx

RESULTS = Path(__file__).parents[1] / "results" / "ranks.md"
KEPT = RESULTS.with_suffix(".json")
LISTS = 50_000
"""Items up to which result lists are measured at scale."""
ROUNDS = 3


def beside_peers(n: int, d: int) -> list[str]:
    """A row a contestant: the least CPU time of some rounds, taking turns."""
    q, x = query_and_item(n, d)
    names = [name for name in CONTESTANTS if name != "ranx" or find_ranx()]
    spent: dict[str, float] = {}
    figures: dict[str, tuple[float, float]] = {}
    for _ in range(ROUNDS):
        for name in names:
            start = time.process_time()
            with warnings.catch_warnings(), contextlib.redirect_stderr(io.StringIO()):
                warnings.simplefilter("ignore")
                figures[name] = CONTESTANTS[name](q, x)
            spent[name] = min(spent.get(name, float("inf")), time.process_time() - start)
    return [
        f"| {n:,} | {name} | {spent[name]:.2f} | {spent[name] / spent['antiphon']:.1f} | "
        f"{figures[name][0]:.4f} / {figures[name][1]:.4f} |"
        for name in names
    ]


def at_scale(n: int, d: int) -> dict[str, Any]:
    """Measured in a process of its own; result lists only where they do not take an hour."""
    command = [sys.executable, "-m", "benchmarks.ranks.at_scale", str(n), str(d), *(["--lists"] if n <= LISTS else [])]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return {**found, "date": str(datetime.date.today()), "load": os.getloadavg()[0]}


def row(found: dict[str, Any]) -> str:
    """A row of the table at scale."""
    n, d = found["items"], found["dims"]
    lists = found.get("wrong_items")
    told = f"{lists['cpu_s']:.1f} | {lists['peak_mib']:.0f}" if lists else "– | –"
    ranks, alone = found["ranks"], found["bootstrap"]
    grouped = next(value for key, value in found.items() if key.endswith("_groups"))
    return (
        f"| {n:,} × {n:,} × {d} | {ranks['seconds']:.1f} | {ranks['cpu_s']:.1f} | "
        f"{100 * found['product_cpu_s'] / ranks['cpu_s']:.0f} % | {ranks['peak_mib']:.0f} | {alone['cpu_s']:.2f} | "
        f"{grouped['cpu_s']:.2f} | {told} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ranks")
    parser.add_argument("--peers-items", type=int, nargs="*", default=[1000, 2000])
    parser.add_argument("--items", type=int, nargs="*", default=[20_000])
    parser.add_argument("--dims", type=int, default=512)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    lines = [
        "# Exact ranks, both directions",
        "",
        f"{datetime.date.today()}, {os.cpu_count()} cores of {_processor()}, other programs beside it (load average "
        f"{load:.1f}): compare CPU seconds. Vectors of unit length, float32, most queries find their item "
        f"first. Made by `python -m benchmarks.ranks`.",
        "",
        f"From vectors of {asked.dims} numbers to R@K and MRR of both directions, least of {ROUNDS} rounds that took "
        "turns. Antiphon's ranks are exact and its time includes chance and 1,000 resamples for the intervals; "
        "sentence-transformers' looks at the first 100 items, and its MRR stops at 10.",
        "",
        "| queries = items | evaluator | CPU s | × antiphon | MRR t2a / a2t |",
        "| ---: | --- | ---: | ---: | --- |",
    ]
    lines += [line for n in asked.peers_items for line in beside_peers(n, asked.dims)]
    lines += [
        "",
        "At scale, each in a process of its own; memory is the peak of the process over what it held with the vectors.",
        "",
        "| ranks of | s | CPU s | of the bare product's speed | MiB | intervals, CPU s | in 1,000 groups, CPU s | 10 "
        "best wrong items of each, CPU s | MiB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    kept = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    kept |= {str(n): at_scale(n, asked.dims) for n in asked.items}
    KEPT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
    lines += [row(kept[key]) for key in sorted(kept, key=int)]
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.processor()


if __name__ == "__main__":
    main()
