"""The client: signing, paging, and what a server's refusals are in words."""

from __future__ import annotations

import hashlib
import itertools
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.subsonic import pace, requests
from antiphon.library.subsonic.account import Account, is_server, server_address, song_address
from antiphon.library.subsonic.client import Subsonic, SubsonicError
from tests.helpers.players.subsonic import Player, serving
from tests.helpers.players.web import answering

ANNA = Account(user="anna", password="sesame ☂")


def songs(number: int) -> list[dict[str, Any]]:
    return [{"id": f"s{n}", "isDir": False, "title": f"T{n}", "albumId": f"a{n // 3}"} for n in range(number)]


def waits(_: float) -> None:
    return None


def test_every_request_is_signed_anew_and_the_password_is_never_sent() -> None:
    player = Player(songs=songs(2))
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        server.ping()
        server.ping()
    assert server.kind == "navidrome"
    assert [method for method, _ in player.asked] == ["ping", "ping"]
    assert len({given["s"] for _, given in player.asked}) == 2
    assert all({"u", "t", "s", "v", "c", "f"} == given.keys() for _, given in player.asked)
    for _, given in player.asked:
        assert (given["u"], given["v"], given["c"], given["f"]) == ("anna", "1.16.1", "antiphon", "json")
        assert len(given["s"]) >= 6
        assert given["t"] == hashlib.md5(f"sesame ☂{given['s']}".encode()).hexdigest()
    assert "sesame" not in repr(ANNA)


def test_a_key_takes_the_place_of_user_and_password() -> None:
    with serving(Player(songs=[], key="k1")) as address:
        Subsonic(address, Account(api_key="k1")).ping()


@pytest.mark.parametrize("page", [500, 7])
def test_all_songs_are_listed_also_where_a_server_gives_fewer_at_once(page: int) -> None:
    player = Player(songs=songs(1203), page=page)
    with serving(player) as address:
        found = [song["id"] for song in Subsonic(address, ANNA).songs()]
    assert found == [f"s{n}" for n in range(1203)]


def test_where_an_empty_search_gives_nothing_albums_are_walked() -> None:
    player = Player(songs=songs(10), searches_all=False, kind="")
    with serving(player) as address:
        found = [song["id"] for song in Subsonic(address, ANNA).songs()]
    assert found == [f"s{n}" for n in range(10)]
    assert sum(method == "getAlbum" for method, _ in player.asked) == 4


@pytest.mark.parametrize(
    ("code", "said"),
    [
        *((code, rf"refused 'ping' \(error {code}\): no") for code in (0, 10, 20, 30, 42, 43, 60, 70)),
        (40, "does not know 'anna', or the password is wrong: no"),
        (41, "cannot check tokens: no, and a password is not sent over http"),
        (44, "does not know this key: no"),
        (50, r"does not let 'anna' do that \(ping\): no"),
    ],
)
def test_each_of_the_protocols_numbers_has_its_words(code: int, said: str) -> None:
    error = {"code": code, "message": "no", "helpUrl": "http://help"}
    failed = {"subsonic-response": {"status": "failed", "version": "1.16.1", "error": error}}
    with answering(lambda *_: (200, failed)) as address, pytest.raises(SubsonicError, match=said) as caught:
        Subsonic(address, ANNA).ping()
    assert caught.value.code == code


def test_a_wrong_password_is_called_that() -> None:
    with serving(Player(songs=[])) as address, pytest.raises(SubsonicError, match="does not know 'anna', or") as caught:
        Subsonic(address, Account(user="anna", password="x")).ping()
    assert caught.value.code == 40


def test_a_password_is_not_sent_over_http_where_tokens_cannot_be_checked() -> None:
    player = Player(songs=[], tokens=False)
    with serving(player) as address, pytest.raises(SubsonicError, match="not sent over http"):
        Subsonic(address, ANNA).ping()
    assert all("p" not in given for _, given in player.asked)


def test_a_web_page_at_the_address_is_no_server() -> None:
    with serving(Player(songs=[])) as address, pytest.raises(LibraryError, match="answered with '<!doctype html>"):
        Subsonic(address.removesuffix("/music"), ANNA).ping()


def test_an_overloaded_server_is_asked_again_a_few_times() -> None:
    player = Player(songs=[], failing=[503, 429])
    with serving(player) as address:
        Subsonic(address, ANNA, wait=waits).ping()
        player.failing = [503] * 3
        with pytest.raises(LibraryError, match="overloaded or starting"):
            Subsonic(address, ANNA, wait=waits).ping()


@pytest.mark.parametrize(("status", "said"), [(404, "no Subsonic interface"), (401, "A proxy in front of it")])
def test_refusals_before_the_protocol_are_told_apart(status: int, said: str) -> None:
    with serving(Player(songs=[], failing=[status])) as address, pytest.raises(LibraryError, match=said):
        Subsonic(address, ANNA).ping()


def test_silence_ends_after_the_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with pytest.raises(LibraryError, match=r"did not answer for 0\.05 s"):
            Subsonic(address, ANNA, timeout=0.05, wait=waits).ping()


