"""LMS's songs, asked of a stand-in that answers as its interface is described."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pytest

from antiphon.errors import LibraryError
from antiphon.library.players.songs import Song
from antiphon.library.players.sources.lms import songs_of_lms
from tests.helpers.players.web import Answer, answering


def title(number: int, url: str, **more: Any) -> dict[str, Any]:
    return {"id": number, "title": f"T{number}", "artist": "Ben", "artist_id": "3", "album": "Sky", "url": url, **more}


def lms(titles: list[dict[str, Any]], password: str = "") -> Any:
    signed = f"Basic {base64.b64encode(f'anna:{password}'.encode()).decode()}"

    def respond(path: str, _given: Mapping[str, str], body: Any, headers: Mapping[str, str]) -> Answer:
        if password and headers.get("Authorization") != signed:
            return 401, {}
        if path != "/jsonrpc.js":
            return 404, {}
        player, [command, start, count, tags] = body["params"]
        assert (body["method"], player, command, tags) == ("slim.request", "", "titles", "tags:alsu")
        page = titles[start : start + count]
        return 200, {"result": {"count": len(titles), **({"titles_loop": page} if page else {})}}

    return respond


def test_files_are_songs_and_streams_are_none() -> None:
    titles = [
        title(17, "file:///music/Ben/Hill%20%231.mp3"),
        title(-5, "spotify:track:x"),
        title(18, "file:///C:/M/a.mp3"),
    ]
    with answering(lms(titles)) as address:
        found = songs_of_lms(address)
    assert found.songs == [
        Song(id="17", known_as="17", path="/music/Ben/Hill #1.mp3", title="T17", artist="Ben", album="Sky"),
        Song(id="18", known_as="18", path="C:/M/a.mp3", title="T18", artist="Ben", album="Sky"),
    ]
    assert found.artists == {"3": "Ben"}
    assert found.player == "lms"


def test_all_pages_are_read() -> None:
    titles = [title(n, f"file:///m/{n}.mp3") for n in range(1, 1204)]
    with answering(lms(titles)) as address:
        assert [song.id for song in songs_of_lms(address).songs] == [str(n) for n in range(1, 1204)]
    with answering(lms([])) as address:
        assert songs_of_lms(address).songs == []


def test_a_protected_server_is_asked_with_a_password() -> None:
    with answering(lms([title(1, "file:///m/1.mp3")], password="sesame")) as address:
        assert len(songs_of_lms(address, user="anna", password="sesame").songs) == 1
        with pytest.raises(LibraryError, match="does not let this key or password in"):
            songs_of_lms(address)


def test_another_program_is_called_that_and_a_busy_one_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.library.players.sources.web.time.sleep", lambda _: None)
    with answering(lambda *_: (200, {"result": None})) as address, pytest.raises(LibraryError, match="as LMS does"):
        songs_of_lms(address)
    answers = iter([(503, {}), (200, {"result": {"count": "0"}})])
    with answering(lambda *_: next(answers)) as address:
        assert songs_of_lms(address).songs == []
