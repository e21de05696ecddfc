"""A player's songs become its table of ids: matched, kept, read again, and honest about the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.library.players.importing import PlayerSongs, import_ids
from antiphon.library.players.known import ids_of_tracks, known_players
from antiphon.library.players.songs import Song
from antiphon.library.players.table import IdTable, id_files, player_name, read_ids, save_ids
from antiphon.library.tracks import Library, Track, save_library
from tests.helpers.players.ids import library_with_ids

GUID = "0a1b2c3d000011112222333344445555"


def library(root: Path) -> Library:
    rows = [("Ben/Sky/Hill.mp3", "Hill", "Ben"), ("Ben/Sky/Dale.mp3", "Dale", "Ben"), ("Zoe/Sun.mp3", "Sun", "Zoe")]
    tracks = [Track(track_id=path, path=path, title=title, artist=artist) for path, title, artist in rows]
    return save_library(root, tracks, [], {"audio_root": "/nas/music"})


def songs(*of: Song, **more: Any) -> PlayerSongs:
    return PlayerSongs(player="Jellyfin", source="http://nas:8096", songs=of, **more)


def test_a_players_ids_are_kept_under_its_name_and_read_again(tmp_path: Path) -> None:
    root = library(tmp_path / "lib").root
    theirs = songs(
        Song(id=GUID.upper(), known_as=GUID.upper(), path="/media/Ben/Sky/Hill.mp3"),
        Song(id="b" * 32, known_as="b" * 32, path="Ben/Sky/Dale.mp3"),
        Song(id="c" * 32, known_as="c" * 32, path="/media/x/y/z.mp3", title="Nobody", artist="None"),
        artists={"d" * 32: "Ben"},
    )
    report = import_ids(root, theirs, maps=(path_map("/media=/nas/music"),))
    assert report.matched_by == {"path": 2}
    assert (report.unmatched, report.without) == (["None - Nobody"], ["Zoe/Sun.mp3"])
    told = "\n".join(report.lines())
    assert "jellyfin: 2 of 3 tracks known (2 by path)." in told
    assert "1 song of the player without a track here: None - Nobody." in told
    assert "1 track not found in the player, and left out of what it is answered: Zoe/Sun.mp3." in told
    [ids] = known_players(Library(root))
    assert (ids.player, ids.unmatched) == ("jellyfin", 1)
    assert ids.id_of("Ben/Sky/Hill.mp3") == GUID
    assert ids.track("0A1B2C3D-0000-1111-2222-333344445555") == "Ben/Sky/Hill.mp3"
    assert ids.id_of("Zoe/Sun.mp3") is None
    assert (ids.artist("d" * 32), ids.artist_id_of("BEN"), ids.artist_id_of("Zoe")) == ("Ben", "d" * 32, None)


def test_importing_again_replaces_the_table(tmp_path: Path) -> None:
    root = library(tmp_path / "lib").root
    for number in ("1", "2"):
        import_ids(root, songs(Song(id=number, known_as=number, path="Zoe/Sun.mp3")), player="LMS")
    assert [read_ids(path).tracks for path in id_files(root)] == [{"2": "Zoe/Sun.mp3"}]


def test_ids_of_an_ingest_are_known_without_a_table_which_goes_before_them(tmp_path: Path) -> None:
    found = library_with_ids(tmp_path / "lib", {"a": 41, "b": 42}, field="beets_id")
    assert ids_of_tracks(found, "beets") == {"a": "41", "b": "42"}
    save_ids(found.root, IdTable(player="beets", tracks={"7": "a", "8": "gone"}))
    assert ids_of_tracks(Library(found.root), "beets") == {"a": "7"}


def test_an_id_that_ampache_writes_in_two_ways_is_one(tmp_path: Path) -> None:
    root = library(tmp_path / "lib").root
    save_ids(root, IdTable(player="ampache", tracks={"so-12": "Zoe/Sun.mp3", "13": "Ben/Sky/Hill.mp3"}))
    [ids] = known_players(Library(root))
    assert (ids.track("12"), ids.track("so-12"), ids.track("so-13")) == (
        "Zoe/Sun.mp3",
        "Zoe/Sun.mp3",
        "Ben/Sky/Hill.mp3",
    )
    assert ids.id_of("Zoe/Sun.mp3") == "so-12"
    assert ids.track("99") is None


def test_where_nothing_matches_the_message_says_what_to_type(tmp_path: Path) -> None:
    root = library(tmp_path / "lib").root
    strange = songs(Song(id="1", path="/media/x/1.mp3", title="X"), Song(id="2", path="/media/y/1.mp3"))
    with pytest.raises(LibraryError, match=r"None of the 2 songs of http://nas:8096 .*\n.*--path-map /media=FOLDER"):
        import_ids(root, strange)
    with pytest.raises(LibraryError, match="lists no songs"):
        import_ids(root, songs())
    assert id_files(root) == []


@pytest.mark.parametrize("name", ["", "../lms", "a b", "-x", "ü"])
def test_a_name_that_no_file_can_have_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="cannot be a player's name"):
        player_name(name)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 2}', '{"format": 1, "source": "", "tracks": []}'])
def test_a_damaged_or_newer_table_is_refused_with_what_to_do(tmp_path: Path, text: str) -> None:
    path = tmp_path / "lms.json"
    path.write_text(text)
    with pytest.raises(LibraryError, match=r"no table of a player's ids: .*\n.*antiphon ids SOURCE --player lms"):
        read_ids(path)
