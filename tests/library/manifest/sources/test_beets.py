"""beets' database: what its items become, in the shapes of its versions."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import read_manifest
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.library.manifest.sources.beets import music_directory
from antiphon.library.manifest.sources.kinds import read_source
from antiphon.library.manifest.table import Table
from tests.helpers.players.beets import NEW, OLD, beets
from tests.library.manifest.sources.test_navidrome import music, row

SEA: dict[str, Any] = {
    "id": 4,
    "path": "Ana/Sea/01 Søng.flac".encode(),
    "album_id": 1,
    "title": "Søng",
    "artist": "Ana",
    "album": "Sea",
    "year": 1998,
    "month": 5,
    "day": 3,
    "original_year": 1971,
    "original_month": 0,
    "track": 1,
    "bpm": 120,
    "initial_key": "C#m",
    "comments": "quiet",
    "comp": 0,
    "genre": "Old, Wrong",
    "genres": "Jazz\\␀Bebop",
    "composers": "X\\␀Y",
    "mb_trackid": "m-1",
    "rg_track_gain": -6.5,
    "length": 5.5,
    "mtime": 1.5,
}


def table(path: Path, **options: Any) -> Table:
    found = read_source(path, ManifestOptions(**options))
    assert found is not None
    return found


def test_a_new_database_gives_lists_dates_and_flexible_attributes(tmp_path: Path) -> None:
    of_items = [(4, "mood", "happy; sad"), (4, "shelf", "left")]
    beets(tmp_path / "l.db", [SEA], of_items=of_items, of_albums=[(1, "shelf", "right"), (1, "rated", "5")])
    assert row(table(tmp_path / "l.db", audio_folders=(tmp_path,)), 0) == {
        "beets_id": 4,
        "audio": "Ana/Sea/01 Søng.flac",
        "title": "Søng",
        "artist": "Ana",
        "album": "Sea",
        "year": 1998,
        "date": "1998-05-03",
        "originalyear": 1971,
        "originaldate": "1971",
        "tracknumber": 1,
        "bpm": 120,
        "key": "C#m",
        "comment": "quiet",
        "genre": ["Jazz", "Bebop"],
        "composer": ["X", "Y"],
        "mood": ["happy", "sad"],
        "shelf": "left",
        "rated": "5",
        "musicbrainz_trackid": "m-1",
        "replaygain_track_gain": -6.5,
        "length": 5.5,
    }


@pytest.mark.parametrize("written", ["album; compilation; live", "album\\␀compilation\\␀live"])
def test_types_of_an_album_have_a_delimiter_of_their_own(tmp_path: Path, written: str) -> None:
    beets(tmp_path / "l.db", [{**SEA, "albumtypes": written}], columns=f"{NEW}, albumtypes TEXT")
    assert row(table(tmp_path / "l.db"), 0)["albumtypes"] == ["album", "compilation", "live"]


def test_several_people_of_one_role_are_a_list_and_one_alone_a_text(tmp_path: Path) -> None:
    several = {**SEA, "artists": "Ana\\␀Ben", "label": "One"}
    beets(tmp_path / "new.db", [several])
    found = row(table(tmp_path / "new.db"), 0)
    assert (found["artists"], found["label"]) == (["Ana", "Ben"], "One")
    old = {name: value for name, value in SEA.items() if name not in ("genres", "composers")}
    beets(tmp_path / "old.db", [{**old, "composer": "X; Y"}], columns=OLD)
    assert row(table(tmp_path / "old.db"), 0)["composer"] == "X; Y"


def test_paths_of_a_windows_machine_are_mapped_and_found(tmp_path: Path) -> None:
    here = music(tmp_path / "music", "Ana/Sea/01 Søng.flac")
    beets(tmp_path / "l.db", [{**SEA, "path": "D:\\Music\\Ana\\Sea\\01 Søng.flac".encode()}])
    options = ManifestOptions(path_maps=(path_map(f"d:\\music={here}"),))
    [entry] = read_manifest(tmp_path / "l.db", tmp_path / "audio", options).entries
    assert (entry.track_id, here / entry.path) == ("Ana/Sea/01 Søng.flac", here / "Ana/Sea/01 Søng.flac")


def test_an_old_database_has_absolute_paths_and_one_text_of_genres(tmp_path: Path) -> None:
    here = music(tmp_path / "music", "a.mp3", "b.mp3")
    items = [
        {"id": n, "path": os.fsencode(here / f"{name}.mp3"), "title": name, "genre": genre}
        for n, name, genre in ((1, "a", "Jazz, Bebop"), (2, "b", "Folk, World, & Country; Dub"))
    ]
    beets(tmp_path / "l.db", items, columns=OLD)
    found = table(tmp_path / "l.db")
    assert list(found.columns["genre"]) == [["Jazz", "Bebop"], ["Folk, World, & Country", "Dub"]]
    (tmp_path / "config.yaml").write_text(f"plugins: x\ndirectory: {here}  # the NAS\n")
    assert [e.track_id for e in read_manifest(tmp_path / "l.db", tmp_path / "audio").entries] == ["a.mp3", "b.mp3"]


@pytest.mark.parametrize("written", ["{}", '"{}"', "'{}'", "{} # here"])
def test_relative_paths_start_from_the_setting_beside_the_database(tmp_path: Path, written: str) -> None:
    here = music(tmp_path / "my music", "Ana/Sea/01 Søng.flac")
    beets(tmp_path / "l.db", [SEA])
    (tmp_path / "config.yaml").write_text(f"directory: {written.format(here)}\n")
    read = read_manifest(tmp_path / "l.db", tmp_path / "audio")
    assert read.audio_root == here
    assert [(e.track_id, e.path) for e in read.entries] == [("Ana/Sea/01 Søng.flac",) * 2]


def test_settings_without_a_directory_mean_the_default(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("library: l.db\n")
    assert music_directory(tmp_path) == str(Path("~/Music").expanduser())
    assert music_directory(tmp_path / "none") == ""


def test_relative_paths_without_a_setting_are_said_with_the_option(tmp_path: Path) -> None:
    beets(tmp_path / "l.db", [SEA])
    assert "--audio-folder" in table(tmp_path / "l.db").notes[0]
    with pytest.raises(ManifestError, match="--audio-folder"):
        read_manifest(tmp_path / "l.db", tmp_path / "audio")


def test_a_file_name_that_is_no_text_costs_its_own_track(tmp_path: Path) -> None:
    here = music(tmp_path / "music", "Ana/Sea/01 Søng.flac")
    beets(tmp_path / "l.db", [SEA, {"id": 5, "path": b"caf\xe9.mp3", "title": "Café"}])
    read = read_manifest(tmp_path / "l.db", tmp_path / "audio", ManifestOptions(audio_folders=(here,)))
    assert [entry.title for entry in read.entries] == ["Søng"]
    assert [(p.where, p.kind, p.effect) for p in read.problems] == [("l.db row 2", "bad file name", "left out")]
    assert r"caf\xe9.mp3" in read.problems[0].problem


def test_attributes_called_like_columns_of_a_table_are_no_captions_or_splits(tmp_path: Path) -> None:
    here = music(tmp_path / "music", "Ana/Sea/01 Søng.flac")
    of_items = [(4, "text", "words"), (4, "split", "side A"), (4, "group", "x"), (4, "start", "3")]
    beets(tmp_path / "l.db", [SEA], of_items=of_items)
    entry = read_manifest(tmp_path / "l.db", tmp_path / "audio", ManifestOptions(audio_folders=(here,))).entries[0]
    assert (entry.captions, entry.said, entry.group) == ([], (), "")
    assert entry.track_id == "Ana/Sea/01 Søng.flac"
