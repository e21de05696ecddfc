"""What embedding costs: how busy the model is kept, tracks a minute, memory for a long file, and what a kill costs.

    python -m benchmarks.embed                                     half an hour on an idle machine of 2 cores
    python -m benchmarks.embed --parts speed --encoders mert clap  some of it again; the rest stays as it was measured
    python -m benchmarks.embed --parts speed --device cuda:0 --tracks 64 --compile --batch-seconds 900    on a GPU

Models have their published sizes and random weights: speed does not depend on their values. The peers are the scripts
on the models' cards (benchmarks/embed/peers.py), which hear one file after the other; both run in turns, in processes
of their own, with equal numbers of threads. Antiphon's arithmetic is its own default: float32 on a CPU as in the
scripts, bfloat16 on a GPU. Sound is made on the spot. `muq` and `latent` need the packages that define them; the former
is installed into a folder of its own, or taken from the one that ANTIPHON_MUQ_REFERENCE names. Writes
results/embed.json and results/embed.md beside this file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
from tests.helpers.checkpoints.mert import write_mert
from tests.helpers.libraries.sounds import write

from benchmarks.embed.speed import FULL_SIZE, SONG_S, compare, table
from benchmarks.made_sound import music_like

ROOT = Path(__file__).parents[2]
RESULTS = Path(__file__).parents[1] / "results"

SMALL: dict[str, Any] = {
    "conv_dim": [2] * 7,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_attention_heads": 1,
    "num_hidden_layers": 1,
}
RATE = 44_100
SIGNAL = "signal"
"""In the place of an encoder's name: timbre, harmony and rhythm."""
ONE_ARITHMETIC = (
    "The models' own arithmetic is nearly all there is to either side, and on a processor it is the same in both: look "
    "at the processor seconds (Antiphon's include the start of its decoding processes, some tenths of a second a track "
    "here). The ratio by the clock gains from decoding beside the model where a core is free, and is mostly chance "
    "where the load was above the number of cores. What can be gained on a processor is other arithmetic (`--dtype "
    "bfloat16`, see docs/experiments/compile.md)."
)
NO_GPU = (
    "**On a GPU** the scripts have not been timed. `python -m benchmarks.gpu` ([gpu.md](gpu.md)) compares Antiphon "
    "there with itself on the processor; beside the scripts it is `python -m benchmarks.embed --parts speed "
    "--device cuda:0 --tracks 64 --batch-seconds 900`, and again with `--compile`; the scripts stay in their "
    "own arithmetic (float32), Antiphon runs in bfloat16."
)


def case(module: str, *arguments: object, environment: dict[str, str] | None = None) -> dict[str, Any]:
    """One measurement in a process of its own."""
    command = [sys.executable, "-W", "ignore", "-m", f"benchmarks.{module}", *map(str, arguments)]
    where = {**os.environ, **(environment or {})}
    run = subprocess.run(command, cwd=ROOT, env=where, capture_output=True, text=True, check=False)
    name, *arguments = arguments
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


def speed(work: Path, chosen: argparse.Namespace, before: dict[str, Any]) -> dict[str, Any]:
    """Every chosen encoder against its card's script; those not chosen stay as they were measured."""
    folder = songs(work / "songs", chosen.tracks, SONG_S)
    ours = [chosen.dtype, "compile" if chosen.compile else "plain", str(chosen.batch_seconds)]
    encoders = dict(before.get("encoders", {}))
    signal = before.get("signal encoders")
    for name in chosen.encoders:
        load = os.getloadavg()[0]
        if name == SIGNAL:
            signal = {**case("embed.cases", "signal", folder), "machine": machine(), "load": round(load, 1)}
            continue
        found = compare(name, folder, work, case, rounds=chosen.rounds, device=chosen.device, ours=ours)
        about = {"tracks": chosen.tracks, "rounds": chosen.rounds, "options": ours, "date": date.today().isoformat()}
        encoders[name] = {**found, **about, "load": f"{load:.1f}–{os.getloadavg()[0]:.1f}"}
    return {
        "seconds a track": SONG_S,
        "threads": os.environ.get("OMP_NUM_THREADS", "torch's own number of"),
        "encoders": {name: encoders[name] for name in FULL_SIZE if name in encoders},
        "signal encoders": signal,
    }


