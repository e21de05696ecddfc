"""Ids out of a server that speaks Subsonic's protocol."""

from __future__ import annotations

from antiphon.library.players.songs import Song
from antiphon.library.players.sources.subsonic import songs_of_server
from antiphon.library.subsonic.account import Account
from antiphon.library.subsonic.client import Subsonic
from tests.helpers.players.subsonic import Player, serving

HILL = {
    "id": "3xKq",
    "title": "Hill",
    "artist": "Ben • Zoe",
    "artistId": "ar1",
    "artists": [{"id": "ar1", "name": "Ben"}, {"id": "ar2", "name": "Zoe"}],
    "albumArtists": [{"id": "ar3", "name": "Various"}, {"name": "no id"}],
    "album": "Sky",
    "musicBrainzId": "m-1",
    "path": "/music/Ben/Hill.mp3",
}


def test_songs_and_artists_of_a_server() -> None:
    film = {"id": "film", "title": "Film", "isVideo": True}
    with serving(Player(songs=[HILL, film, {"id": 7}], kind="Ampache")) as address:
        found = songs_of_server(Subsonic(address, Account(user="anna", password="sesame ☂")))
    whole = Song(
        id="3xKq",
        known_as="3xKq",
        path="/music/Ben/Hill.mp3",
        title="Hill",
        artist="Ben • Zoe",
        album="Sky",
        recording="m-1",
    )
    assert found.songs == [whole, Song(id="7", known_as="7")]
    assert found.artists == {"ar1": "Ben", "ar2": "Zoe", "ar3": "Various"}
    assert (found.player, found.source) == ("ampache", address)
