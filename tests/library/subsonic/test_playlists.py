"""Playlists on a server: made, replaced, never doubled, never somebody else's."""

from __future__ import annotations

import pytest

from antiphon.errors import LibraryError
from antiphon.library.subsonic.account import Account
from antiphon.library.subsonic.client import Subsonic, SubsonicError
from antiphon.library.subsonic.playlists import write_playlist
from tests.helpers.players.subsonic import Player, serving
from tests.helpers.players.subsonic_playlists import Shelf

ANNA = Account(user="anna", password="sesame ☂")
SONGS = [{"id": f"s{n}", "title": f"T{n}"} for n in range(100)]
IDS = [song["id"] for song in SONGS]


@pytest.mark.parametrize("forms", [False, True])
def test_a_playlist_is_made_in_order_whatever_its_length(forms: bool) -> None:
    player = Player(songs=SONGS, forms=forms)
    with serving(player) as address:
        written = write_playlist(Subsonic(address, ANNA), "Évening", IDS, about="calm piano")
    [made] = player.shelf.playlists
    assert (made["name"], made["songs"], made["comment"]) == ("Évening", IDS, "Made by Antiphon: calm piano")
    assert (written.id, written.replaced, written.songs) == (made["id"], False, 100)
    adding = [given for method, given in player.asked if "songIdToAdd" in given]
    assert len(adding) == (0 if forms else 2)
    assert bool(player.posted) == forms


@pytest.mark.parametrize("says_id", [False, True])
def test_made_again_it_replaces_the_one_of_ours(says_id: bool) -> None:
    player = Player(songs=SONGS, shelf=Shelf(says_id=says_id))
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        first = write_playlist(server, "Evening", IDS[:60])
        again = write_playlist(server, "Evening", IDS[50:60])
    assert (again.id, again.replaced) == (first.id, True)
    [only] = player.shelf.playlists
    assert only["songs"] == IDS[50:60]


def test_a_server_that_keeps_no_comments_is_told_apart_by_ids() -> None:
    player = Player(songs=SONGS, shelf=Shelf(comments=False))
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        first = write_playlist(server, "Evening", IDS[:3])
        with pytest.raises(LibraryError, match="that Antiphon did not make"):
            write_playlist(server, "Evening", IDS[:2])
        assert write_playlist(server, "Evening", IDS[:2], known=[first.id]).replaced
    assert [each["songs"] for each in player.shelf.playlists] == [IDS[:2]]


def test_somebody_elses_playlist_is_neither_replaced_nor_in_the_way() -> None:
    bens = {"id": "b", "name": "Evening", "owner": "ben", "comment": "Made by Antiphon.", "songs": ["s9"]}
    smart = {"id": "r", "name": "Evening", "owner": "anna", "readonly": True, "songs": []}
    player = Player(songs=SONGS, shelf=Shelf(playlists=[bens, smart]))
    with serving(player) as address:
        assert not write_playlist(Subsonic(address, ANNA), "Evening", IDS[:2]).replaced
    assert [each["songs"] for each in player.shelf.playlists] == [["s9"], [], IDS[:2]]


def test_ones_own_playlist_of_the_name_stays_as_it_is() -> None:
    own = {"id": "a", "name": "Evening", "owner": "anna", "comment": "mine", "songs": ["s9"]}
    player = Player(songs=SONGS, shelf=Shelf(playlists=[own]))
    with serving(player) as address, pytest.raises(LibraryError, match=r"did not make: it is left .*\n.*--name NAME"):
        write_playlist(Subsonic(address, ANNA), "Evening", IDS[:2])
    assert own["songs"] == ["s9"]


def test_a_refusal_is_the_servers_own() -> None:
    player = Player(songs=SONGS, shelf=Shelf(playlists=[{"id": "b", "name": "Evening", "owner": "ben", "songs": []}]))
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        with pytest.raises(SubsonicError, match=r"refused 'createPlaylist' \(error 0\)"):
            server.write("createPlaylist", playlistId="b", songId=["s1"])
        with pytest.raises(SubsonicError, match="does not let 'anna' do that") as caught:
            server.write("updatePlaylist", playlistId="b", comment="x")
    assert caught.value.code == 50


def test_songs_that_were_lost_on_the_way_are_noticed() -> None:
    player = Player(songs=SONGS, shelf=Shelf(loses=1))
    with serving(player) as address, pytest.raises(LibraryError, match="98 songs in 'Evening' where 100 were sent"):
        write_playlist(Subsonic(address, ANNA), "Evening", IDS)


def test_what_writes_is_never_tried_twice() -> None:
    player = Player(songs=SONGS)
    with serving(player) as address:
        server = Subsonic(address, ANNA, wait=lambda _: None)
        assert server.takes_forms is False
        player.failing = [503]
        with pytest.raises(LibraryError, match="overloaded"):
            server.write("createPlaylist", name="x", songId=["s1"])
    assert [method for method, _ in player.asked].count("createPlaylist") == 1
