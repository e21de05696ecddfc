"""Ranks of n × n × d in both directions, their intervals and result lists: seconds and peak memory, as one JSON line.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.ranks.at_scale 100000 512
"""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.metrics import bootstrap
from antiphon.metrics.nearest.answers import best_wrong_both_ways
from antiphon.metrics.ranks import BLOCK, one_each, ranks_both_ways
from benchmarks.ranks.made import query_and_item

GROUPS = 1_000
"""Of queries that are not independent: few enough that the bootstrap resamples."""


def main(n: int, d: int, *, lists: bool) -> dict[str, Any]:
    q, x = query_and_item(n, d)
    correct = one_each(np.arange(n))
    found: dict[str, Any] = {"items": n, "dims": d}
    bare = _timed(lambda: _some_products(q, x))
    found["product_cpu_s"] = bare["cpu_s"] * (n / min(n, 10 * BLOCK))
    ranked: list[Any] = []
    found["ranks"] = _timed(lambda: ranked.extend(ranks_both_ways(q, x, correct, correct)))
    found["R@1"] = 100 * float(np.mean(ranked[0] == 1))
    alone, grouped = np.arange(n), np.arange(n) % GROUPS
    for name, labels in (("bootstrap", alone), (f"bootstrap_{GROUPS}_groups", grouped)):
        found[name] = _timed(lambda own=labels: [bootstrap.intervals(each, (own,)) for each in ranked])
    if lists:
        found["wrong_items"] = _timed(lambda: best_wrong_both_ways(q, x, correct, correct, k=10))
    return found


def _some_products(q: np.ndarray, x: np.ndarray) -> None:
    """The bare product of at most ten rows of blocks."""
    for i in range(0, min(len(q), 10 * BLOCK), BLOCK):
        for j in range(0, len(x), BLOCK):
            q[i : i + BLOCK] @ x[j : j + BLOCK].T


def _timed(work: Callable[[], Any]) -> dict[str, float]:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak starts anew
    before, start, cpu = _memory("VmRSS"), time.perf_counter(), time.process_time()
    work()
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - cpu
    return {"seconds": seconds, "cpu_s": cpu_s, "peak_mib": _memory("VmHWM") - before}


def _memory(key: str) -> float:
    """MiB of this process."""
    found = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else float("nan")


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]), lists="--lists" in sys.argv)))
