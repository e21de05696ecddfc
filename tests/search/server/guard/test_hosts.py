"""The names under which a server answers: a page that points its own name here gets nothing."""

from __future__ import annotations

import pytest

from antiphon.search.server.guard.hosts import Hosts, host_of
from tests.helpers.web.asgi import ask, fine, request

OWN = ("127.0.0.1:8337", "localhost", "LOCALHOST:80", "[::1]:8337", "127.0.0.2", "antiphon.localhost", "localhost.")
NEIGHBOURS = ("192.168.1.5:8337", "[fe80::1]", "nas", "nas:8337", "nas.local", "music.internal", "x.home.arpa")
STRANGERS = (
    "evil.example",
    "evil.example:8337",
    "127.0.0.1.evil.example",
    "local.evil.example",
    "localhost.evil.example",
)
BROKEN = (
    "",
    "a b",
    "evil.example/x",
    "a@127.0.0.1",
    "[::1",
    "127.0.0.1, evil.example",
    "x" * 300,
    "[evil]",
    "1.2.3.4:x",
)


def status(host: str, *, listens: str = "127.0.0.1", told: tuple[str, ...] = ()) -> int:
    return ask(Hosts(fine, listens=listens, told=told), request(headers={"host": host})).status


@pytest.mark.parametrize("host", OWN)
def test_this_machine_is_known_by_its_own_names(host: str) -> None:
    assert status(host) == status(host, listens="0.0.0.0") == 200


@pytest.mark.parametrize("host", NEIGHBOURS)
def test_names_that_no_stranger_can_own_are_for_a_server_that_others_reach(host: str) -> None:
    assert status(host, listens="0.0.0.0") == 200
    assert status(host) == 421


@pytest.mark.parametrize("host", STRANGERS)
def test_a_name_that_a_stranger_may_own_is_refused_until_it_is_told(host: str) -> None:
    assert status(host) == status(host, listens="0.0.0.0") == status(host, listens="::") == 421
    assert status(host, told=(host.upper(),)) == 200


@pytest.mark.parametrize("host", BROKEN)
def test_what_is_no_name_is_refused_wherever_the_server_listens(host: str) -> None:
    assert host_of(host) is None
    assert status(host) == status(host, listens="0.0.0.0") == 400


def test_two_names_or_none_are_refused() -> None:
    scope = request()
    scope["headers"] = [(b"host", b"localhost"), (b"host", b"evil.example")]
    assert ask(Hosts(fine, listens="127.0.0.1"), scope).status == 400
    assert ask(Hosts(fine, listens="127.0.0.1"), {**request(), "headers": []}).status == 400


def test_the_refusal_says_how_the_name_becomes_the_servers_own() -> None:
    found = ask(Hosts(fine, listens="127.0.0.1"), request(headers={"host": "music.example.com"}))
    assert found.json()["error"]["fix"] == "If it is to be, start it with --allow-host music.example.com"


def test_the_name_that_a_server_listens_at_is_its_own() -> None:
    assert status("music.example.com", listens="music.example.com") == 200