@contextmanager
def raw(*blocks: bytes, drip: bytes = b"", hangs: bool = False) -> Iterator[str]:
    """A server that sends these bytes to each who asks, whatever is asked, and closes.

    ``drip`` follows, again and again, until the caller has gone; one that ``hangs`` waits until then.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    with listener.accept()[0] as caller, suppress(OSError):
                        caller.recv(4096)
                        for block in blocks:
                            caller.sendall(block)
                        while drip:
                            caller.sendall(drip)
                            time.sleep(0.001)
                        while hangs and caller.recv(4096):
                            pass

        Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        OK + b"\r\n",
        b"HTTP/1.1 200",
        OK + b"X-Header: ",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;",
        OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: ",
        b"HTTP/1.1 302 Found\r\nLocation: /rest/ping\r\n\r\n",
    ],
    ids=["body", "status", "header", "chunk", "trailer", "redirect"],
)
def test_a_server_that_sends_a_byte_now_and_then_is_given_up_wherever_it_does(
    begun: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = itertools.count(step=5.0)
    monkeypatch.setattr(pace, "time", SimpleNamespace(monotonic=lambda: next(looks)))  # five seconds at every look
    with raw(begun, drip=b" ") as address, pytest.raises(LibraryError, match=r"sent \d+ bytes in"):
        Subsonic(address, ANNA, timeout=60, wait=waits).ping()


def test_a_server_that_never_answers_is_said_to_be_silent() -> None:
    with raw(hangs=True) as address, pytest.raises(LibraryError, match=r"did not answer for 0\.05 s"):
        Subsonic(address, ANNA, timeout=0.05, wait=waits).ping()


def test_an_answer_that_breaks_off_is_called_that() -> None:
    with raw(OK + b"Content-Length: 90\r\n\r\n{") as address, pytest.raises(LibraryError, match="broke off after 1 b"):
        Subsonic(address, ANNA, wait=waits).ping()


def test_an_answer_is_read_up_to_what_a_page_of_tracks_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.library.subsonic.requests.BLOCK", 1 << 20)
    with raw(OK + b"\r\n", *[b"[]," * (1 << 20)] * 6) as address, pytest.raises(LibraryError, match="more than 16 MB"):
        Subsonic(address, ANNA, wait=waits).ping()


def test_a_server_that_sends_us_to_no_address_is_told_in_words() -> None:
    there = b"HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\nContent-Length: 0\r\n\r\n"
    with raw(there) as address, pytest.raises(LibraryError, match="something that is no address"):
        Subsonic(address, ANNA, wait=waits).ping()


def test_tracks_without_an_id_are_counted_and_those_that_stand_twice_are_one() -> None:
    odd = [{"title": "none"}, {"id": None}, {"id": {"a": 1}}, {"id": "\ud800"}, {"id": ""}, {"id": True}, "text"]
    player = Player(songs=[*songs(2), *songs(2), *odd, {"id": 7}])
    with serving(player) as address:
        server = Subsonic(address, ANNA)
        assert [song["id"] for song in server.songs()] == ["s0", "s1", "7"]
    assert server.nameless == len(odd)


def test_a_list_without_an_end_is_left_where_it_is_surely_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.library.subsonic.client.GROWN", 4)
    with (
        serving(Player(songs=songs(11), count=3, page=5)) as address,
        pytest.raises(LibraryError, match="of 3 that it"),
    ):
        list(Subsonic(address, ANNA).songs())
    with serving(Player(songs=songs(10), count=3)) as address:
        assert len(list(Subsonic(address, ANNA).songs())) == 10


def test_nothing_there_and_no_tls_there_are_said() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # nobody else gets the port, and it is not listened at
        port = silent.getsockname()[1]
        with pytest.raises(LibraryError, match=f"Nothing answers at http://127.0.0.1:{port}"):
            Subsonic(f"http://127.0.0.1:{port}", ANNA).ping()
    with serving(Player(songs=[])) as address, pytest.raises(LibraryError, match=r"does not speak TLS.*\n.*http://127"):
        Subsonic(address.replace("http://", "https://"), ANNA).ping()


@pytest.mark.parametrize(
    ("typed", "address", "user"),
    [
        ("https://anna@music.example.com/navidrome/", "https://music.example.com/navidrome", "anna"),
        ("http://nas:4533/rest", "http://nas:4533", ""),
        ("HTTPS://NAS/app/", "https://nas", ""),
        ("http://[::1]:4533", "http://[::1]:4533", ""),
    ],
)
def test_addresses_are_taken_as_people_type_them(typed: str, address: str, user: str) -> None:
    assert is_server(typed)
    assert server_address(typed) == (address, user)


@pytest.mark.parametrize("typed", ["ftp://nas", "https://", "http://nas:port", "https://anna:secret@nas"])
def test_what_is_no_address_or_holds_a_password_is_refused(typed: str) -> None:
    with pytest.raises(ConfigError) as caught:
        server_address(typed)
    assert "secret" not in str(caught.value)


def test_the_address_of_a_song_says_nothing_of_who_asks() -> None:
    assert song_address("https://nas/music", "a/b c") == "subsonic+https://nas/music/rest/a%2Fb%20c"


def test_a_certificate_that_is_not_trusted_is_called_that() -> None:
    reason = ssl.SSLCertVerificationError(1, "certificate verify failed")
    reason.verify_message = "self-signed certificate"
    with pytest.raises(LibraryError, match=r"does not trust: self-signed certificate.*\n.*SSL_CERT_FILE"):
        raise requests.failure_of(reason, "https://nas", 1.0)
