"""What a track costs while a library is made: a million of them must fit into 2 GB."""

from __future__ import annotations

import random
import tracemalloc
from pathlib import Path

import pytest

from antiphon.library.ingest import ingest

BYTES_A_TRACK = 1_200
"""Of Python and numpy at the peak; beside it there are Arrow's tables."""


def table(folder: Path, tracks: int, form: str) -> Path:
    rng = random.Random(tracks)
    path = folder / f"{tracks}.{form}"
    with path.open("w", encoding="utf-8") as stream:
        if form == "csv":
            stream.write("id,artist,caption\n")
        for i in range(tracks):
            caption = " ".join(f"w{rng.randrange(20_000)}" for _ in range(9))
            if form == "csv":
                stream.write(f"t{i:06},artist {i % 300},{caption}\n")
            else:
                stream.write(f'{{"id": "t{i:06}", "artist": "artist {i % 300}", "caption": "{caption}"}}\n')
    return path


def peak(manifest: Path, root: Path) -> int:
    tracemalloc.start()
    try:
        assert ingest(manifest, root).tracks
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_track_more_costs_little_memory(tmp_path: Path, form: str) -> None:
    few, many = 300, 1_500
    ingest(table(tmp_path, 20, form), tmp_path / "warm")
    least = peak(table(tmp_path, few, form), tmp_path / "few")
    most = peak(table(tmp_path, many, form), tmp_path / "many")
    assert (most - least) / (many - few) < BYTES_A_TRACK
