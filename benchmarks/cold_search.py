"""A search in a process that has just been started: seconds and peak memory of the whole command, by two ways.

    python -m benchmarks.cold_search [--sizes 10000 100000] [--texts minilm mpnet minilm+mpnet] [--runs 9] [--keep DIR]
    python -m benchmarks.cold_search --sizes --library DIR DIR [--where "year >= 1970" ...]

Libraries are made: 2,000 tracks have captions of drawn words, which the text encoder reads and a training with the
default settings learns from; the others have vectors alone. ``--library`` measures libraries that are there, as they
are and ``--untrained``; what they prepare of the first search is left in them. ``before`` is the same version of
Antiphon, kept from the
way without torch. Both are run in turn, so that other work on the machine meets both. Files are in the page cache: the
process is cold, the disk is not. Writes benchmarks/results/cold_search.md.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

RESULT = Path(__file__).parent / "results" / "cold_search.md"
CAPTIONED = 2_000
SIZE = 256
QUERY = "slow sad piano with soft strings"
WORDS = {
    "pace": ("slow", "fast", "driving", "relaxed", "steady"),
    "mood": ("sad", "happy", "dark", "tender", "angry", "dreamy"),
    "instrument": ("piano", "guitar", "drums", "violin", "synthesizer", "trumpet", "choir"),
    "kind": ("jazz", "rock", "folk", "techno", "classical music", "hip hop"),
}
TORCH_WAY = """
import sys
from antiphon.cli import main
from antiphon.cli.searching.asking import opened
from antiphon.search import answering
from antiphon.search.zero_shot.ways import query_reader
opened.light_searcher = answering.light_searcher = lambda *asked: None
opened._prepare_next = lambda *asked: None
query_reader.light_text_encoder = query_reader.prepare_reader = lambda *asked: None
main(sys.argv[1:])
"""
WAYS = {"before": ["-c", TORCH_WAY], "after": ["-m", "antiphon"]}
_PREPARE = "from pathlib import Path; from benchmarks.cold_search import prepare; prepare(Path({!r}), {}, {!r})"


class Run(NamedTuple):
    """One command: seconds on the clock, processor seconds, peak resident MB."""

    clock: float
    processor: float
    peak: float


def prepare(folder: Path, tracks: int, text: str) -> None:
    """A library that is trained and indexed."""
    import numpy as np

    from antiphon.align.config import TrainConfig
    from antiphon.align.train import train
    from antiphon.cli import main as antiphon
    from antiphon.embed import embed_text

    random = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    drawn = {kind: random.integers(0, len(words), tracks) for kind, words in WORDS.items()}
    centres = {kind: random.standard_normal((len(words), SIZE)) for kind, words in WORDS.items()}
    ids = [f"t{i:07}" for i in range(tracks)]
    with (folder / "tracks.csv").open("w", encoding="utf-8") as stream:
        stream.write("id,title,artist,caption\n")
        for i, track in enumerate(ids):
            said = " ".join(WORDS[kind][drawn[kind][i]] for kind in WORDS) if i < CAPTIONED else ""
            stream.write(f"{track},title {i},artist {i // 3},{said}\n")
    vectors = sum(centres[kind][drawn[kind]] for kind in WORDS) + 2 * random.standard_normal((tracks, SIZE))
    np.save(folder / "audio.npy", vectors.astype(np.float16))
    (folder / "ids.txt").write_text("\n".join(ids), encoding="utf-8")
    audio = ["import-embeddings", "audio", str(folder / "audio.npy"), "--ids", str(folder / "ids.txt")]
    _quietly(antiphon, ["ingest", str(folder / "tracks.csv"), "--json"], folder)
    _quietly(antiphon, [*audio, "--no-duplicates"], folder)
    for name in text.split("+"):
        embed_text(folder, name)
    train(folder, "audio", text=text, name="audio", config=TrainConfig())
    _quietly(antiphon, ["index"], folder)


def _quietly(antiphon: Callable[[list[str]], None], arguments: list[str], folder: Path) -> None:
    try:
        antiphon([*arguments, "--library", str(folder)])
    except SystemExit as stop:
        if stop.code:
            raise


def measured(way: str, folder: Path, *options: str) -> Run:
    """One search in a process of its own. The kernel counts this process into its child's peak: it must stay small."""
    command = [sys.executable, *WAYS[way], "search", QUERY, "--library", str(folder), "--json", *options]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    clock = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with exit code {process.returncode}")
    return Run(clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def compared(folder: Path, runs: int, *options: str) -> dict[str, list[Run]]:
    """Both ways in turn; the first of each, which fills the page cache, is not counted."""
    found: dict[str, list[Run]] = {way: [] for way in WAYS}
    for number in range(runs + 1):
        for way in WAYS:
            run = measured(way, folder, *options)
            if number:
                found[way].append(run)
    return found


def row(tracks: int | str, text: str, found: dict[str, list[Run]]) -> str:
    """Medians of both ways, the best on the clock in brackets, as a row of the table."""
    cells = []
    for way in WAYS:
        clock, processor, peak = (statistics.median(values) for values in zip(*found[way], strict=True))
        best = min(run.clock for run in found[way])
        cells.append(f"{clock:.2f} s ({best:.2f}), {processor:.2f} s, {peak:.0f} MB")
    shown = tracks if isinstance(tracks, str) else f"{tracks:,}"
    return f"| {shown} | {text} | {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--texts", nargs="+", default=["minilm"], help="of the smallest size, beside the first of them")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--out", type=Path, default=RESULT, help="the file that the table is written to")
    parser.add_argument("--keep", type=Path, help="make the libraries here, and leave them")
    parser.add_argument("--library", type=Path, nargs="*", default=[], help="libraries to measure as they are")
    parser.add_argument("--where", nargs="*", default=[], help="filters to measure on those, in place of none")
    chosen = parser.parse_args()
    first, *others = chosen.texts
    cases = [(size, first) for size in chosen.sizes] + [(min(chosen.sizes), text) for text in others if chosen.sizes]
    lines = [
        "# A search, cold",
        "",
        f'The whole command `antiphon search "{QUERY}" --json`, {chosen.runs} runs of each way in turn: median seconds '
        "on the clock (the best of them), median processor seconds, median peak resident memory.",
        f"{datetime.date.today():%d %B %Y}, {_processor()}, {os.cpu_count()} cores, Python "
        f"{platform.python_version()}; load of the machine at the start {os.getloadavg()[0]:.1f}.",
        "",
        "| tracks | text encoder | before: by torch | after: by ONNX graphs |",
        "| --- | --- | --- | --- |",
    ]
    with tempfile.TemporaryDirectory() as temporary:
        for tracks, text in cases:
            folder = (chosen.keep or Path(temporary)) / f"{tracks}-{text}"
            if not (folder / "index" / "light.json").exists():
                subprocess.run([sys.executable, "-c", _PREPARE.format(str(folder), tracks, text)], check=True)
            lines.append(row(tracks, text, compared(folder, chosen.runs)))
            print(lines[-1], flush=True)
        for folder in chosen.library:
            for what, options in _asked(chosen.where).items():
                lines.append(row(folder.name, what, compared(folder, chosen.runs, *options)))
                print(lines[-1], flush=True)
    chosen.out.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _asked(filters: list[str]) -> dict[str, tuple[str, ...]]:
    """What a library is asked with: a name and the options of the command."""
    if not filters:
        return {"its checkpoint": (), "before training": ("--untrained",)}
    return {f"`{each}`": ("--where", each) for each in filters}


def _processor() -> str:
    try:
        about = Path("/proc/cpuinfo").read_text(encoding="utf-8")
        return next(line.partition(":")[2].strip() for line in about.splitlines() if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


if __name__ == "__main__":
    main()
