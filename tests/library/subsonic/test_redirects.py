"""A signed request goes to the host that was named, and to no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from antiphon.errors import LibraryError
from antiphon.library.players.sources.lms import songs_of_lms
from antiphon.library.subsonic.account import Account
from antiphon.library.subsonic.client import Subsonic
from tests.helpers.players.subsonic import Player, serving
from tests.helpers.web.listening import listening

ANNA = Account(user="anna", password="sesame ☂")


@contextmanager
def sending_on(to: str) -> Iterator[str]:
    """A server that sends every request on to another address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", to + self.path)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the console."""

    with listening(Handler) as address:
        yield address


def test_another_path_or_port_of_the_same_host_is_followed() -> None:
    with serving(Player(songs=[])) as address, sending_on(address) as first:
        Subsonic(first, ANNA).ping()


def test_another_host_is_named_and_not_asked() -> None:
    player = Player(songs=[])
    refused = pytest.raises(LibraryError, match="sends us on to http://localhost")
    with serving(player) as address, sending_on(address.replace("127.0.0.1", "localhost")) as first, refused:
        Subsonic(first, ANNA).ping()
    assert player.asked == []


def test_the_address_to_name_is_the_servers_and_not_that_of_its_methods() -> None:
    with sending_on("https://nas.example.org/lms") as first, pytest.raises(LibraryError) as caught:
        songs_of_lms(first)
    assert caught.value.fix == "Name it: https://nas.example.org/lms"


def test_a_redirect_to_where_nothing_answers_is_told_with_where_it_leads() -> None:
    with sending_on("") as nobody:
        pass
    with sending_on(nobody) as first, pytest.raises(LibraryError) as caught:
        Subsonic(first, ANNA).ping()
    assert caught.value.problem == f"Nothing answers at {nobody}, where {first} sends us on to."
    assert "sesame" not in str(caught.value)


def test_what_answers_elsewhere_and_speaks_another_language_is_named_too() -> None:
    with running_page() as page, sending_on(page) as first, pytest.raises(LibraryError) as caught:
        Subsonic(first, ANNA).ping()
    assert caught.value.problem.startswith(f"{page}, where {first} sends us on to, does not speak")
    with pytest.raises(LibraryError, match=r"^Nothing answers at http://127\.0\.0\.1:1\."):  # the next has its own name
        Subsonic("http://127.0.0.1:1", ANNA).ping()


@contextmanager
def running_page() -> Iterator[str]:
    """A server that answers everything with a page."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>Sign in</html>")

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing on the console."""

    with listening(Handler) as address:
        yield address
