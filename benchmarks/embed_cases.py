"""The single measurements of benchmarks/embed.py, each run in a process of its own: prints one line of JSON.

python -m benchmarks.embed_cases antiphon|plain FOLDER WEIGHTS     embed FOLDER's files with mert-95m
python -m benchmarks.embed_cases signal FOLDER                     … with timbre, harmony and rhythm
python -m benchmarks.embed_cases memory FOLDER ENCODER [WEIGHTS]   … and report the peak memory of all processes
python -m benchmarks.embed_cases victim FOLDER                     … saying so after every file, until it is killed
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from antiphon import registry
from antiphon.audio.pooling import pool
from antiphon.audio.windows import cut
from antiphon.embed import embed_audio
from antiphon.embed.report import read_timing
from antiphon.layout import Layout
from antiphon.library.store import open_vectors
from antiphon.library.tracks import Library, Track, save_library
from antiphon.registry import LoadOptions

SIGNAL = ("timbre", "harmony", "rhythm")


def library(folder: Path, name: str) -> Path:
    """A library of the sound files in a folder."""
    files = sorted(path.name for path in folder.iterdir() if path.is_file())
    save_library(folder / name, [Track(track_id=f, path=f, group=f) for f in files], [], {"audio_root": str(folder)})
    return folder / name


def antiphon(folder: Path, weights: str) -> dict[str, Any]:
    """Antiphon, with a clock around every call of the model."""
    calls: list[tuple[float, float]] = []
    load = registry.load

    def watched(*arguments: Any, **options: Any) -> Any:
        encoder = load(*arguments, **options)
        inner = encoder.frames

        def frames(windows: np.ndarray) -> np.ndarray:
            begun = time.perf_counter()
            result = inner(windows)
            calls.append((begun, time.perf_counter()))
            return result

        encoder.frames = frames
        return encoder

    registry.load = watched
    root = library(folder, "antiphon")
    (report,) = embed_audio(root, ["mert-95m"], options=LoadOptions(weights=weights, device="cpu"))
    inside = sum(end - begun for begun, end in calls)
    stored = open_vectors(Library(root).embedding_folder("audio", "mert-95m"))
    np.save(folder / "antiphon" / "vectors.npy", stored.take(sorted(stored.ids)))
    return {
        "tracks": report.embedded,
        "seconds": report.seconds,
        "busy": inside / report.seconds,
        "busy after the first window": inside / (calls[-1][1] - calls[0][0]),
    }


def plain(folder: Path, weights: str) -> dict[str, Any]:
    """What a model card shows: librosa.load, the model on one window after the other, all hidden states."""
    import librosa
    import torch
    from transformers import HubertModel, Wav2Vec2FeatureExtractor

    card = registry.find("mert-95m").card
    mert: Any = registry.load("mert-95m", LoadOptions(weights=weights, device="cpu"))
    model = HubertModel(mert._model.config).eval()
    mert._model.feature_extractor = mert._model.feature_extractor.inner  # Antiphon's own wrapper
    model.load_state_dict(mert._model.state_dict())
    processor = Wav2Vec2FeatureExtractor.from_pretrained(weights)
    files = sorted(path for path in folder.iterdir() if path.is_file())
    begun, vectors = time.perf_counter(), []
    for file in files:
        sound, rate = librosa.load(file, sr=card.rate, mono=True)
        frames = []
        for window in cut([sound], rate=rate, window_s=card.window_s, hop_s=card.hop_s, tail=card.tail):
            with torch.no_grad():
                inputs = processor(window, sampling_rate=rate, return_tensors="pt")
                states = model(**inputs, output_hidden_states=True).hidden_states
            frames.append(torch.stack(states).squeeze(1).mean(dim=1).flatten().numpy())
        vectors.append(pool(np.stack(frames), Layout(len(states), states[0].shape[-1], 3)))
    seconds = time.perf_counter() - begun
    ours = np.load(folder / "antiphon" / "vectors.npy").astype(np.float64)
    theirs = np.stack(vectors).astype(np.float64)
    cosine = (ours * theirs).sum(1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    return {"tracks": len(files), "seconds": seconds, "lowest cosine to antiphon's vectors": float(cosine.min())}


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


CASES = {"antiphon": antiphon, "plain": plain, "signal": signal, "memory": memory, "victim": victim}

if __name__ == "__main__":
    print(json.dumps(CASES[sys.argv[1]](Path(sys.argv[2]), *sys.argv[3:])))
