"""Words of names and of metadata."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from antiphon.library.files import write_atomically
from antiphon.library.metadata.store import metadata_file
from antiphon.library.tracks import Library, Track, save_library
from antiphon.search.zero_shot.ways.metadata_words import MetadataWords
from antiphon.search.zero_shot.ways.way import MOST

TRACKS = [
    Track(track_id="a", title="Piano Man", artist="Billy", album="Streets", path="pop/01 a.flac"),
    Track(track_id="b", title="So What", artist="Miles Davis", path="Jazz/Kind of Blue/02 so what.mp3#t=3,9"),
    Track(track_id="c"),
]


def library(root: Path, **fields: list[object]) -> Library:
    found = save_library(root, TRACKS, [], {})
    table = pa.table({"track_id": [t.track_id for t in TRACKS], **fields})
    write_atomically(root / "metadata.parquet", metadata_file(table))
    return found


def best(root: Library, query: str) -> str:
    return str(root.column("track_id")[np.nanargmax(MetadataWords(root).scores(query))])


def test_names_folders_and_files_are_found(tmp_path: Path) -> None:
    made = library(tmp_path)
    assert best(made, "miles davis") == "b"
    assert best(made, "kind of blue") == "b"
    assert best(made, "something from the streets") == "a"
    assert np.isnan(MetadataWords(made).scores("zither")).all()


def test_a_genre_weighs_more_than_the_same_word_in_a_title(tmp_path: Path) -> None:
    made = library(tmp_path, genre=[["Pop"], ["Jazz"], ["Classical", "Piano"]])
    found = MetadataWords(made).scores("piano")
    assert found[2] == MOST
    assert found[0] == MOST / 2


@pytest.mark.parametrize("query", ["1959", "50s", "1950s"])
@pytest.mark.parametrize("name", ["year", "originalyear", "date"])
def test_a_year_is_found_by_its_decade(tmp_path: Path, query: str, name: str) -> None:
    values = [None, "1959-08-17", None] if name == "date" else [None, 1959.0, None]
    assert best(library(tmp_path, **{name: values}), query) == "b"


@pytest.mark.parametrize("name", ["lyrics", "musicbrainz_trackid", "file_hash", "replaygain_track_gain"])
def test_fields_that_describe_no_music_are_not_searched(tmp_path: Path, name: str) -> None:
    assert np.isnan(MetadataWords(library(tmp_path, **{name: ["zither"] * 3})).scores("zither")).all()


def test_numbers_other_than_years_are_no_words(tmp_path: Path) -> None:
    assert np.isnan(MetadataWords(library(tmp_path, bpm=[120.0, 90.0, None])).scores("120")).all()
