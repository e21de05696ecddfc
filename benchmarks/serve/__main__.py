"""The server under load: p50 and p99 of each kind of question, errors, and memory from the first minute to the last.

    python -m benchmarks.serve                               15 minutes each of 10,000 and 100,000 tracks, 32 clients
    python -m benchmarks.serve --sizes 10000 --seconds 60 --think 0
    python -m benchmarks.serve --libraries DIR [DIR …]       libraries that benchmarks.cold_search made

One process of `antiphon serve` and its clients, which run on the same machine and take processor time from it. With
`--think` a client pauses between its questions (mean, seconds), as people do; with 0 each asks again at once, and what
is measured is how much the server can take. Every question has words of its own, so that no answer is remembered.
Writes benchmarks/results/serve.md.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from benchmarks.cold_search import prepare
from benchmarks.loss import processor
from benchmarks.serve.clients import MIX, Seen, together

RESULT = Path(__file__).parents[1] / "results" / "serve.md"


@contextmanager
def server(library: Path) -> Iterator[tuple[int, int]]:
    """Port and process id of one that answers for a library."""
    command = [sys.executable, "-m", "antiphon", "serve", str(library), "--port", "0", "--rate", "0", "--log", "quiet"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _port(process), process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


def _port(process: subprocess.Popen[str]) -> int:
    said = []
    assert process.stderr is not None
    for line in process.stderr:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
            threading.Thread(target=process.stderr.read, daemon=True).start()  # a full pipe would stop the server
            return int(found[1])
    raise RuntimeError("the server ended: " + "".join(said))


def memory_mb(pid: int) -> tuple[float, float]:
    """What the process holds for itself, and what it has read of mapped files (which the system may drop), MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    own, mapped = (int(re.search(rf"{field}:\s+(\d+)", status)[1]) / 1000 for field in ("RssAnon", "RssFile"))  # type: ignore[index]
    return own, mapped


def measure(
    library: Path, tracks: int, *, clients: int, seconds: float, think_s: float
) -> tuple[Seen, list[tuple[float, float]]]:
    """What clients saw, and the server's memory each second."""
    memory: list[tuple[float, float]] = []
    with server(library) as (port, pid):
        asyncio.run(together(1, "127.0.0.1", port, tracks, 3, 0))  # what is loaded with the first question
        stop = threading.Event()

        def watch() -> None:
            while not stop.wait(1):
                memory.append(memory_mb(pid))

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            seen = asyncio.run(together(clients, "127.0.0.1", port, tracks, seconds, think_s))
        finally:
            stop.set()
            watching.join()
    return seen, memory


def percentile(values: list[float], share: float) -> float:
    """In milliseconds."""
    return 1000 * sorted(values)[min(int(share * len(values)), len(values) - 1)]


def rows(tracks: int, think_s: float, seconds: float, seen: Seen, memory: list[tuple[float, float]]) -> list[str]:
    """Of the table, a row a kind."""
    fifth = max(1, len(memory) // 5)
    own = [statistics.median(each for each, _ in memory[n * fifth : (n + 1) * fifth]) for n in range(5)]
    mapped = memory[-1][1]
    every = [each for kind in seen.seconds.values() for each in kind]
    lines = []
    for kind in (*MIX, "all"):
        took = every if kind == "all" else seen.seconds[kind]
        if not took:
            continue
        speed = f"{len(took) / seconds:.1f} | {percentile(took, 0.5):.0f} | {percentile(took, 0.99):.0f}"
        held = " → ".join(f"{each:.0f}" for each in own)
        kept = f"{len(seen.failures)} | {held} | {mapped:.0f}" if kind == "all" else " | | "
        lines.append(
            f"| {tracks:,} | {think_s:g} | {kind} | {len(took):,} | {speed} | {1000 * max(took):.0f} | {kept} |"
        )
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--libraries", type=Path, nargs="*", default=[])
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--think", type=float, nargs="+", default=[2.0])
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        libraries = list(asked.libraries)
        for size in [] if libraries else asked.sizes:
            prepare(Path(folder) / str(size), size, "minilm")
            libraries.append(Path(folder) / str(size))
        for library in libraries:
            tracks = sum(1 for _ in (library / "tracks.csv").open()) - 1
            for think_s in asked.think:
                settings = {"clients": asked.clients, "seconds": asked.seconds, "think_s": think_s}
                seen, memory = measure(library, tracks, **settings)
                lines += rows(tracks, think_s, asked.seconds, seen, memory)
                print("\n".join(lines), *sorted(set(seen.failures))[:5], sep="\n", flush=True)
    write(asked, lines, load)


def write(asked: argparse.Namespace, lines: list[str], load: float) -> None:
    RESULT.write_text(
        "\n".join(
            [
                "# The server under load",
                "",
                f"{date.today()}, {os.cpu_count()} cores of {processor('cpu')}, load {load:.1f} before; "
                f"{asked.clients} clients on the same machine for {asked.seconds:g} s each. Made by "
                "`python -m benchmarks.serve`. *Thinking* is the mean pause of a client between two questions; with 0 "
                "the machine is full, and an answer's time is mostly waiting. *Own* memory is what the server's "
                "process holds, medians of a fifth of the time each; *mapped* is what it has read of files at last, "
                "which the system may drop. A *player* asks for similar tracks in the dialect of plug-ins.",
                "",
                "| tracks | thinking, s | question | answers | a second | p50, ms | p99, ms | longest, ms | failures "
                "| own memory, MB | mapped, MB |",
                "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
                *lines,
            ]
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"{time.monotonic() - begun:.0f} s")
