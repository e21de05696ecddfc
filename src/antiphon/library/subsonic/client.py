"""A Subsonic server's methods, as far as they are asked for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from antiphon.errors import LibraryError
from antiphon.library.subsonic.account import Account, server_address
from antiphon.library.subsonic.requests import LARGEST, LARGEST_ANSWER, NotNow, answer_of, fetch

PAGE = 500
MOST = 1_000_000
"""Tracks of a server that are listed at most."""
GROWN = 10_000
"""Tracks beyond twice the number that a server says it has, from which its list has no end."""
TRIES = 3
SHOWN = 300
"""Characters of a server's own words that are shown."""
TIMEOUT = 30.0
WRONG_PASSWORD, NO_TOKENS, NO_PERMISSION, NOT_FOUND = 40, 41, 50, 70
AGAIN = "Type them again, as in the player; or set ANTIPHON_SUBSONIC_USER and ANTIPHON_SUBSONIC_PASSWORD."
Song = dict[str, Any]


class SubsonicError(LibraryError):
    """A server's own refusal.

    Parameters
    ----------
    code : Subsonic's number of it (40 wrong user or password, 50 not permitted, 70 not found …).
    """

    def __init__(self, problem: str, *, fix: str | None, code: int) -> None:
        super().__init__(problem, fix=fix)
        self.code = code


