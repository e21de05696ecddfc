"""The server under load: p50 and p99 of each kind of question, errors, and memory from the first minute to the last.

    python -m benchmarks.serve                               15 minutes each of 10,000 and 100,000 tracks, 32 clients
    python -m benchmarks.serve --sizes 10000 --seconds 60 --think 0
    python -m benchmarks.serve --libraries DIR [DIR …]       libraries that benchmarks.cold_search made
    python -m benchmarks.serve --untrained DIR               only: what such a library answers before any training

One process of `antiphon serve` and its clients, which run on the same machine and take processor time from it. With
`--think` a client pauses between its questions (mean, seconds), as people do; with 0 each asks again at once, and what
is measured is how much the server can take. Every question has words of its own, so that no answer is remembered.
Before any training, players' questions are asked one by one, and by eight clients at once; plug-ins wait 7 seconds at
least. Writes benchmarks/results/serve.md, of which the other part stays as it was.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from benchmarks.cold_search import prepare
from benchmarks.loss import processor
from benchmarks.serve import untrained
from benchmarks.serve.clients import MIX, Seen, together
from benchmarks.serve.process import memory_mb, server

RESULT = Path(__file__).parents[1] / "results" / "serve.md"
UNDER_LOAD, BEFORE_TRAINING = "# The server under load", "## Before any training"


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
    parser.add_argument("--untrained", type=Path)
    asked = parser.parse_args()
    load = os.getloadavg()[0]
    if asked.untrained is not None:
        keep(BEFORE_TRAINING, untrained.section(asked.untrained, load))
        return
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
    section = [
        UNDER_LOAD,
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
    keep(UNDER_LOAD, "\n".join(section))


def keep(heading: str, section: str) -> None:
    """Write one section of the result, and leave the other as it is."""
    text = RESULT.read_text(encoding="utf-8") if RESULT.exists() else ""
    parts = {
        UNDER_LOAD: text.partition(BEFORE_TRAINING)[0],
        BEFORE_TRAINING: "".join(text.partition(BEFORE_TRAINING)[1:]),
    }
    parts[heading] = section
    RESULT.write_text("\n\n".join(part.strip() for part in parts.values() if part.strip()) + "\n", encoding="utf-8")


if __name__ == "__main__":
    begun = time.monotonic()
    main()
    print(f"{time.monotonic() - begun:.0f} s")
