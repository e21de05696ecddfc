"""The search index beside bare faiss, LanceDB and Milvus Lite: cold and warm times, recall, size, memory, filters.

    python -m benchmarks.search_index [--peers DIR] [--sizes 10000 100000 1000000] [--only NAME …] [--limit SECONDS]

Every engine gets the same vectors and queries in the same run, builds in a process of its own, and is asked in another.
*Cold* is from that process's start (Python and imports included) to the first answer, with the files in the page cache.
Vectors are made: 256 numbers, unit length, 32 causes behind them, queries of the same causes. A filter compares a
column of numbers; recall@10 is of the exact ten nearest of those allowed. One thread for all.
"""

from __future__ import annotations

import time

STARTED = time.time()

import argparse  # noqa: E402 - what loads is part of what is measured
import importlib.metadata  # noqa: E402
import json  # noqa: E402
import os  # noqa: E402
import platform  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
import sys  # noqa: E402
import tempfile  # noqa: E402
from datetime import date  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402

from benchmarks.search_index.engines import ENGINES, FILTERED, NEEDS, SHARES, Ask  # noqa: E402

RESULTS = Path(__file__).parents[1] / "results"


def ask_all(engine: Any, folder: Path) -> dict[str, Any]:
    """Cold, warm and filtered: times in milliseconds, recall 0 … 1, memory in MB."""
    asked, truth = np.load(folder / "asked.npz"), np.load(folder / "truth.npz")
    queries = asked["queries"]
    ask = engine.open()
    ask(queries[0], None)
    found: dict[str, Any] = {"cold_ms": 1000 * (time.time() - STARTED)}
    found |= _asked(ask, queries, None, truth["1"])
    found["filters"] = {str(s): _asked(ask, queries[:FILTERED], s, truth[str(s)]) for s in SHARES}
    return found | {"ask_mb": _peak_mb()}


def _asked(ask: Ask, queries: np.ndarray, share: float | None, truth: np.ndarray) -> dict[str, float]:
    times, hits = [], []
    for query, right in zip(queries, truth, strict=True):
        start = time.perf_counter()
        places = ask(query, share)
        times.append(1000 * (time.perf_counter() - start))
        hits.append(len(np.intersect1d(places, right)) / len(right))
    return {"p50_ms": np.percentile(times, 50), "p99_ms": np.percentile(times, 99), "recall": float(np.mean(hits))}


def _peak_mb() -> float:
    """Most memory that this process held, MB: files that it mapped and read count, too."""
    lines = Path("/proc/self/status").read_text().splitlines()  # getrusage would count what the parent held
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def part(step: str, name: str, folder: Path, place: Path) -> None:
    """One process's share: build, or ask."""
    engine = ENGINES[name](folder, place)
    start = time.perf_counter()
    if step == "build":
        engine.build()
        print(json.dumps({"build_s": time.perf_counter() - start, "build_mb": _peak_mb()}))
    else:
        print(json.dumps(ask_all(engine, folder)))


def measure(name: str, folder: Path, limit: float, peers: str) -> dict[str, Any]:
    """One engine at one size; a reason in place of figures where it did not finish."""
    place = Path(tempfile.mkdtemp(dir=folder))
    path = os.pathsep.join(filter(None, [os.environ.get("PYTHONPATH", ""), peers]))
    environment = {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}
    found: dict[str, Any] = {"engine": name}
    for step in ("build", "ask"):
        command = [sys.executable, "-m", "benchmarks.search_index", "--part", step, name, str(folder), str(place)]
        try:
            done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit, check=True)
        except subprocess.TimeoutExpired:
            found["failed"] = f"{step} took more than {limit:.0f} s"
            break
        except subprocess.CalledProcessError as error:
            found["failed"] = f"{step}: {error.stderr.strip().splitlines()[-1][:160]}"
            break
        found |= json.loads(done.stdout.splitlines()[-1])
        if step == "build":
            found["disk_mb"] = sum(f.stat().st_size for f in place.rglob("*") if f.is_file()) / 2**20
    shutil.rmtree(place, ignore_errors=True)
    return found


def table(rows: list[dict[str, Any]]) -> list[str]:
    """One size as Markdown."""
    heads = ["engine", "build s", "disk MB", "memory MB build / ask", "cold ms", "p50 ms", "p99 ms", "recall@10"]
    heads += [f"{100 * share:g} %: p50 ms / recall" for share in SHARES]
    lines = ["| " + " | ".join(heads) + " |", "| --- " * len(heads) + "|"]
    for row in rows:
        if "failed" in row:
            lines.append(f"| {row['engine']} | {row['failed']} |" + " |" * (len(heads) - 2))
            continue
        cells = [
            row["engine"],
            f"{row['build_s']:.1f}",
            f"{row['disk_mb']:.0f}",
            f"{row['build_mb']:.0f} / {row['ask_mb']:.0f}",
        ]
        cells += [f"{row['cold_ms']:.0f}", f"{row['p50_ms']:.2f}", f"{row['p99_ms']:.2f}", f"{row['recall']:.3f}"]
        cells += [f"{f['p50_ms']:.2f} / {f['recall']:.3f}" for f in row["filters"].values()]
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def processor() -> str:
    """The processor's name, and how many of its cores there are."""
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def versions(peers: str) -> str:
    """Of Antiphon and its peers."""
    sys.path[:0] = [peers] if peers else []
    found = []
    for package in dict.fromkeys(NEEDS.values()):
        try:
            found.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{package} (this checkout)" if package == "antiphon" else f"{package} not there")
    return ", ".join(found)


def page(results: dict[str, Any]) -> list[str]:
    """Every size that was measured, as Markdown."""
    lines = [
        "# The search index beside bare faiss, LanceDB and Milvus Lite",
        "",
        "What is measured: `python -m benchmarks.search_index --help`. Other programs ran on the machine meanwhile:",
        "read ratios within a table, and times as upper bounds.",
    ]
    for size, found in sorted(results.items(), key=lambda item: int(item[0])):
        lines += ["", f"## {int(size):,} tracks", "", found["when"], "", *table(found["rows"])]
    return lines


def main() -> None:
    if sys.argv[1:2] == ["--part"]:
        part(*sys.argv[2:4], *map(Path, sys.argv[4:6]))  # type: ignore[arg-type]
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", default=os.environ.get("ANTIPHON_PEERS", ""))
    parser.add_argument("--sizes", nargs="+", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--only", nargs="+", default=list(ENGINES), choices=list(ENGINES))
    parser.add_argument("--limit", type=float, default=600, help="seconds for a build, and for asking")
    chosen = parser.parse_args()
    path = RESULTS / "search_index.json"
    results: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    for n in chosen.sizes:
        when = f"{date.today()}, {processor()}; {versions(chosen.peers)}"
        with tempfile.TemporaryDirectory() as folder:
            making = [sys.executable, "-m", "benchmarks.search_index.made", folder, str(n)]
            subprocess.run(making, check=True)
            rows = []
            for name in chosen.only:
                rows.append(measure(name, Path(folder), chosen.limit, chosen.peers))
                print(json.dumps(rows[-1]), flush=True)
        results[str(n)] = {"when": when, "rows": rows}
        path.write_text(json.dumps(results, indent=1) + "\n")
        (RESULTS / "search_index.md").write_text("\n".join(page(results)) + "\n")


if __name__ == "__main__":
    main()