def peaks(work: Path, minutes: int) -> dict[str, Any]:
    """A minute's file beside a long one of the same sound."""
    tiny = write_mert(work / "tiny", **SMALL)
    short = songs(work / "minute", 1, 60.0)
    (work / "long").mkdir()
    repeated(short / "0.mp3", work / "long" / "0.mp3", minutes)
    return {
        name: {length: case("embed.cases", "memory", work / length, *arguments) for length in ("minute", "long")}
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
        command = [sys.executable, "-m", "benchmarks.embed.cases", "victim", str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            done = 0
            for line in process.stdout or ():
                done = int(line)
                if done >= count * (number + 1) // (times + 1):
                    process.kill()
                    break
            rest = (process.stdout.read() if process.stdout else "").split()
            done = max([done, *(int(word) for word in rest if word.isdigit())])
        again = case("embed.cases", "victim", folder)
        redone.append(done + again["embedded"] - count)
    return redone


def machine() -> str:
    """Cores, and what the system calls the processor."""
    listing = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in listing.read_text().splitlines() if line.startswith("model name")]
    return f"{len(os.sched_getaffinity(0))} cores of {names[0] if names else platform.processor()}"


def speed_lines(part: str, result: dict[str, Any]) -> list[str]:
    """One device's table."""
    found = result["found"]
    measured = [row for row in found["encoders"].values() if "left out" not in row]
    tracks, rounds = ({row[key] for row in measured} for key in ("tracks", "rounds"))
    return [
        f"## Tracks a minute, {part.partition(' ')[2] or 'cpu'}",
        "",
        f"{result['machine']}, {found['threads']} thread(s); load while each was measured: "
        + ", ".join(f"{name} {row['load']}" for name, row in found["encoders"].items())
        + ".",
        f"{'/'.join(map(str, sorted(tracks)))} MP3 files of {found['seconds a track']:g} s (one window of MERT, three "
        f"of the others), {'/'.join(map(str, sorted(rounds)))} rounds, median; random weights of full size.",
        "",
        *table(found["encoders"]),
        "",
        *([ONE_ARITHMETIC, ""] if part == "speed" else []),
        "*Model busy* counts from the call to the end, starting the workers and writing included. *Lowest cosine* is "
        "between the two scripts' vectors of a track.",
        "",
        *signal_lines(found),
        "",
    ]


def signal_lines(found: dict[str, Any]) -> list[str]:
    signal = found["signal encoders"]
    if not signal:
        return []
    pace = signal["tracks"] / signal["seconds"]
    return [
        f"**timbre, harmony and rhythm together** ({signal['machine']}, load {signal['load']}): "
        f"{60 * pace:.0f} tracks a minute, {pace * found['seconds a track']:.0f} × real time.",
    ]


def report(results: dict[str, Any]) -> str:
    """The page for people."""
    memory, redone = (results[part]["found"] for part in ("memory", "kills"))
    others = ", ".join(f"{part} {results[part]['load']}" for part in ("memory", "kills"))
    lines = [
        "# Embedding",
        "",
        "Machines are shared with other work, so that ratios say more than seconds, and processor seconds more than "
        "those on the clock. Made by `python -m benchmarks.embed`; the numbers, with dates, are in `embed.json`.",
        "",
        *(line for part, result in results.items() if part.startswith("speed") for line in speed_lines(part, result)),
        *([] if any(part.startswith("speed cuda") for part in results) else [NO_GPU, ""]),
        "## Memory and kills",
        "",
        f"{results['memory']['machine']}; load before and after: {others}.",
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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tracks", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--minutes", type=int, default=120, help="length of the long file")
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--parts", nargs="+", default=["kills", "memory", "speed"])
    parser.add_argument("--encoders", nargs="+", default=[*FULL_SIZE, SIGNAL], choices=[*FULL_SIZE, SIGNAL])
    parser.add_argument("--device", default="cpu", help="of both sides, in the part about speed")
    parser.add_argument("--dtype", default="auto", help="Antiphon's arithmetic there")
    parser.add_argument("--compile", action="store_true", help="Antiphon's models through torch.compile")
    parser.add_argument("--batch-seconds", type=float, default=120.0)
    parser.add_argument("--out", type=Path, default=RESULTS)
    return parser.parse_args()


def main() -> None:
    chosen = arguments()
    page = chosen.out / "embed.json"
    results: dict[str, Any] = json.loads(page.read_text()) if page.exists() else {}
    for part in chosen.parts:
        key = f"speed {chosen.device}" if part == "speed" and chosen.device != "cpu" else part
        before = os.getloadavg()[0]
        with TemporaryDirectory() as folder:
            work = Path(folder)
            if part == "speed":
                found: Any = speed(work, chosen, results.get(key, {}).get("found", {}))
            else:
                found = kills(work, chosen.kills) if part == "kills" else peaks(work, chosen.minutes)
        load = f"{before:.1f}–{os.getloadavg()[0]:.1f}"
        results[key] = {"date": date.today().isoformat(), "load": load, "machine": machine(), "found": found}
        page.parent.mkdir(exist_ok=True)
        page.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")
    if {"kills", "memory"} <= set(results):
        page.with_suffix(".md").write_text(report(results))
        print(report(results))


if __name__ == "__main__":
    started = time.monotonic()
    main()
    print(f"{time.monotonic() - started:.0f} s", file=sys.stderr)
