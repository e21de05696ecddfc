"""What embedding costs: how busy the model is kept, tracks a minute, memory for a long file, and what a kill costs.

    python -m benchmarks.embed                 some minutes on an idle machine of 2 cores
    python -m benchmarks.embed --tracks 2      a quick look
    python -m benchmarks.embed --parts speed   one part again; the others stay as they were measured

The model is MERT-v1-95M's architecture at full size with random weights: speed does not depend on their values. The
peer is a plain script as on the model's card (librosa.load, one window after the other, all hidden states), with the
same windows; both run in turns, in processes of their own, with torch's own number of threads. Sound is made on the
spot. Writes results/embed.json and results/embed.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "contract"))
from benchmarks.decode import music_like
from checkpoints_mert import write_mert
from sounds import write

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"

MERT_95M: dict[str, Any] = {
    "conv_dim": [512] * 7,
    "do_stable_layer_norm": False,
    "feat_extract_norm": "group",
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_attention_heads": 12,
    "num_conv_pos_embedding_groups": 16,
    "num_conv_pos_embeddings": 128,
    "num_hidden_layers": 12,
}
SMALL: dict[str, Any] = {
    "conv_dim": [2] * 7,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_attention_heads": 1,
    "num_hidden_layers": 1,
}
RATE = 44_100
SONG_S = 29.0
"""With what is added to tell the songs apart it stays below a window."""


def case(name: str, *arguments: object) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.embed_cases", name, *map(str, arguments)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if run.returncode:
        raise RuntimeError(f"{name}: {run.stderr}")
    result: dict[str, Any] = json.loads(run.stdout.splitlines()[-1])
    print(name, *arguments[1:], result, file=sys.stderr)
    return result


def songs(folder: Path, count: int, seconds: float) -> Path:
    folder.mkdir()
    for number in range(count):
        write(folder / f"{number}.mp3", music_like(seconds + 0.1 * number, RATE), RATE)
    return folder


def repeated(source: Path, target: Path, times: int) -> Path:
    """The sound of ``source`` over and over, without decoding it."""
    with av.open(str(source)) as first, av.open(str(target), "w") as long:
        stream = first.streams.audio[0]
        packets = [(bytes(p), p.pts, p.duration) for p in first.demux(stream) if p.size]
        copy = long.add_stream_from_template(stream)
        length = packets[-1][1] + packets[-1][2]
        for number in range(times):
            for content, pts, duration in packets:
                packet = av.Packet(content)
                packet.pts = packet.dts = pts + number * length
                packet.duration, packet.time_base, packet.stream = duration, stream.time_base, copy
                long.mux(packet)
    return target


def speed(work: Path, tracks: int, rounds: int) -> dict[str, Any]:
    folder, weights = songs(work / "songs", tracks, SONG_S), write_mert(work / "mert", noise=0.02, **MERT_95M)
    runs: dict[str, list[dict[str, Any]]] = {"antiphon": [], "plain": []}
    for _ in range(rounds):
        for name, found in runs.items():
            if name == "antiphon":
                shutil.rmtree(folder / "antiphon", ignore_errors=True)
            found.append(case(name, folder, weights))
    minutes = {name: statistics.median(60 * r["tracks"] / r["seconds"] for r in found) for name, found in runs.items()}
    shutil.rmtree(folder / "antiphon")
    return {
        "tracks": tracks,
        "rounds": rounds,
        "seconds a track": SONG_S,
        "tracks a minute": {name: round(value, 2) for name, value in minutes.items()},
        "antiphon / plain": round(minutes["antiphon"] / minutes["plain"], 2),
        "busy": round(statistics.median(r["busy"] for r in runs["antiphon"]), 3),
        "busy after the first window": round(
            statistics.median(r["busy after the first window"] for r in runs["antiphon"]), 3
        ),
        "lowest cosine between the two": round(min(r["lowest cosine to antiphon's vectors"] for r in runs["plain"]), 5),
        "signal encoders": case("signal", folder),
    }


def peaks(work: Path, minutes: int) -> dict[str, Any]:
    """A minute's file beside a long one of the same sound."""
    tiny = write_mert(work / "tiny", **SMALL)
    short = songs(work / "minute", 1, 60.0)
    (work / "long").mkdir()
    repeated(short / "0.mp3", work / "long" / "0.mp3", minutes)
    return {
        name: {length: case("memory", work / length, *arguments) for length in ("minute", "long")}
        for name, arguments in {"timbre": ("timbre",), "a tiny MERT": ("mert-95m", tiny)}.items()
    }


