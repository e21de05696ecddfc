"""The songs of Lyrion Music Server (LMS, once Logitech's), through its JSON-RPC interface (``/jsonrpc.js``).

Protocol: https://lyrion.org/reference/cli/introduction
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from antiphon.errors import LibraryError
from antiphon.library.players.importing import PlayerSongs
from antiphon.library.players.songs import Song
from antiphon.library.players.sources.web import PAGE, ask_json, text
from antiphon.library.subsonic.account import server_address
from antiphon.library.subsonic.requests import LMS_METHODS

LMS = "lms"
MOST = 1_000_000
TAGS = "tags:alsu"
"""What is asked of each song beside id and title: artist, album, the artist's id, address."""


def songs_of_lms(address: str, *, user: str = "", password: str = "") -> PlayerSongs:
    """All songs of a server that are files, and their artists.

    Parameters
    ----------
    user, password : where the server is protected by them.

    Raises
    ------
    LibraryError : it cannot be reached, refuses, or is no LMS.
    """
    server, _ = server_address(address)
    signed = base64.b64encode(f"{user}:{password}".encode()).decode()
    headers = {"Authorization": f"Basic {signed}"} if user else {}
    titles = [each for each in _titles(server, headers) if text(each.get("url")).startswith("file:")]
    artists = {
        str(each["artist_id"]): text(each.get("artist"))
        for each in titles
        if each.get("artist_id") and text(each.get("artist"))
    }
    return PlayerSongs(player=LMS, source=server, songs=[_song(each) for each in titles], artists=artists)


def _titles(server: str, headers: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    for start in range(0, MOST, PAGE):
        body = {"id": 1, "method": "slim.request", "params": ["", ["titles", start, PAGE, TAGS]]}
        answer = ask_json(f"{server}{LMS_METHODS}", server, "LMS", headers=headers, body=body)
        result = answer.get("result")
        if not isinstance(result, dict):
            raise LibraryError(f"{server} does not answer as LMS does.", fix="Give LMS's own address.")
        page = result.get("titles_loop")
        page = page if isinstance(page, list) else []
        yield from (each for each in page if isinstance(each, dict) and each.get("id"))
        if not page or start + PAGE >= _count(result):
            return


def _count(result: Mapping[str, Any]) -> int:
    """How many songs the server has; it may be written as a text."""
    try:
        return int(result.get("count") or 0)
    except (TypeError, ValueError):
        return 0


def _song(title: Mapping[str, Any]) -> Song:
    own = str(title["id"])
    return Song(
        id=own,
        known_as=own,
        path=_path(text(title.get("url"))),
        title=text(title.get("title")),
        artist=text(title.get("artist")),
        album=text(title.get("album")),
    )


def _path(url: str) -> str:
    """``file:///music/a%20b.mp3`` → ``/music/a b.mp3``; on Windows ``file:///C:/…`` → ``C:/…``."""
    path = unquote(urlsplit(url).path)
    return path[1:] if path[2:3] == ":" else path
