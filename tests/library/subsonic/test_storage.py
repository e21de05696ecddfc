"""A server's sound as a storage: read with the environment's account, and only from the server that is named there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from antiphon.audio.address import describe_address, open_address
from antiphon.embed.sources import require_present, signatures
from antiphon.errors import AudioError, LibraryError
from antiphon.library.subsonic.account import song_address
from tests.helpers.players.subsonic import Player, serving

SONG: dict[str, Any] = {"id": "a/b", "title": "A", "albumId": "x", "size": 5, "created": "2024-05-03T10:00:00Z"}


@pytest.fixture
def player(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Player, str]]:
    there = Player(songs=[SONG], sounds={"a/b": b"RIFFx"})
    with serving(there) as address:
        for name, value in (("SERVER", f"{address}/"), ("USER", there.user), ("PASSWORD", there.password)):
            monkeypatch.setenv(f"ANTIPHON_SUBSONIC_{name}", value)
        monkeypatch.delenv("ANTIPHON_SUBSONIC_API_KEY", raising=False)
        yield there, address


def test_a_tracks_bytes_size_and_time_come_from_the_server(player: tuple[Player, str]) -> None:
    there, server = player
    address = song_address(server, "a/b")
    assert describe_address(address) == (5, "20240503T100000Z")
    with open_address(address) as stream:
        assert stream.read() == b"RIFFx"
    assert there.asked[-1][1]["format"] == "raw"
    assert signatures([address], storage=["subsonic+http"]) == ["5-20240503T100000Z"]


@pytest.mark.parametrize("size", ["large", None, -1, 1e999, {"bytes": 5}])
def test_a_size_that_is_none_does_not_make_a_track_unreadable(player: tuple[Player, str], size: object) -> None:
    player[0].songs = [{**SONG, "size": size}]
    assert describe_address(song_address(player[1], "a/b"))[0] == 1


def test_a_track_that_the_server_no_longer_has_is_missing(player: tuple[Player, str]) -> None:
    with pytest.raises(AudioError, match="is missing"):
        describe_address(song_address(player[1], "gone"))


def test_an_address_of_another_server_is_not_asked(player: tuple[Player, str], monkeypatch: pytest.MonkeyPatch) -> None:
    there, server = player
    monkeypatch.setenv("ANTIPHON_SUBSONIC_SERVER", "http://nas:4533")
    with pytest.raises(AudioError, match="not the server that ANTIPHON_SUBSONIC_SERVER names"):
        describe_address(song_address(server, "a/b"))
    monkeypatch.delenv("ANTIPHON_SUBSONIC_SERVER")
    with pytest.raises(AudioError, match=f"ANTIPHON_SUBSONIC_SERVER={server}"):
        describe_address(song_address(server, "a/b"))
    assert there.asked == []


def test_a_refusal_is_told_and_not_taken_for_sound(player: tuple[Player, str], monkeypatch: pytest.MonkeyPatch) -> None:
    there, server = player
    there.sounds.clear()
    with pytest.raises(AudioError, match="refused 'stream'"):
        open_address(song_address(server, "a/b"))
    monkeypatch.setenv("ANTIPHON_SUBSONIC_PASSWORD", "x")
    address = song_address(server, "a/b")
    with pytest.raises(LibraryError, match=r"1 of 1 sounds cannot be read.*the password is wrong"):
        require_present([address], signatures([address], storage=["subsonic+http"]))
    monkeypatch.delenv("ANTIPHON_SUBSONIC_PASSWORD")
    with pytest.raises(AudioError, match="wants a user and a password"):
        describe_address(address)
