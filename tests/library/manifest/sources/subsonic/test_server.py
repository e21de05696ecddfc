"""A Subsonic server as a source: tags, ids, and which file is whose."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from antiphon.errors import ConfigError, ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.entries import Manifest, read_manifest
from antiphon.library.manifest.paths.mapping import path_map
from antiphon.library.manifest.sources.subsonic.server import read_server
from antiphon.library.subsonic.account import Account
from tests.helpers.players.subsonic import Player, serving
from tests.library.manifest.sources.test_navidrome import music, row

ANNA = Account(user="anna", password="sesame ☂")
NIGHT: dict[str, Any] = {
    "id": "3xKq",
    "isDir": False,
    "title": "Night Bus",
    "artist": "Lo Tide • Anna",
    "album": "Harbour",
    "albumId": "al1",
    "track": 1,
    "year": 2019,
    "genre": "Dub",
    "genres": [{"name": "Dub"}, {"name": "Jazz"}],
    "moods": ["calm"],
    "bpm": 96,
    "comment": "",
    "duration": 245,
    "isrc": ["GB1", "GB2"],
    "musicBrainzId": "m-1",
    "artists": [{"id": "1", "name": "Lo Tide"}, {"id": "2", "name": "Anna"}],
    "albumArtists": [{"id": "1", "name": "Lo Tide"}],
    "displayAlbumArtist": "Lo Tide",
    "contributors": [{"role": "performer", "subRole": "cello", "artist": {"id": "3", "name": "Ben"}}],
    "replayGain": {"trackGain": -6.5},
    "path": "Lo Tide/Harbour/01 - Night Bus.flac",
    "suffix": "flac",
    "size": 11,
}


def song(title: str, path: str, **more: Any) -> dict[str, Any]:
    return {"id": title, "isDir": False, "title": title, "albumId": "al", "path": path, "suffix": path[-3:], **more}


def read(player: Player, tmp_path: Path, **options: Any) -> Manifest:
    with serving(player) as address:
        return read_manifest(address, tmp_path / "lib" / "audio", ManifestOptions(account=ANNA, **options))


def test_a_songs_fields_and_the_servers_id_are_kept(tmp_path: Path) -> None:
    with serving(Player(songs=[NIGHT])) as address:
        found = row(read_server(address, ManifestOptions(account=ANNA)), 0)
        assert (found.pop("id"), found.pop("audio")) == ("navidrome:3xKq", f"subsonic+{address}/rest/3xKq")
    assert found == {
        "navidrome_id": "3xKq",
        "title": "Night Bus",
        "artist": "Lo Tide • Anna",
        "artists": ["Lo Tide", "Anna"],
        "album": "Harbour",
        "albumartist": "Lo Tide",
        "tracknumber": 1,
        "year": 2019,
        "genre": ["Dub", "Jazz"],
        "mood": ["calm"],
        "bpm": 96,
        "length": 245,
        "isrc": ["GB1", "GB2"],
        "performer": ["Ben (cello)"],
        "musicbrainz_trackid": "m-1",
        "replaygain_track_gain": -6.5,
    }


def test_an_old_server_gives_what_the_first_protocol_has(tmp_path: Path) -> None:
    plain = song("A", "x/a.mp3", genre="Jazz", year=1999, bpm="fast", moods=None, contributors=[1, {"role": "x"}])
    with serving(Player(songs=[plain], kind="", searches_all=False)) as address:
        found = row(read_server(address, ManifestOptions(account=ANNA)), 0)
    assert found["subsonic_id"] == "A"
    assert (found["genre"], found["year"]) == (["Jazz"], 1999)


def test_real_paths_are_mapped_and_give_the_ids_of_the_folder(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "Ben/Hill.mp3", "b.mp3")
    player = Player(songs=[song("Hill", "/music/Ben/Hill.mp3"), song("b", "/music/b.mp3")])
    manifest = read(player, tmp_path, path_maps=(path_map(f"/music={here}"),))
    assert [(e.track_id, manifest.audio_root / e.path) for e in manifest.entries] == [
        ("Ben/Hill.mp3", here / "Ben" / "Hill.mp3"),
        ("b.mp3", here / "b.mp3"),
    ]
    assert manifest.audio_root == here
    assert "2 by path" in manifest.notes[0]


@pytest.mark.parametrize("folder", ["D:\\Music", "d:/music", "\\\\nas\\music"])
def test_a_server_on_windows_has_real_paths_too(tmp_path: Path, folder: str) -> None:
    here = music(tmp_path / "nas", "Ben/Hill.mp3", "Ben/Dale.mp3")
    mark = "\\" if "\\" in folder else "/"
    player = Player(songs=[song(name, f"{folder}{mark}Ben{mark}{name}.mp3") for name in ("Hill", "Dale")])
    manifest = read(player, tmp_path, path_maps=(path_map(f"{folder}={here}"),))
    assert sorted(entry.track_id for entry in manifest.entries) == ["Ben/Dale.mp3", "Ben/Hill.mp3"]
    assert not any("Report Real Path" in note for note in manifest.notes)
    written = f"{folder}{mark}Ben".replace("\\", "/")
    with pytest.raises(ManifestError, match=f"--path-map {re.escape(written)}=FOLDER"):
        read(player, tmp_path, audio_folders=(music(tmp_path / "other", "x.mp3"),))


def test_fields_that_a_server_has_and_a_song_has_not_are_none(tmp_path: Path) -> None:
    empty: dict[str, Any] = dict.fromkeys(("comment", "sortName", "musicBrainzId", "displayAlbumArtist"), "")
    empty |= {name: [] for name in ("genres", "moods", "isrc", "works", "movements", "groupings", "contributors")}
    empty |= {"bpm": 0, "year": 0, "track": 0, "replayGain": {}}
    with serving(Player(songs=[song("A", "x/a.mp3", **empty)])) as address:
        found = row(read_server(address, ManifestOptions(account=ANNA)), 0)
    assert found.keys() == {"id", "audio", "navidrome_id", "title"}
    full = {"works": [{"name": "Suite"}], "movements": [{"name": "Air"}], "groupings": ["x", "y"]}
    with serving(Player(songs=[song("A", "x/a.mp3", **full)])) as address:
        found = row(read_server(address, ManifestOptions(account=ANNA)), 0)
    assert (found["work"], found["movement"], found["grouping"]) == (["Suite"], ["Air"], ["x", "y"])


def test_where_paths_are_made_up_files_are_found_by_size_and_title(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "x/01 Night Bus.flac", "x/02 Other.flac")
    size = (here / "x" / "01 Night Bus.flac").stat().st_size
    player = Player(songs=[{**NIGHT, "size": size}, song("Gone", "Lo Tide/02 - Gone.flac", size=size)])
    manifest = read(player, tmp_path, audio_folders=(here,))
    assert manifest.entries[0].track_id == "x/01 Night Bus.flac"
    assert manifest.entries[1].track_id == "navidrome:Gone"
    assert manifest.entries[1].path.startswith("subsonic+http://127.0.0.1")
    assert "Report Real Path" in manifest.notes[2]


def test_a_file_of_the_same_name_elsewhere_or_of_the_same_size_alone_is_not_believed(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "Anna/Sea/01 - Intro.mp3", "Ben/Sky/01 - Intro.mp3")
    size = (here / "Anna/Sea/01 - Intro.mp3").stat().st_size
    songs = [
        song("Intro", "Zoe/Sun/01 - Intro.mp3", size=size + 1),
        song("Elsewhere", "Zoe/Sun/02 - Elsewhere.mp3", size=size),
        song("Sky intro", "Ben/Sky!/01 - Intro.mp3"),
    ]
    found = [entry.track_id for entry in read(Player(songs=songs), tmp_path, audio_folders=(here,)).entries]
    assert found == ["navidrome:Intro", "navidrome:Elsewhere", "Ben/Sky/01 - Intro.mp3"]


def test_a_path_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    music(tmp_path, "secret.mp3", "nas/a.mp3")
    songs = [song("secret", "../secret.mp3"), song("a", "a.mp3")]
    found = [e.track_id for e in read(Player(songs=songs), tmp_path, audio_folders=(tmp_path / "nas",)).entries]
    assert found == ["navidrome:secret", "a.mp3"]


def test_where_no_file_is_found_the_message_says_what_to_type(tmp_path: Path) -> None:
    here = music(tmp_path / "nas", "other.mp3")
    with pytest.raises(ManifestError, match="Report Real Path"):
        read(Player(songs=[NIGHT]), tmp_path, audio_folders=(here,))
    real = Player(songs=[song("Hill", "/music/Ben/Hill.mp3")])
    with pytest.raises(ManifestError, match="--path-map /music/Ben=FOLDER"):
        read(real, tmp_path, audio_folders=(here,))


def test_films_and_podcasts_are_no_tracks_and_a_short_list_is_said(tmp_path: Path) -> None:
    songs = [NIGHT, song("film", "f.mp4", isVideo=True), song("talk", "t.mp3", type="podcast")]
    manifest = read(Player(songs=songs, count=40), tmp_path, no_audio=True)
    assert len(manifest.entries) == 1
    assert manifest.entries[0].path == ""
    assert "it has 40 tracks; it listed 1" in manifest.notes[0]


def test_an_empty_server_and_one_without_an_account_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match="lists no tracks"):
        read(Player(songs=[]), tmp_path)
    with pytest.raises(ConfigError, match="wants a user and a password"):
        read_manifest("http://127.0.0.1:1", tmp_path / "audio")
