"""One contestant's share, in a process of its own: build, or answer all queries; the last line it prints is figures."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.search_index.engines import ENGINES, FILTERED, SHARES, Ask
from benchmarks.search_index.processes import peak_mb, processor_s


def build(engine: Any) -> dict[str, float]:
    """Memory in MB; how long it takes is measured from outside, since some still work on the index as they end."""
    engine.build(lambda said: print(said, flush=True))
    return {"build_mb": peak_mb()}


def ask_all(engine: Any, folder: Path, started: float) -> dict[str, Any]:
    """Cold, warm and filtered: times in milliseconds, recall 0 … 1, memory in MB.

    Parameters
    ----------
    started : when this process was started, seconds since the epoch.
    """
    asked, truth = np.load(folder / "asked.npz"), np.load(folder / "truth.npz")
    queries = asked["queries"]
    ask = engine.open()
    ask(queries[0], None)
    found: dict[str, Any] = {"cold_ms": 1000 * (time.time() - started), "cold_cpu_ms": 1000 * processor_s()}
    found["all"] = _asked(ask, queries, None, truth["1"])
    found["filters"] = {str(s): _asked(ask, queries[:FILTERED], s, truth[str(s)]) for s in SHARES}
    return found | {"ask_mb": peak_mb()}


def _asked(ask: Ask, queries: np.ndarray, share: float | None, truth: np.ndarray) -> dict[str, Any]:
    times: list[float] = []
    hits: list[float] = []
    before = processor_s()
    for query, right in zip(queries, truth, strict=True):
        start = time.perf_counter()
        places = ask(query, share)
        times.append(round(1000 * (time.perf_counter() - start), 3))
        hits.append(len(np.intersect1d(places, right)) / len(right))
        which = "" if share is None else f" with a filter of {100 * share:g} %"
        print(f"answered {len(times)} of {len(queries)} queries{which}", flush=True)
    cpu_ms = 1000 * (processor_s() - before) / len(queries)
    return {"times_ms": times, "cpu_ms": cpu_ms, "recall": float(np.mean(hits))}


def main() -> None:
    kind, name, folder, place = sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # whatever threads a contestant has
    engine = ENGINES[name](folder, place)
    print(json.dumps(build(engine) if kind == "build" else ask_all(engine, folder, float(os.environ["STARTED"]))))


if __name__ == "__main__":
    main()
