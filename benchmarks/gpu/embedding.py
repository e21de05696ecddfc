"""Encoders of published size and random weights over made songs, on the GPU and on the processor."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
from tests.helpers.libraries.sounds import write

from benchmarks.embed.speed import FULL_SIZE
from benchmarks.made_sound import music_like

RATE, SONG_S, HOUR = 44_100, 60.0, 3600.0
FEW = 2
"""Songs that the processor embeds: enough to compare vectors, and as much as there is time for."""


def make_songs(folder: Path, count: int) -> list[str]:
    names = [f"song{n:03d}.flac" for n in range(count)]
    for n, name in enumerate(names):
        write(folder / name, music_like(SONG_S + 0.1 * n, RATE), RATE)
    return names


def embed_once(
    folder: Path, names: list[str], encoder: str, weights: Path, *, batch_seconds: float = 120.0, **options: Any
) -> tuple[float, Any]:
    """Seconds of the whole call, and its vectors."""
    from antiphon.embed import embed_audio
    from antiphon.library.tracks import Library, Track, save_library
    from antiphon.library.vectors.store import open_vectors
    from antiphon.registry import LoadOptions

    library = folder / "library"
    shutil.rmtree(library, ignore_errors=True)
    tracks = [Track(track_id=name, path=name, group=name) for name in names]
    save_library(library, tracks, [], {"audio_root": str(folder)})
    begun = time.perf_counter()
    load = LoadOptions(weights=str(weights), **options)
    (report,) = embed_audio(library, [encoder], options=load, batch_seconds=batch_seconds)
    seconds = time.perf_counter() - begun
    if report.failed:
        raise RuntimeError(f"{encoder}: {report.failed}")
    return seconds, open_vectors(Library(library).embedding_folder("audio", encoder)).take(names)


def measure(work: Path, encoder: str, songs: list[str], *, batch_seconds: float) -> dict[str, Any]:
    """Real time factors, and how near the GPU's bfloat16 vectors are to the processor's float32."""
    folder = work / "songs"
    weights = FULL_SIZE[encoder](work / encoder)
    try:
        embed_once(folder, songs[:1], encoder, weights, device="cuda", batch_seconds=batch_seconds)  # CUDA's own start
        fast, vectors = embed_once(folder, songs, encoder, weights, device="cuda", batch_seconds=batch_seconds)
        precise, twin = embed_once(folder, songs[:FEW], encoder, weights, device="cuda", dtype="float32")
        slow, here = embed_once(folder, songs[:FEW], encoder, weights, device="cpu")
    finally:
        shutil.rmtree(weights, ignore_errors=True)
    return {
        "encoder": encoder,
        "songs": len(songs),
        "× real time, GPU (bfloat16)": round(len(songs) * SONG_S / fast),
        "× real time, processor (float32)": round(FEW * SONG_S / slow, 1),
        "GPU hours for 10,000 songs of 4 minutes": round(10_000 * 240 / (len(songs) * SONG_S / fast) / HOUR, 2),
        "lowest cosine, GPU bfloat16 / processor": _lowest_cosine(vectors[:FEW], here),
        "lowest cosine, GPU float32 / processor": _lowest_cosine(twin, here),
        "seconds of the float32 songs": round(precise, 2),
    }


def _lowest_cosine(left: Any, right: Any) -> float:
    left, right = (np.asarray(each, np.float64) for each in (left, right))
    cosines = (left * right).sum(1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)
    return round(float(cosines.min()), 5)
