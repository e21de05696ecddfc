"""Decoding and resampling: antiphon.audio.decode against librosa.load, in multiples of real time.

    python -m benchmarks.decode [--seconds 60] [--rounds 5] [--out FOLDER]

Both read the same stereo files at 44.1 kHz (Opus 48) and give mono at 24 kHz. Rounds are interleaved, so that a busy
machine weighs on both alike; times are of the processor, and the table shows medians. A third column decodes for three
rates in one pass, as the embedding does when encoders differ; the last is what that would cost in three passes. Writes
results/decode.json and results/decode.md.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import librosa
from tests.helpers.libraries.sounds import write

from antiphon.audio import decode
from benchmarks.loss import processor
from benchmarks.made_sound import music_like

RESULTS = Path(__file__).parent / "results"
KINDS = ("wav", "flac", "mp3", "ogg", "opus", "m4a")
RATE = 24_000
RATES = (22_050, 24_000, 44_100)


def one_pass(path: Path) -> None:
    for _ in decode.stream_rates(path, RATES):
        pass


def three_passes(path: Path) -> None:
    for rate in RATES:
        for _ in decode.stream(path, rate):
            pass


CANDIDATES: dict[str, Callable[[Path], object]] = {
    "antiphon": lambda path: decode.load(path, RATE),
    "librosa": lambda path: librosa.load(path, sr=RATE, mono=True),
    "three rates, one pass": one_pass,
    "three rates, three passes": three_passes,
}


def measure(path: Path, seconds: float, rounds: int) -> dict[str, float | None]:
    """Median multiple of real time of every candidate; None for one that cannot read the file."""
    times: dict[str, list[float]] = {name: [] for name in CANDIDATES}
    readable = dict(CANDIDATES)
    for number in range(rounds + 1):
        for name, candidate in list(readable.items()):
            start = time.process_time()
            try:
                candidate(path)
            except Exception as error:  # a peer that lacks a format is a result, not an end
                print(f"{name} cannot read {path.name}: {type(error).__name__}", file=sys.stderr)
                del readable[name]
                continue
            if number:  # the first round warms caches and compilers
                times[name].append(time.process_time() - start)
    return {
        name: round(seconds / statistics.median(t), 1) if t and name in readable else None for name, t in times.items()
    }


def as_markdown(report: dict[str, Any]) -> str:
    """The table for people."""
    columns = [*CANDIDATES, "antiphon / librosa"]
    lines = [
        "# Decoding and resampling",
        "",
        f"{report['date']}, one thread of {report['processor']}; {report['seconds']:g} s of stereo at 44.1 kHz (Opus "
        f"48) to mono at 24 kHz, in multiples of real time: medians of {report['rounds']} rounds that took turns, "
        f"processor time. Peer: librosa {librosa.__version__}. Made by `python -m benchmarks.decode`.",
        "",
        "| format | " + " | ".join(columns) + " |",
        "| --- |" + " --- |" * len(columns),
    ]
    for kind, row in report["times_real_time"].items():
        lines.append(
            f"| {kind} | " + " | ".join("cannot read" if row[c] is None else f"{row[c]:,}" for c in columns) + " |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    results = {}
    with TemporaryDirectory() as folder:
        for kind in KINDS:
            rate = 48_000 if kind == "opus" else 44_100
            path = write(Path(folder) / f"a.{kind}", music_like(arguments.seconds, rate), rate)
            speeds = measure(path, arguments.seconds, arguments.rounds)
            ours, theirs = speeds["antiphon"], speeds["librosa"]
            results[kind] = {**speeds, "antiphon / librosa": round(ours / theirs, 2) if ours and theirs else None}
    report = {
        "date": date.today().isoformat(),
        "processor": processor("cpu"),
        "seconds": arguments.seconds,
        "rounds": arguments.rounds,
        "times_real_time": results,
    }
    (arguments.out / "decode.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "decode.md").write_text(as_markdown(report), encoding="utf-8")
    print(as_markdown(report))


if __name__ == "__main__":
    main()
