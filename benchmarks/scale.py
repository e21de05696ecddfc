"""What grows with a library: seconds and peak memory of each command, from a thousand tracks to a million.

    python -m benchmarks.scale [--sizes 1000 10000 100000 1000000] [--steps ingest import …] [--size 256] [--keep DIR]

Tracks and captions are made (Zipf's words), vectors too (families of artists); a checkpoint that changes nothing serves
index and search. Every step is a process of its own, so that its memory is its own. ``duplicates`` is the search for
copies that ``embed`` and ``import-embeddings`` end with. Writes benchmarks/results/scale.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

RESULT = Path(__file__).parent / "results" / "scale.md"
EVALUATED_UP_TO = 100_000
WORDS = 20_000
_MAKE = "from pathlib import Path; from benchmarks.scale import make; make(Path({!r}), {}, {})"


def make(folder: Path, tracks: int, size: int) -> None:
    """A table, and a file of audio and of text vectors."""
    random = np.random.default_rng(0)
    ids = np.array([f"t{i:07}" for i in range(tracks)])
    artists = random.integers(0, max(2, tracks // 10), tracks)
    with (folder / "tracks.csv").open("w", encoding="utf-8") as stream:
        stream.write("id,artist,caption\n")
        for start in range(0, tracks, 50_000):
            words = np.minimum(random.zipf(1.3, (min(50_000, tracks - start), 9)), WORDS)
            for row, spoken in enumerate(words, start):
                stream.write(f"{ids[row]},artist {artists[row]},{' '.join(f'w{w}' for w in spoken)}\n")
    centres = random.standard_normal((int(artists.max()) + 1, size), dtype=np.float32)
    for name, items, spread in (("audio", ids, 0.7), ("text", np.char.add(ids, "#0"), 1.0)):
        vectors = np.lib.format.open_memmap(folder / f"{name}.npy", "w+", np.float16, (tracks, size))
        for start in range(0, tracks, 50_000):
            some = artists[start : start + 50_000]
            vectors[start : start + len(some)] = centres[some] + spread * random.standard_normal((len(some), size))
        vectors.flush()
        (folder / f"{name}.txt").write_text("\n".join(items))


def command(*arguments: str) -> Callable[[Path], None]:
    """A command of Antiphon's in a library."""

    def run(folder: Path) -> None:
        from antiphon.cli import main

        try:
            main([*(part.format(folder=folder) for part in arguments), "--library", str(folder)])
        except SystemExit as stop:
            if stop.code:
                raise

    return run


def duplicates(folder: Path) -> None:
    from antiphon.library.leakage.duplicates import find_duplicates_in
    from antiphon.library.tracks import Library

    print(len(find_duplicates_in(Library(folder))), "joins")


def search(folder: Path) -> None:
    """The index is there: reading it and the best of all tracks, without the text encoder."""
    from antiphon.search.hits import top
    from antiphon.search.indexes.exact import open_index

    index = open_index(folder)
    query = np.random.default_rng(0).standard_normal(index.vectors.shape[1], dtype=np.float32)
    print(index.track_ids[top(index.vectors @ query, 10)][:3])


STEPS: dict[str, Callable[[Path], None]] = {
    "ingest": command("ingest", "{folder}/tracks.csv"),
    "import": command(
        "import-embeddings", "audio", "{folder}/audio.npy", "--ids", "{folder}/audio.txt", "--no-duplicates"
    ),
    "import-text": command(
        "import-embeddings", "text", "{folder}/text.npy", "--ids", "{folder}/text.txt", "--kind", "text"
    ),
    "duplicates": duplicates,
    "index": command("index", "audio"),
    "search": search,
    "evaluate": command("evaluate", "audio", "--split", "test"),
}


TRAIN = command("train", "--encoder", "audio", "--text", "text", "--epochs", "1")
"""Of the smallest library, once: the checkpoint that index and evaluate use."""


def measured(step: str, folder: Path) -> tuple[float, float, int]:
    """(seconds on the clock, processor seconds, peak bytes) of one step in a process of its own.

    The kernel counts the parent's memory into the peak of a child, so this process must stay small.
    """
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.scale", "--run", step, "--keep", str(folder)], stdout=subprocess.DEVNULL
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{step} failed with exit code {process.returncode}")
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--steps", nargs="+", choices=list(STEPS), default=list(STEPS))
    parser.add_argument("--size", type=int, default=256, help="numbers in a vector")
    parser.add_argument("--keep", type=Path, help="make the libraries here, and leave them")
    parser.add_argument("--run", choices=[*STEPS, "train"], help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.run:
        return {**STEPS, "train": TRAIN}[chosen.run](chosen.keep)
    with tempfile.TemporaryDirectory() as temporary:
        report(chosen.keep or Path(temporary), chosen.sizes, chosen.steps, chosen.size)
    return None


def report(place: Path, sizes: list[int], steps: list[str], size: int) -> None:
    lines = [
        "# Scale",
        "",
        "Processor seconds (seconds on the clock in brackets) and peak resident memory of each command; vectors of "
        f"{size} numbers, one caption a track. One process, one thread for numeric libraries.",
        "",
        "| tracks | " + " | ".join(steps) + " |",
        "|" + " --- |" * (1 + len(steps)),
    ]
    bundle: Path | None = None
    for tracks in sorted(sizes):
        folder = place / str(tracks)
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-c", _MAKE.format(str(folder), tracks, size)], check=True)
        cells = []
        for step in steps:
            if step in ("index", "evaluate") and bundle is not None:
                (folder / "checkpoints").mkdir(exist_ok=True)
                (folder / "checkpoints" / bundle.name).write_bytes(bundle.read_bytes())
            if step == "evaluate" and tracks > EVALUATED_UP_TO:
                cells.append("–")
                continue
            clock, processor, peak = measured(step, folder)
            cells.append(f"{processor:.1f} s ({clock:.0f}), {peak / 2**30:.2f} GiB")
            print(tracks, step, cells[-1], flush=True)
            if step == "import-text" and bundle is None:
                measured("train", folder)
                bundle = folder / "checkpoints" / "audio_best_r1.pt"
        lines.append(f"| {tracks:,} | " + " | ".join(cells) + " |")
        RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