def kills(work: Path, times: int, count: int = 150) -> list[int]:
    """Files done twice because of ``kill -9`` at some moment, for each of some kills."""
    folder = songs(work / "kill", 1, 5.0)
    for number in range(1, count):
        shutil.copy(folder / "0.mp3", folder / f"{number}.mp3")
    redone = []
    for number in range(times):
        shutil.rmtree(folder / "victim", ignore_errors=True)
        command = [sys.executable, "-m", "benchmarks.embed_cases", "victim", str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            done = 0
            for line in process.stdout or ():
                done = int(line)
                if done >= count * (number + 1) // (times + 1):
                    process.kill()
                    break
            rest = (process.stdout.read() if process.stdout else "").split()
            done = max([done, *(int(word) for word in rest if word.isdigit())])
        again = case("victim", folder)
        redone.append(done + again["embedded"] - count)
    return redone


def machine() -> str:
    """Cores, and what the system calls the processor."""
    listing = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in listing.read_text().splitlines() if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.processor()}"


def report(results: dict[str, Any]) -> str:
    """The page for people."""
    found, memory, redone = (results[part]["found"] for part in ("speed", "memory", "kills"))
    loads = ", ".join(f"{part} {row['load']}" for part, row in results.items())
    pace = found["tracks a minute"]
    signal = found["signal encoders"]
    lines = [
        "# Embedding",
        "",
        f"{results['speed']['machine']}, shared with other work, so that ratios say more than seconds. Load before and",
        f"after: {loads}.",
        "Made by `python -m benchmarks.embed`; the numbers are in `embed.json`.",
        "",
        f"**MERT-v1-95M at full size, random weights**, {found['tracks']} MP3 files of {found['seconds a track']:g} s, "
        f"each one window of the model; {found['rounds']} round(s):",
        "",
        "| | tracks a minute |",
        "| --- | --- |",
        f"| Antiphon | {pace['antiphon']} |",
        f"| plain script: librosa, one window after the other | {pace['plain']} |",
        f"| ratio | {found['antiphon / plain']} |",
        "",
        f"The model is busy {found['busy']:.1%} of the time from the call to the end, starting the workers and writing "
        f"included, and {found['busy after the first window']:.1%} from the first window on. "
        f"Lowest cosine between the two scripts' vectors: {found['lowest cosine between the two']}.",
        "",
        f"**timbre, harmony and rhythm together**, the same files: "
        f"{60 * signal['tracks'] / signal['seconds']:.0f} tracks a minute, "
        f"{signal['tracks'] * found['seconds a track'] / signal['seconds']:.0f} × real time.",
        "",
        "**Peak memory** (MiB, main process / worker):",
        "",
        f"| | a minute | {memory['timbre']['long']['audio minutes']:.0f} minutes |",
        "| --- | --- | --- |",
        *(
            f"| {name} | " + " | ".join(f"{r['main process MiB']} / {r['worker MiB']}" for r in rows.values()) + " |"
            for name, rows in memory.items()
        ),
        "",
        f"**Killed with `kill -9` and started again**: {', '.join(map(str, redone))} files of 5 s were done twice "
        f"({len(redone)} kills; a batch is 64 vectors or two seconds of finished work).",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=int, default=120, help="length of the long file")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=["kills", "memory", "speed"])
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    parts = {
        "kills": lambda work: kills(work, arguments.kills),
        "memory": lambda work: peaks(work, arguments.minutes),
        "speed": lambda work: speed(work, arguments.tracks, arguments.rounds),
    }
    page = arguments.out / "embed.json"
    results: dict[str, Any] = json.loads(page.read_text()) if page.exists() else {}
    for part in arguments.parts:
        before = os.getloadavg()[0]
        with TemporaryDirectory() as work:
            found = parts[part](Path(work))
        load = f"{before:.1f}–{os.getloadavg()[0]:.1f}"
        results[part] = {"date": date.today().isoformat(), "load": load, "machine": machine(), "found": found}
        page.parent.mkdir(exist_ok=True)
        page.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if len(results) == len(parts):
        page.with_suffix(".md").write_text(report(results))
        print(report(results))


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
