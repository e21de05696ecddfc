"""A small library whose titles, captions and metadata try to be more than words, with two short trainings and sound."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.tracks import Caption, Library, save_library
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.libraries.sounds import sweep, write

ATTACKS = (
    "<script>document.title='owned'</script>",
    '"><img src=x onerror="document.title=\'owned\'">',
    "</title></svg></script><svg onload=document.title='owned'>",
    "{{ 7 * 7 }} {% raw %} $\\frac{1}{2}$ \x07 \ud800",
    "<!-- ]]> &lt;b&gt; 'single' \"double\" ノクターン عود 🎹",
)
SMALL = TrainConfig(epochs=4, dim=16, hidden=32, epoch_steps=2, precision="float32", device="cpu")
FIRST, SECOND = "clear", "noisy"


def hostile_library(root: Path) -> Path:
    """Forty tracks to learn from, twelve of val and twenty-four of test; every second one of test has a sound file."""
    made = make_library(root, test=24, names=(FIRST, SECOND), noise=(0.3, 3.0), text="minilm")
    write(root / "tone.wav", sweep(10.0, 8_000, channels=1), 8_000)
    tracks = [made.track(track_id) for track_id in made.column("track_id")]
    named = [
        replace(
            track,
            title=_encodable(f"{ATTACKS[i % len(ATTACKS)]} {track.track_id}"),
            artist=_encodable(ATTACKS[(i + 1) % len(ATTACKS)]),
            path=str(root / "tone.wav") if track.split == "test" and i % 2 else "",
        )
        for i, track in enumerate(tracks)
    ]
    captions = [Caption(**row) for row in made.caption_table.to_pylist()]
    said = [replace(c, text=_encodable(f"{c.text} {ATTACKS[i % len(ATTACKS)]}")) for i, c in enumerate(captions)]
    library = save_library(root, named, said, {"manifest": "somewhere/<b>tracks.csv", "seed": 0})
    _metadata(library)
    for name in (FIRST, SECOND):
        train(root, name, config=SMALL)
    return root


def _encodable(text: str) -> str:
    """As far as a table can hold it: no half of a surrogate pair."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _metadata(library: Library) -> None:
    ids = library.column("track_id").tolist()
    moods = [_encodable(ATTACKS[i % 3]) for i in range(len(ids))]
    years = np.arange(len(ids)) % 4 + 1990
    table = pa.table(
        {"track_id": pa.array(ids, pa.string()), "mood": pa.array(moods, pa.string()), "year": pa.array(years)}
    )
    pq.write_table(table, library.root / METADATA_FILE)
