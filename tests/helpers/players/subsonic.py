"""A small server that speaks Subsonic's protocol as Navidrome and older servers do, in a thread."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.helpers.players.subsonic_playlists import SHELF, Answer, Lists, Shelf
from tests.helpers.web.listening import listening


@dataclass(kw_only=True)
class Player:
    """What a server holds, and how it behaves.

    Parameters
    ----------
    songs : as the protocol's ``Child`` objects.
    sounds : song id → bytes of its file.
    kind : what it calls itself; "" for servers from before OpenSubsonic.
    searches_all : whether an empty search gives everything.
    page : most songs of one answer, whatever is asked for.
    tokens : whether tokens can be checked (error 41 otherwise).
    key : accepted in place of user and password.
    failing : statuses that the next answers have in place of 200.
    """

    songs: list[Answer]
    sounds: dict[str, bytes] = field(default_factory=dict)
    kind: str = "navidrome"
    user: str = "anna"
    password: str = "sesame ☂"
    key: str = ""
    searches_all: bool = True
    page: int = 500
    tokens: bool = True
    count: int | None = None
    failing: list[int] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Methods with their parameters, in order."""
    shelf: Shelf = field(default_factory=Shelf)
    """Its playlists."""
    forms: bool = False
    """Whether it reads parameters that are sent by POST."""
    posted: int = 0

    def respond(self, method: str, given: dict[str, str], lists: Lists | None = None) -> Answer:
        """The object ``subsonic-response``."""
        about: Answer = {"status": "ok", "version": "1.16.1"}
        if self.kind:
            about |= {"type": self.kind, "serverVersion": "0.58.0", "openSubsonic": True}
        error = self.refusal(given)
        if error is not None:
            return about | {"status": "failed", "error": {"code": error, "message": f"refused with {error}"}}
        methods: dict[str, Callable[[dict[str, str]], Answer]] = {
            "ping": lambda _: {},
            "search3": self._search3,
            "getAlbumList2": self._albums,
            "getAlbum": self._album,
            "getSong": self._song,
            "getOpenSubsonicExtensions": lambda _: {
                "openSubsonicExtensions": [{"name": "formPost", "versions": [1]}] if self.forms else []
            },
            "getScanStatus": lambda _: {"scanStatus": {"scanning": False, "count": self.count or len(self.songs)}},
        }
        if method in SHELF:
            return about | self.shelf.respond(method, lists or {}, {song["id"]: song for song in self.songs}, self.user)
        if method not in methods:
            return about | {"status": "failed", "error": {"code": 0, "message": "unknown"}}
        return about | methods[method](given)

    def refusal(self, given: dict[str, str]) -> int | None:
        """The error that signing a request so has, None where it is in order."""
        if self.key and given.get("apiKey") == self.key:
            return None if "u" not in given else 43
        if given.get("u") != self.user:
            return 40
        if "p" in given:
            return None if bytes.fromhex(given["p"].removeprefix("enc:")).decode() == self.password else 40
        if not self.tokens:
            return 41
        expected = hashlib.md5((self.password + given.get("s", "")).encode()).hexdigest()
        return None if len(given.get("s", "")) >= 6 and given.get("t") == expected else 40

    def _search3(self, given: dict[str, str]) -> Answer:
        words = given.get("query", "").strip('"').casefold().split()
        one_letter = len("".join(words)) == 1  # to which Navidrome gives nothing
        if one_letter or not (words or self.searches_all):
            return {"searchResult3": {}}
        found = [song for song in self.songs if all(word in self._text(song) for word in words)]
        start, number = int(given.get("songOffset", 0)), min(int(given.get("songCount", 20)), self.page)
        return {"searchResult3": {"song": found[start : start + number]} if found[start:] else {}}

    def _text(self, song: Answer) -> str:
        return " ".join(str(song.get(name, "")) for name in ("title", "artist", "album")).casefold()

    def _albums(self, given: dict[str, str]) -> Answer:
        ids = list(dict.fromkeys(song["albumId"] for song in self.songs))
        start = int(given.get("offset", 0))
        return {"albumList2": {"album": [{"id": one, "name": one} for one in ids[start : start + int(given["size"])]]}}

    def _album(self, given: dict[str, str]) -> Answer:
        return {"album": {"song": [song for song in self.songs if song["albumId"] == given["id"]]}}

    def _song(self, given: dict[str, str]) -> Answer:
        found = next((song for song in self.songs if song["id"] == given.get("id")), None)
        if found is None:
            return {"status": "failed", "error": {"code": 70, "message": "not found"}}
        return {"song": found}


class _Handler(BaseHTTPRequestHandler):
    player: Player

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.player.posted += 1
        self._answer(body if self.player.forms else "")

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def _answer(self, query: str) -> None:
        url, lists = urlsplit(self.path), parse_qs(query, keep_blank_values=True)
        given = {name: values[-1] for name, values in lists.items()}
        method = url.path.removeprefix("/music").removeprefix("/rest/").removesuffix(".view")
        self.player.asked.append((method, given))
        if self.player.failing:
            self._send(self.player.failing.pop(0), b"busy", "text/plain")
            return
        if not url.path.startswith("/music/rest/"):
            self._send(200, b"<!doctype html><title>Welcome</title>", "text/html")
            return
        sound = self.player.sounds.get(given.get("id", "")) if method in ("stream", "download") else None
        if sound is not None and self.player.refusal(given) is None:
            self._send(200, sound, "audio/flac")
            return
        body = json.dumps({"subsonic-response": self.player.respond(method, given, lists)}).encode()
        self._send(200, body, "application/json")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on the console."""


@contextmanager
def serving(player: Player) -> Iterator[str]:
    """The server's address, below ``/music``, while it answers; at its root there is a web page."""
    handler = type("Handler", (_Handler,), {"player": player})
    with listening(handler) as address:
        yield f"{address}/music"
