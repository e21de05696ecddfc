"""Jellyfin's songs, asked of a stand-in that answers as its interface is described."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.players.songs import Song
from antiphon.library.players.sources.jellyfin import songs_of_jellyfin
from tests.helpers.players.web import Answer, answering

KEY = "5ecret"
BEN = {"Name": "Ben", "Id": "B" * 32}
HILL = {
    "Id": "0A1B2C3D-0000-1111-2222-333344445555",
    "Name": "Hill",
    "Album": "Sky",
    "Artists": ["Ben", "Zoe"],
    "ArtistItems": [BEN, {"Name": "Zoe", "Id": "c" * 32}],
    "AlbumArtists": [BEN],
    "Path": "/media/Ben/Hill.mp3",
    "ProviderIds": {"MusicBrainzRecording": "m-1", "MusicBrainzTrack": "t-1"},
}


def jellyfin(items: list[dict[str, Any]], page: int = 500) -> Any:
    def respond(path: str, given: Mapping[str, str], _body: Any, headers: Mapping[str, str]) -> Answer:
        if headers.get("Authorization") != f'MediaBrowser Token="{KEY}"':
            return 401, {}
        if path != "/Items":
            return 404, {}
        assert (given["Recursive"], given["IncludeItemTypes"], given["Fields"]) == ("true", "Audio", "Path,ProviderIds")
        start = int(given["StartIndex"])
        return 200, {"Items": items[start : start + min(page, int(given["Limit"]))], "TotalRecordCount": len(items)}

    return respond


def test_songs_with_their_paths_and_artists() -> None:
    with answering(
        jellyfin([HILL, {"Id": "d" * 32, "Name": "Dale", "AlbumArtist": "Ben"}, {"Name": "no id"}])
    ) as address:
        found = songs_of_jellyfin(address + "/", KEY)
    known = {"path": "/media/Ben/Hill.mp3", "album": "Sky", "recording": "m-1"}
    own = "0a1b2c3d000011112222333344445555"
    assert found.songs == [
        Song(id=own, known_as=own, title="Hill", artist="Ben, Zoe", **known),
        Song(id="d" * 32, known_as="d" * 32, title="Dale", artist="Ben"),
    ]
    assert found.artists == {"b" * 32: "Ben", "c" * 32: "Zoe"}
    assert (found.player, found.source) == ("jellyfin", address)


@pytest.mark.parametrize("page", [500, 7])
def test_all_pages_are_read_also_where_they_are_short(page: int) -> None:
    items = [{"Id": f"{n:032x}", "Name": str(n)} for n in range(1003)]
    with answering(jellyfin(items, page)) as address:
        found = songs_of_jellyfin(address, KEY)
    assert [song.id for song in found.songs] == [item["Id"] for item in items]


def test_a_wrong_key_and_another_program_are_told_apart_and_the_key_is_never_shown() -> None:
    with answering(jellyfin([])) as address, pytest.raises(LibraryError, match="does not let this key") as caught:
        songs_of_jellyfin(address, "wrong-key")
    assert "wrong-key" not in str(caught.value)
    with answering(jellyfin([])) as address, pytest.raises(LibraryError, match=r"answer as Jellyfin does \(status 404"):
        songs_of_jellyfin(f"{address}/else", KEY)
    for sent in ([], {"Items": 3}):
        with answering(lambda *_, sent=sent: (200, sent)) as address, pytest.raises(LibraryError, match="as Jellyfin"):
            songs_of_jellyfin(address, KEY)
    with pytest.raises(ConfigError):
        songs_of_jellyfin("http://anna:pass@nas", KEY)
