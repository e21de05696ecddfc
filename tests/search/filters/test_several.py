"""Filters on cells that hold several values in one text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.metadata.store import metadata_file
from antiphon.library.tracks import Track, save_library
from antiphon.search.filters.evaluate import TrackFilter


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("genres = jazz", [0, 1]),
        ("genres = vocal", [0]),
        ('genres = "jazz; vocal"', [0]),
        ("genres in (soul, rock)", [1, 2]),
        ("genres != jazz", [2, 3]),
        ('genres contains "z|s"', [1]),
        ('artist = "jazz"', []),
    ],
)
def test_each_of_several_values_in_one_text_counts(tmp_path: Path, expression: str, found: list[int]) -> None:
    fields = MetadataCollector()
    fields.add("genres", np.arange(5), pa.array(["Jazz; Vocal", "Jazz|Soul", "Rock", "AC/DC", None]))
    table, _ = fields.table([f"t{i}" for i in range(5)])
    tracks = [Track(track_id=f"t{i}", artist="Jazz; Ltd") for i in range(5)]
    library = save_library(tmp_path, tracks, [], {}, beside={"metadata.parquet": metadata_file(table)})
    assert np.flatnonzero(TrackFilter(library).allowed(expression)).tolist() == found
