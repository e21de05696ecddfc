"""MusiCNN on one core: multiples of real time and peak memory, in both arithmetics, beside the published package.

    python -m benchmarks.musicnn [--seconds 120] [--rounds 3] [--tensorflow PYTHON] [--out FOLDER]

Both taggers, from sound at 16 kHz to the 400 numbers and 100 tags; every case in a process of its own that is held to
one thread; times are of the processor, the best of the rounds, loading apart. The peer is the published package under
TensorFlow, where ``--tensorflow`` names the Python of an environment that can run it (see
``tests/helpers/musicnn/environment.py``): it reads a file and builds its graph on every call, so it is timed whole.
Fetch the weights first: antiphon encoders --get musicnn. Writes results/musicnn.json and results/musicnn.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from tests.helpers.musicnn import reference

from benchmarks.loss import processor

RESULTS = Path(__file__).parent / "results"
RATE = 16_000
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"), "1")
MIB = 1024.0 if sys.platform != "darwin" else 1024.0**2


def sound_of(seconds: float) -> np.ndarray:
    """(n,) chords over noise."""
    t = np.arange(round(seconds * RATE)) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6)) / 3
    return (0.4 * chord + 0.05 * np.random.default_rng(0).standard_normal(len(t))).astype(np.float32)


def heard(dtype: str, seconds: float, rounds: int) -> dict[str, float]:
    """One case, in this process."""
    from antiphon.encoders import musicnn
    from antiphon.registry import LoadOptions

    options = LoadOptions(device="cpu", dtype=dtype)
    begun = time.process_time()
    encoder = musicnn.load(musicnn.CARDS[0], options)
    tags = musicnn.tag_map(musicnn.CARDS[0], options)
    loading, loaded_mib = time.process_time() - begun, peak_mib()
    sound = sound_of(seconds)
    windows = sound[: len(sound) // (3 * RATE) * 3 * RATE].reshape(-1, 3 * RATE)
    encoder.frames(windows[:1])
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        tags.logits(encoder.frames(windows)[:, 0].mean(axis=0, keepdims=True))
        times.append(time.process_time() - begun)
    return {
        "times real time": round(seconds / min(times), 1),
        "loading s": round(loading, 2),
        "MiB after loading": round(loaded_mib),
        "peak MiB": round(peak_mib()),
    }


def peak_mib() -> float:
    """Of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB


def published(python: str, seconds: float) -> dict[str, float]:
    """The peer, a process with everything in it; what two short sounds take tells what is not the sound."""
    from antiphon.encoders import musicnn

    with TemporaryDirectory() as made:
        folder = Path(made)
        with zipfile.ZipFile(musicnn.PACKAGE.require()) as opened:
            opened.extractall(folder / "package")
        took, most = [], 0.0
        for length in (3.0, seconds):
            np.savez(folder / "job.npz", sound0=sound_of(length))
            command = [python, reference.__file__, str(folder / "job.npz"), str(folder / "result.npz")]
            environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": str(folder / "package")}
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run(command, env=environment, check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            most = after.ru_maxrss / MIB
    return {
        "times real time": round((seconds - 3) / (took[1] - took[0]), 1),
        "loading s": round(took[0], 2),
        "peak MiB": round(most),
    }


def case(dtype: str, seconds: float, rounds: int) -> dict[str, float]:
    """:func:`heard` in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.musicnn",
        "--case",
        dtype,
        f"--seconds={seconds}",
        f"--rounds={rounds}",
    ]
    done = subprocess.run(command, env={**os.environ, **ONE_THREAD}, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def as_markdown(report: dict[str, Any]) -> str:
    """The table for people."""
    columns = ("times real time", "loading s", "MiB after loading", "peak MiB")
    lines = [
        "# MusiCNN on one core",
        "",
        f"{report['date']}, one thread of {report['processor']}, load of the machine {report['load']}; "
        f"{report['seconds']:g} s of sound at 16 kHz through both taggers, processor time, the best of "
        f"{report['rounds']} rounds. Made by `python -m benchmarks.musicnn`.",
        "",
        "| | " + " | ".join(columns) + " |",
        "| --- |" + " ---: |" * len(columns),
    ]
    for name, row in report["cases"].items():
        lines.append(f"| {name} | " + " | ".join(f"{row[c]:,}" if c in row else "" for c in columns) + " |")
    return "\n".join([*lines, "", NOTE]) + "\n"


NOTE = (
    "`--dtype auto` is bfloat16 where the processor multiplies in it, else float32. Memory is the whole process's, "
    "torch included. The peer's loading holds TensorFlow's start and the graphs of both taggers, which it builds anew "
    "for every file."
)


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tensorflow", help="Python of an environment that runs the published package")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--case", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.case:
        print(json.dumps(heard(chosen.case, chosen.seconds, chosen.rounds)))
        return
    cases = {dtype: case(dtype, chosen.seconds, chosen.rounds) for dtype in ("float32", "bfloat16")}
    if chosen.tensorflow:
        cases["the published package under TensorFlow"] = published(chosen.tensorflow, chosen.seconds)
    report = {
        "date": date.today().isoformat(),
        "processor": processor("cpu"),
        "load": round(os.getloadavg()[0], 1),
        "seconds": chosen.seconds,
        "rounds": chosen.rounds,
        "cases": cases,
    }
    (chosen.out / "musicnn.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    (chosen.out / "musicnn.md").write_text(as_markdown(report), encoding="utf-8")
    print(as_markdown(report))


if __name__ == "__main__":
    main()
