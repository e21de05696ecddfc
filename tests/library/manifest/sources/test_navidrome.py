"""Navidrome's database: what its tracks become, in the shapes of its versions."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import read_manifest
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.library.manifest.sources.kinds import read_source
from antiphon.library.manifest.table import Table
from tests.helpers.players.navidrome import navidrome, old_navidrome

NIGHT: dict[str, Any] = {
    "id": "3xKq",
    "path": "Lo Tide/Harbour/01 Night Bus.flac",
    "title": "Night Bus",
    "artist": "Lo Tide • Anna",
    "album": "Harbour",
    "album_artist": "Lo Tide",
    "track_number": 1,
    "year": 2019,
    "bpm": 96,
    "genre": "",
    "mbz_recording_id": "8f3471b5-7e6a-48da-86a9-c1c07a0f47a1",
    "rg_track_gain": -6.5,
    "tags": {"genre": [{"id": "1", "value": "Dub"}, {"id": "2", "value": "Jazz"}], "mood": [{"value": "calm"}]},
    "participants": {
        "artist": [{"id": "a", "name": "Lo Tide"}, {"id": "b", "name": "Anna"}],
        "albumartist": [{"id": "a", "name": "Lo Tide"}],
        "performer": [{"id": "c", "name": "Ben", "subRole": "cello"}],
    },
    "lyrics": [{"lang": "eng", "line": [{"start": 0, "value": "one"}, {"value": "two"}]}],
}
HILL: dict[str, Any] = {"id": "7", "path": "Ben/Hill.mp3", "title": "Hill", "year": 0, "bpm": 0, "tags": "{}"}


def table(path: Path, **options: Any) -> Table:
    found = read_source(path, ManifestOptions(**options))
    assert found is not None
    return found


def row(found: Table, number: int) -> dict[str, Any]:
    return {name: cells[number] for name, cells in found.columns.items() if cells[number] is not None}


def music(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(name.encode())
    return folder


def test_a_new_database_gives_tags_people_and_the_players_id(tmp_path: Path) -> None:
    navidrome(tmp_path / "navidrome.db", [NIGHT, HILL])
    found = table(tmp_path / "navidrome.db")
    assert row(found, 0) == {"navidrome_id": "7", "audio": "Ben/Hill.mp3", "title": "Hill"}
    assert row(found, 1) == {
        "navidrome_id": "3xKq",
        "audio": "Lo Tide/Harbour/01 Night Bus.flac",
        "title": "Night Bus",
        "artist": "Lo Tide • Anna",
        "artists": ["Lo Tide", "Anna"],
        "album": "Harbour",
        "albumartist": "Lo Tide",
        "tracknumber": 1,
        "year": 2019,
        "bpm": 96,
        "genre": ["Dub", "Jazz"],
        "mood": ["calm"],
        "performer": ["Ben (cello)"],
        "lyrics": "one\ntwo",
        "musicbrainz_trackid": "8f3471b5-7e6a-48da-86a9-c1c07a0f47a1",
        "replaygain_track_gain": -6.5,
    }


def test_an_old_database_has_absolute_paths_and_genres_in_tables(tmp_path: Path) -> None:
    old = {"id": "9", "path": "/music/A/a.mp3", "title": "A", "genres": ["Dub", "Jazz"], "mbz_track_id": "m"}
    found = table(old_navidrome(tmp_path / "n.db", [old, {"id": "8", "path": "/music/b.mp3", "title": "B"}]))
    assert row(found, 0)["genre"] == ["Dub", "Jazz"]
    assert row(found, 0)["musicbrainz_trackid"] == "m"
    assert row(found, 0)["audio"] == "/music/A/a.mp3"
    assert "genre" not in row(found, 1)


def test_files_that_navidrome_marks_as_missing_are_left_out_and_counted(tmp_path: Path) -> None:
    navidrome(tmp_path / "n.db", [NIGHT, {**HILL, "missing": 1}])
    found = table(tmp_path / "n.db")
    assert len(found.lines) == 1
    assert found.notes == ["1 track that Navidrome marks as missing left out."]


def test_tracks_have_the_ids_that_they_have_in_their_folder_wherever_that_is(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", NIGHT["path"], HILL["path"])
    navidrome(tmp_path / "n.db", [NIGHT, HILL])
    by_map = ManifestOptions(path_maps=(path_map(f"/music={here}"),))
    by_folder = ManifestOptions(audio_folders=(here,))
    of_folder = [entry.track_id for entry in read_manifest(here, tmp_path / "lib" / "audio").entries]
    for options in (by_map, by_folder):
        read = read_manifest(tmp_path / "n.db", tmp_path / "lib" / "audio", options)
        assert [entry.track_id for entry in read.entries] == of_folder == [HILL["path"], NIGHT["path"]]
        assert read.audio_root == here
        assert not read.problems


def test_an_old_databases_ids_are_those_of_the_folder_too(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "A/a.mp3")
    old_navidrome(tmp_path / "n.db", [{"id": "9", "path": "/music/A/a.mp3", "title": "A"}])
    options = ManifestOptions(path_maps=(path_map(f"/music={here}"),))
    assert [e.track_id for e in read_manifest(tmp_path / "n.db", tmp_path / "audio", options).entries] == ["A/a.mp3"]


def test_between_the_two_a_table_of_libraries_stands_beside_absolute_paths(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "A/a.mp3")
    path = old_navidrome(tmp_path / "n.db", [{"id": "9", "path": "/music/A/a.mp3", "title": "A", "genres": ["Dub"]}])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE library (id integer primary key, name varchar, path varchar)")
        connection.execute("INSERT INTO library VALUES (1, 'Music', '/music')")
        connection.commit()
    options = ManifestOptions(path_maps=(path_map(f"/music={here}"),))
    read = read_manifest(path, tmp_path / "audio", options)
    assert [(entry.track_id, here / entry.path) for entry in read.entries] == [("A/a.mp3", here / "A/a.mp3")]


@pytest.mark.parametrize("root", ["D:\\Music", "D:/Music", "\\\\nas\\music"])
def test_a_library_on_windows_is_mapped_to_where_its_files_are_here(tmp_path: Path, root: str) -> None:
    here = music(tmp_path / "nas", NIGHT["path"], HILL["path"])
    navidrome(tmp_path / "n.db", [NIGHT, HILL], libraries=[root])
    options = ManifestOptions(path_maps=(path_map(f"{root}={here}"),))
    read = read_manifest(tmp_path / "n.db", tmp_path / "audio", options)
    assert [entry.track_id for entry in read.entries] == [HILL["path"], NIGHT["path"]]
    assert all((read.audio_root / entry.path).is_file() for entry in read.entries)


def test_tags_of_every_kind_are_kept_under_one_name_each(tmp_path: Path) -> None:
    tags = {"recordlabel": "One", "recordingdate": "1971", "musickey": "Am", "isrc": "GB1", "language": "fin"}
    more = {"grouping": "x", "website": "http://a", "mykind": "own"}
    shown = {name: [{"id": "1", "value": value}] for name, value in {**tags, **more}.items()}
    navidrome(tmp_path / "n.db", [{**HILL, "tags": shown}])
    found = row(table(tmp_path / "n.db"), 0)
    named = {"label": "One", "date": "1971", "key": "Am", "isrc": "GB1", "language": "fin", **more}
    assert {name: found[name] for name in named} == {name: [value] for name, value in named.items()}


def test_a_second_library_stands_beside_the_first(tmp_path: Path) -> None:
    first, second = music(tmp_path / "one", "a.mp3"), music(tmp_path / "two", "a.mp3")
    tracks = [{"id": "1", "path": "a.mp3", "title": "A"}, {"id": "2", "path": "a.mp3", "title": "B", "library_id": 2}]
    navidrome(tmp_path / "n.db", tracks, libraries=[str(first), str(second)])
    read = read_manifest(tmp_path / "n.db", tmp_path / "audio")
    assert [entry.track_id for entry in read.entries] == ["a.mp3", str(second / "a.mp3")]
    assert "2 libraries" in read.notes[0]


def test_where_no_file_is_found_the_message_says_what_to_type(tmp_path: Path) -> None:
    navidrome(tmp_path / "n.db", [NIGHT, HILL], libraries=["/srv/no-such-music"])
    with pytest.raises(ManifestError, match="--path-map /srv/no-such-music=FOLDER"):
        read_manifest(tmp_path / "n.db", tmp_path / "audio")
    wrong = ManifestOptions(path_maps=(path_map(f"/srv/no-such-music={tmp_path / 'nowhere'}"),))
    with pytest.raises(ManifestError, match=r"no folder .*nowhere .*--path-map"):
        read_manifest(tmp_path / "n.db", tmp_path / "audio", wrong)


def test_a_database_without_tracks_is_refused(tmp_path: Path) -> None:
    navidrome(tmp_path / "n.db", [{**NIGHT, "missing": 1}])
    with pytest.raises(ManifestError, match=r"lists no tracks\. 1 track that Navidrome marks as missing"):
        table(tmp_path / "n.db")


def test_columns_that_a_version_lacks_and_json_that_is_broken_cost_nothing_else(tmp_path: Path) -> None:
    connection = navidrome(tmp_path / "n.db", [NIGHT], close=False)
    connection.execute("ALTER TABLE media_file DROP COLUMN bpm")
    connection.execute("UPDATE media_file SET tags = '[1', participants = '[]', lyrics = 'plain words'")
    connection.commit()
    connection.close()
    found = row(table(tmp_path / "n.db"), 0)
    assert found["lyrics"] == "plain words"
    assert found["title"] == "Night Bus"
    assert not {"bpm", "genre", "mood"} & found.keys()
