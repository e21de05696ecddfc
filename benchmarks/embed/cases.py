"""The single measurements of this benchmark, each run in a process of its own: prints one line of JSON.

python -m benchmarks.embed.cases antiphon FOLDER ENCODER WEIGHTS DEVICE DTYPE compile|plain BATCH_SECONDS
python -m benchmarks.embed.cases signal FOLDER                     … with timbre, harmony and rhythm
python -m benchmarks.embed.cases memory FOLDER ENCODER [WEIGHTS]   … and report the peak memory of all processes
python -m benchmarks.embed.cases victim FOLDER                     … saying so after every file, until it is killed
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.embed import embed_audio
from antiphon.embed.report import read_timing
from antiphon.library.tracks import Library, Track, save_library
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions

SIGNAL = ("timbre", "harmony", "rhythm")


def library(folder: Path, name: str) -> Path:
    """A library of the sound files in a folder."""
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    save_library(folder / name, [Track(track_id=f, path=f, group=f) for f in files], [], {"audio_root": str(folder)})
    return folder / name


def antiphon(
    folder: Path, name: str, weights: str, device: str, dtype: str, compiled: str, batch_seconds: str
) -> dict[str, Any]:
    """Antiphon, with a clock around every call of the model; a compiled model gets its compiling done first."""
    options = LoadOptions(weights=weights, device=device, dtype=dtype, compile=compiled == "compile")
    calls: list[tuple[float, float]] = []
    loaded: list[float] = []
    load = registry.load

    def watched(*arguments: Any, **others: Any) -> Any:
        encoder = load(*arguments, **others)
        if options.compile or device != "cpu":  # no part of any run of more than minutes
            warm_up(encoder, float(batch_seconds))
        inner = encoder.frames

        def frames(windows: np.ndarray) -> np.ndarray:
            begun = time.perf_counter()
            result = inner(windows)
            calls.append((begun, time.perf_counter()))
            return result

        encoder.frames = frames
        loaded.append(processor_seconds())
        return encoder

    registry.load = watched
    root = library(folder, "antiphon")
    (report,) = embed_audio(root, [name], options=options, batch_seconds=float(batch_seconds))
    inside = sum(end - begun for begun, end in calls)
    stored = open_vectors(Library(root).embedding_folder("audio", name))
    np.save(folder / "antiphon" / "vectors.npy", stored.take(sorted(stored.ids)))
    return {
        "tracks": report.embedded,
        "seconds": report.seconds,
        "processor seconds": processor_seconds() - loaded[0],
        "busy": inside / report.seconds,
        "busy after the first window": inside / (calls[-1][1] - calls[0][0]),
    }


def processor_seconds() -> float:
    """Of this process and the workers that have ended."""
    own, workers = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + workers.ru_utime + workers.ru_stime


def warm_up(encoder: Any, batch_seconds: float) -> None:
    """A full batch twice, as the engine will give them."""
    card = encoder.card
    rows = max(1, int(batch_seconds / card.window_s))
    for _ in range(2):
        encoder.frames(np.zeros((rows, round(card.window_s * card.rate)), np.float32))


def signal(folder: Path) -> dict[str, Any]:
    """The three encoders without weights, together."""
    root = library(folder, "signal")
    reports = embed_audio(root, SIGNAL)
    shares = {name: read_timing(Library(root).embedding_folder("audio", name)) for name in SIGNAL}
    return {
        "tracks": reports[0].embedded,
        "seconds": reports[0].seconds,
        "share of the time": {name: round(t.seconds / reports[0].seconds, 2) for name, t in shares.items() if t},
    }


def peak_mib(process: str) -> float:
    """The most memory a process has had resident; 0.0 where it has ended. (getrusage would count its parent's.)"""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return 0.0
    return max((int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")), default=0.0)


def memory(folder: Path, encoder: str, *weights: str) -> dict[str, Any]:
    """Peak resident memory in MiB: of this process, and of its largest child."""
    peaks, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            listings = [task / "children" for task in Path("/proc/self/task").iterdir()]
            children = [child for listing in listings for child in listing.read_text().split()]
            peaks.extend(peak_mib(child) for child in children)

    watcher = threading.Thread(target=watch)
    watcher.start()
    options = LoadOptions(weights=weights[0] if weights else None, device="cpu")
    try:
        (report,) = embed_audio(library(folder, f"memory-{encoder}"), [encoder], options=options, jobs=1)
    finally:
        done.set()
        watcher.join()
    return {
        "audio minutes": round(report.audio_seconds / 60, 1),
        "main process MiB": round(peak_mib("self")),
        "worker MiB": round(max(peaks)),
        "failed": report.failed,
    }


def victim(folder: Path) -> dict[str, Any]:
    """Says how many files are done after every one."""
    (report,) = embed_audio(
        library(folder, "victim"), ["timbre"], jobs=1, on_progress=lambda p: print(p.done, flush=True)
    )
    return {"already": report.already, "embedded": report.embedded}


CASES = {"antiphon": antiphon, "signal": signal, "memory": memory, "victim": victim}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
