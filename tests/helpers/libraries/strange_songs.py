"""A small library to look at and listen to: songs with plain and strange titles, sound that plays and that does not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.tracks import Caption, Track, save_library
from tests.helpers.libraries.made_vectors import write_vectors
from tests.helpers.libraries.sounds import sweep, write

SECONDS, RATE = 20.0, 8_000
"""Long enough that no song is over before a busy browser has been asked what it plays."""
SCRIPT = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
TURNED = "\u202eemit desrever\u202c"
LONG = "endless 🎹 " * 1000
STRANGE = {"s1": SCRIPT, "s2": TURNED, "s3": LONG, "deep/folder/s4 no title.wav": ""}
"""Titles by id."""
PLAIN = 24
GENRES = ("jazz", "folk", "hard bop")


def strange_songs(root: Path) -> Path:
    """Twenty-eight songs with captions, genres, years and vectors, none trained on; p1 is FLAC, p2 no sound at all."""
    music = root / "music"
    music.mkdir(parents=True)
    tone = write(music / "tone.wav", sweep(SECONDS, RATE, channels=1, level=0.05), RATE)
    flac = write(music / "p1.flac", sweep(SECONDS, RATE, channels=1, level=0.05), RATE)
    (music / "p2.ape").write_bytes(b"MAC no sound" * 100)
    (music / "s4 no title.wav").write_bytes(tone.read_bytes())
    files = {"p1": flac, "p2": music / "p2.ape", "deep/folder/s4 no title.wav": music / "s4 no title.wav"}
    titles = {f"p{n}": f"Song {n}" for n in range(PLAIN)} | STRANGE
    tracks = [
        Track(
            track_id=name,
            path=str(files.get(name, tone)),
            title=title,
            artist=f"Artist {n % 5}",
            album=f"Album {n % 7}",
            group=name,
            split="train",
        )
        for n, (name, title) in enumerate(titles.items())
    ]
    captions = [
        Caption(caption_id=f"{name}#0", track_id=name, text=f"{'calm piano' if n % 2 else 'fast drums'} number {n}")
        for n, name in enumerate(titles)
    ]
    save_library(root / "lib", tracks, captions, {"audio_root": str(music)})
    _metadata(root / "lib", list(titles))
    turns = np.linspace(0, 2 * np.pi, len(titles), endpoint=False)
    circle = np.stack([np.cos(turns), np.sin(turns), 0.1 * np.cos(3 * turns)], axis=1)
    write_vectors(root / "lib", "audio", "timbre", list(titles), circle)
    return root / "lib"


def _metadata(root: Path, ids: list[str]) -> None:
    genres = [GENRES[n % len(GENRES)] for n in range(len(ids))]
    table = pa.table({"track_id": ids, "genre": genres, "year": [1960 + n for n in range(len(ids))]})
    pq.write_table(table, root / METADATA_FILE)