class Subsonic:
    """A server, asked as one user.

    Parameters
    ----------
    server : its address as one types it, with its path if it has one.
    account : who asks.
    timeout : seconds without a byte after which a request is given up.
    wait : sleeps between tries, seconds.

    Raises
    ------
    ConfigError : the address is none.
    """

    def __init__(
        self, server: str, account: Account, *, timeout: float = TIMEOUT, wait: Callable[[float], None] = time.sleep
    ) -> None:
        self.server, _ = server_address(server)
        self.kind = ""
        """What the server calls itself ("navidrome"), known after the first answer."""
        self.nameless = 0
        """Tracks and albums that the server listed without an id, by which alone it can be asked for them."""
        self.user = account.user
        """Who asks, "" for a key."""
        self._account, self._timeout, self._wait = account, timeout, wait
        self._plain = False

    def ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """The answer to one method.

        Parameters
        ----------
        parameters : of the method; a list is repeated, None is left out.

        Raises
        ------
        SubsonicError : the server refuses.
        LibraryError : it cannot be reached, or is no Subsonic server.
        """
        return self._understood(method, parameters, self._fetched(method, parameters)[0])

    def write(self, method: str, **parameters: object) -> dict[str, Any]:
        """The answer to a method that changes something: asked once, since a lost answer does not mean that nothing was
        done. Long lists need :attr:`takes_forms`: addresses have a length that servers refuse.

        Raises
        ------
        SubsonicError : the server refuses.
        LibraryError : it cannot be reached, or its answer was lost.
        """
        return self._understood(
            method, parameters, self._fetched(method, parameters, tries=1, post=self.takes_forms)[0]
        )

    @cached_property
    def takes_forms(self) -> bool:
        """Whether it reads parameters that are sent by POST (OpenSubsonic's ``formPost``)."""
        try:
            answer = self.ask("getOpenSubsonicExtensions")
        except LibraryError:  # from before OpenSubsonic
            return False
        said = answer.get("openSubsonicExtensions")
        known = said if isinstance(said, list) else []
        return any(isinstance(each, dict) and each.get("name") == "formPost" for each in known)

    def sound(self, song_id: str) -> bytes:
        """The bytes of a track's file, as they are on the server's disk.

        Raises
        ------
        SubsonicError : the server refuses, or has no such track.
        LibraryError : it cannot be reached.
        """
        asked: dict[str, object] = {"id": song_id, "format": "raw"}
        body, kind = self._fetched("stream", asked, LARGEST)
        if "json" in kind or "xml" in kind or kind.startswith("text/"):
            self._understood("stream", asked, body)
        return body

    def _understood(self, method: str, parameters: dict[str, object], body: bytes) -> dict[str, Any]:
        answer = answer_of(body, self.server)
        self.kind = str(answer.get("type") or self.kind)
        if answer.get("status") == "ok":
            return answer
        error = answer.get("error")
        code = error.get("code") if isinstance(error, dict) else None
        if code == NO_TOKENS and not self._plain and self.server.startswith("https://"):
            self._plain = True
            return self.ask(method, **parameters)  # nothing was done yet, so this may be one that writes
        said = " ".join(str(error.get("message") or "").split())[:SHOWN] if isinstance(error, dict) else ""
        raise self._refusal(method, code if isinstance(code, int) else 0, said)

    def ping(self) -> None:
        """Check address, user and password."""
        self.ask("ping")

    def songs(self) -> Iterator[Song]:
        """Every track, each once: through an empty search, which OpenSubsonic promises, else album by album.

        Raises
        ------
        LibraryError : the list has no end; otherwise as :meth:`ask`.
        """
        said = self.count()
        most = MOST if said is None else min(MOST, 2 * said + GROWN)
        for number, song in enumerate(self._songs()):
            if number == most:
                of = "" if said is None else f", of {said:,} that it says it has"
                raise LibraryError(f"{self.server} lists more than {most:,} tracks{of}.", fix="Check the server.")
            yield song

    def _songs(self) -> Iterator[Song]:
        found = False
        try:
            for song in self._pages("search3", "searchResult3", "song", query=""):
                found = True
                yield song
        except SubsonicError:  # older servers want words
            if found:
                raise
        if found:
            return
        seen: set[str] = set()
        for album in self._pages("getAlbumList2", "albumList2", "album", type="alphabeticalByName"):
            for song in self._named(listed(self.ask("getAlbum", id=album["id"]), "album", "song")):
                if song["id"] not in seen:
                    seen.add(song["id"])
                    yield song

    def count(self) -> int | None:
        """How many tracks the server says that it has; None where it does not say."""
        try:
            status = self.ask("getScanStatus").get("scanStatus")
        except LibraryError:
            return None
        count = status.get("count") if isinstance(status, dict) else None
        return count if isinstance(count, int) and count is not True and count >= 0 else None

    def _pages(self, method: str, answer: str, name: str, **parameters: object) -> Iterator[dict[str, Any]]:
        """All items of a method that answers in pages. A server may give fewer than it was asked for: only a page
        without anything new is the last.
        """
        offset, seen = 0, set[str]()
        while True:
            page = listed(self.ask(method, **parameters, **_page(method, offset)), answer, name)
            new = {item["id"]: item for item in self._named(page) if item["id"] not in seen}
            if not new:
                return
            seen |= new.keys()
            yield from new.values()
            offset += len(page)

    def _named(self, listed: list[Any]) -> list[dict[str, Any]]:
        """The items that have an id, which is a text; the others are counted."""
        named = [{**item, "id": id_} for item in listed if isinstance(item, dict) and (id_ := _id(item.get("id")))]
        self.nameless += len(listed) - len(named)
        return named

    def _fetched(
        self,
        method: str,
        parameters: dict[str, object],
        largest: int = LARGEST_ANSWER,
        *,
        tries: int = TRIES,
        post: bool = False,
    ) -> tuple[bytes, str]:
        url = f"{self.server}/rest/{method}.view"
        asked = {name: value for name, value in parameters.items() if value is not None}
        for tried in range(1, tries + 1):
            signed = urlencode({**asked, **self._account.signed(plain=self._plain)}, doseq=True)
            try:
                if post:
                    return fetch(url, self.server, self._timeout, largest, form=signed.encode())
                return fetch(f"{url}?{signed}", self.server, self._timeout, largest)
            except NotNow as reason:
                if tried == tries:
                    raise reason.error from reason
                self._wait(float(tried))
        raise AssertionError("unreachable")

    def _refusal(self, method: str, code: int, said: str) -> SubsonicError:
        shown = f": {said}" if said else "."
        user = self._account.user or "this key"
        problem, fix = {
            WRONG_PASSWORD: (f"{self.server} does not know '{user}', or the password is wrong{shown}", AGAIN),
            NO_TOKENS: (
                f"{self.server} cannot check tokens{shown}, and a password is not sent over http.",
                "Use its https address.",
            ),
            44: (f"{self.server} does not know this key{shown}", "Make a new one in the player."),
            NO_PERMISSION: (f"{self.server} does not let '{user}' do that ({method}){shown}", None),
        }.get(code, (f"{self.server} refused '{method}' (error {code}){shown}", None))
        return SubsonicError(problem, fix=fix, code=code)


def _page(method: str, offset: int) -> dict[str, int]:
    if method == "search3":
        return {"artistCount": 0, "albumCount": 0, "songCount": PAGE, "songOffset": offset}
    return {"size": PAGE, "offset": offset}


def listed(answer: dict[str, Any], outer: str, name: str) -> list[Any]:
    """The items of a list in an answer; one that is empty may be absent."""
    found = answer.get(outer)
    items = found.get(name) if isinstance(found, dict) else None
    return items if isinstance(items, list) else [] if items is None else [items]


def _id(value: object) -> str:
    """An id as text; "" for what cannot be sent back."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return "" if any("\ud800" <= letter <= "\udfff" for letter in text) else text
