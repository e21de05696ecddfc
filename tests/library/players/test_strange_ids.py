"""Ids that hold what addresses are made of: they come back from the server as they went, and go to it unharmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.library.players.importing import import_ids
from antiphon.library.players.known import known_players
from antiphon.library.players.looking import look_up
from antiphon.library.players.sources.subsonic import songs_of_server
from antiphon.library.subsonic.account import Account, song_address
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.subsonic.playlists import write_playlist
from antiphon.library.subsonic.storage import server_of
from antiphon.library.tracks import Library, Track, save_library
from tests.helpers.players.subsonic import Player, serving

ANNA = Account(user="anna", password="sesame ☂")
STRANGE = ("a/b", "a%2Fb", "a+b", "a b", "x&id=y#z?", "夜/é", "../up", "%", 'q"uote', "so-7", "тест")
TITLES = {"U": "one letter", "1": "one digit", "Hill": "a word"}


def library(root: Path) -> Library:
    tracks = [Track(track_id=f"{n}.mp3", path=f"{n}.mp3", title=f"Song {n}", artist="Ben") for n in range(len(STRANGE))]
    return save_library(root, tracks, [], {"audio_root": "/nas"})


def test_ids_are_learnt_looked_up_and_written_as_they_are(tmp_path: Path) -> None:
    found = library(tmp_path / "lib")
    named = {"artist": "Ben", "albumId": "al"}
    songs = [{"id": each, "title": f"Song {n}", "path": f"/nas/{n}.mp3", **named} for n, each in enumerate(STRANGE)]
    player = Player(songs=songs, kind="gonic")
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        import_ids(found.root, songs_of_server(server))
        [ids] = known_players(Library(found.root))
        assert [ids.id_of(f"{n}.mp3") for n in range(len(STRANGE))] == list(STRANGE)
        assert [ids.track(each) for each in STRANGE] == [f"{n}.mp3" for n in range(len(STRANGE))]
        looked = look_up(server, Library(found.root), [f"{n}.mp3" for n in range(len(STRANGE))])
        assert (list(looked.ids.values()), looked.missing) == (list(STRANGE), [])
        for forms in (False, True):
            player.forms = forms
            write_playlist(Subsonic(address, ANNA), f"Évening {forms} & 50% / +", STRANGE)
    assert [each["songs"] for each in player.shelf.playlists] == [list(STRANGE)] * 2
    assert [each["name"] for each in player.shelf.playlists] == ["Évening False & 50% / +", "Évening True & 50% / +"]


def test_titles_of_one_letter_to_which_a_server_gives_nothing_are_found_with_their_artist(tmp_path: Path) -> None:
    tracks = [Track(track_id=f"{title}.mp3", title=title, artist="Ben") for title in TITLES]
    found = save_library(tmp_path / "lib", tracks, [], {})
    with serving(Player(songs=[{"id": f"s-{title}", "title": title, "artist": "Ben"} for title in TITLES])) as address:
        looked = look_up(Subsonic(address, ANNA), found, [f"{title}.mp3" for title in TITLES])
    assert looked.ids == {f"{title}.mp3": f"s-{title}" for title in TITLES}


def test_the_address_of_a_songs_sound_has_its_id_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SERVER": "https://nas/rest/music", "USER": "anna", "PASSWORD": "x"}.items():
        monkeypatch.setenv(f"ANTIPHON_SUBSONIC_{name}", value)
    for each in STRANGE:
        server, song_id = server_of(song_address("https://nas/rest/music", each))
        assert (server.server, song_id) == ("https://nas/rest/music", each)
