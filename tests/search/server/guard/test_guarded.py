"""The whole server behind its guard: sessions, refusals in front of every route, and what attackers try."""

from __future__ import annotations

import io
import logging
from base64 import b64encode
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from antiphon.errors import ConfigError
from antiphon.search.server.app import make_app
from antiphon.search.server.guard import chain
from antiphon.search.server.guard.callers.session import COOKIE
from antiphon.search.server.guard.limits.rates import Rates
from antiphon.search.server.guard.words import without_paths
from antiphon.search.server.served import Served
from antiphon.search.server.settings import Limits, ServerSettings
from tests.helpers.web.server import ELSEWHERE, asking, songs

TOKEN, OTHER = "owner-0123456789-abcdef", "another-0123456789-abcd"
OPEN = ServerSettings(host="0.0.0.0", tokens=(TOKEN, OTHER), guests=True, guests_hear=False)
CLOSED = ServerSettings(host="0.0.0.0", tokens=(TOKEN, OTHER))


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return songs(tmp_path_factory.mktemp("songs"))


@pytest.fixture
def stranger(library: Path) -> Iterator[TestClient]:
    with asking(library, CLOSED, ELSEWHERE) as found:
        yield found


@pytest.fixture
def guest(library: Path) -> Iterator[TestClient]:
    with asking(library, OPEN, ELSEWHERE) as found:
        yield found


def test_a_token_that_is_typed_once_makes_a_session_that_no_script_reads(stranger: TestClient) -> None:
    assert stranger.get("/session").json() == {"role": None}
    assert stranger.get("/v1/status").status_code == 401
    begun = stranger.post("/session", json={"token": OTHER})
    assert (begun.json(), stranger.get("/v1/status").json()["role"]) == ({"role": "owner"}, "owner")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(begun.headers["set-cookie"].split("; "))
    assert OTHER not in begun.headers["set-cookie"]
    stranger.delete("/session")
    assert stranger.get("/v1/status").status_code == 401


def test_a_wrong_token_begins_nothing(stranger: TestClient) -> None:
    refused = stranger.post("/session", json={"token": "wrong-0123456789-abcdef"})
    assert (refused.status_code, "set-cookie" in refused.headers) == (403, False)
    assert stranger.post("/session", json={"token": "x" * 10_000}).status_code == 422


@pytest.mark.parametrize("address", ["/metrics", "/v1/tracks/a%2Fone.wav/audio", "/v1/jobs", "/v1/playlists"])
def test_a_line_break_behind_an_address_opens_nothing(guest: TestClient, address: str) -> None:
    assert guest.get(address).status_code == 403
    assert guest.get(f"{address}%0A").status_code == 400


def test_a_page_of_another_site_cannot_use_a_session(stranger: TestClient) -> None:
    stranger.post("/session", json={"token": TOKEN})
    assert stranger.cookies.get(COOKIE)
    for headers in (
        {"origin": "http://evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:4533"},
    ):
        assert stranger.delete("/session", headers=headers).status_code == 403
        assert stranger.post("/v1/search", json={"query": "x"}, headers=headers).status_code == 403
    form = stranger.post("/session", content='{"token": "x"}', headers={"content-type": "text/plain"})
    assert form.status_code == 415


def test_a_name_that_points_here_is_refused_before_anything_else(library: Path) -> None:
    with asking(library) as owner:
        for path in ("/", "/health", "/v1/status", "/static/x", "/session"):
            found = owner.get(path, headers={"host": "evil.example:8337"})
            assert (found.status_code, found.json()["error"]["type"]) == (421, "host")


def test_owners_alone_see_the_counters_and_they_hold_no_query(
    guest: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "antiphon.access"):
        guest.post("/v1/search", json={"query": "very private words"})
        guest.get("/v1/tracks/a%2Fone.wav/similar", params={"words": "very private words"})
    assert guest.get("/metrics").status_code == 403
    found = guest.get("/metrics", headers={"authorization": f"Bearer {TOKEN}"})
    assert found.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert 'route="/v1/search",status="200"} 1' in found.text
    assert 'route="/v1/tracks/{track_id:anytext}/similar"' in found.text
    assert 'antiphon_refused_total{reason="guest"} 1' in found.text
    assert "private" not in found.text + caplog.text
    assert "a/one" not in found.text + caplog.text


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py", "/static/%2e%2e/app.py", "/static/..%2f..%2fapp.py",
        "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd", "/static//etc/passwd", "/static/..\\app.py",
        "/v1/tracks/..%2F..%2F..%2Fetc%2Fpasswd/audio", "/v1/tracks/%2Fetc%2Fpasswd/audio",
        "/v1/tracks/a%2Fone.wav%00.mp3/audio", "/v1/tracks/file:%2F%2F%2Fetc%2Fpasswd/audio",
    ],
)  # fmt: skip
def test_no_address_leads_out_of_the_library(library: Path, path: str) -> None:
    with asking(library) as owner:
        found = owner.get(path)
    assert found.status_code in (400, 404)
    assert b"root:" not in found.content
    assert b"make_app" not in found.content


def test_huge_bodies_and_deep_json_are_refused_in_words(library: Path) -> None:
    with asking(library, ServerSettings(limits=Limits(max_body=100_000))) as owner:
        huge = owner.post(
            "/v1/search", content=b'{"query": "' + b"x" * 200_000, headers={"content-type": "application/json"}
        )
        deep = owner.post("/v1/search", content=b"[" * 50_000, headers={"content-type": "application/json"})
        assert (huge.status_code, deep.status_code) == (413, 400)
        assert owner.post("/v1/search", json={"query": "x" * 50_000}).status_code == 422


def test_every_answer_has_the_security_headers_refusals_and_the_page_too(guest: TestClient) -> None:
    for path in ("/", "/health", "/v1/jobs", "/nowhere"):
        assert "frame-ancestors 'none'" in guest.get(path).headers["content-security-policy"]


def test_a_client_that_asks_too_often_is_told_when_to_come_again(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "Rates", partial(Rates, now=lambda: 100.0))
    settings = ServerSettings(host="0.0.0.0", guests=True, limits=Limits(rate=2))
    with asking(library, settings, ELSEWHERE) as guest:
        answers = [guest.get("/v1/tracks") for _ in range(3)]
    assert [found.status_code for found in answers] == [200, 200, 429]
    assert int(answers[2].headers["retry-after"]) == 30


def test_settings_that_let_strangers_in_make_no_server(library: Path) -> None:
    for settings in (
        ServerSettings(host="0.0.0.0"),
        ServerSettings(root_path="/antiphon"),
        ServerSettings(tokens=("short",)),
    ):
        with pytest.raises(ConfigError):
            make_app(Served(library), settings)


def test_errors_tell_guests_nothing_of_the_disk(library: Path) -> None:
    with asking(library, OPEN, ELSEWHERE) as guest, asking(library) as owner:
        for path in ("/v1/tracks/nowhere", "/v1/tracks/five/similar", "/v1/tracks/five/audio"):
            assert str(library.parent) not in guest.get(path).text
        asked = {"query": "x", "where": "nothing > 1"}
        assert str(library.parent) not in guest.post("/v1/search", json=asked).text
        assert owner.get("/v1/tracks/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/anna/My Music/index.json is damaged.", "… is damaged."),
        ("'/srv/lib' and \"/x/y z/w\": [Errno 2]", "'…' and \"…\": [Errno 2]"),
        (
            "No track 'a/one.wav'; see http://nas/a/b, 3/4, and/or.",
            "No track 'a/one.wav'; see http://nas/a/b, 3/4, and/or.",
        ),
    ],
)
def test_of_a_text_absolute_paths_alone_are_left_out(text: str, told: str) -> None:
    assert without_paths(text) == told


def test_the_page_of_the_interface_has_its_one_style_allowed_by_its_hash(library: Path) -> None:
    with asking(library) as owner:
        found = owner.get("/docs")
    style = found.text.partition("<style>")[2].partition("</style>")[0]
    digest = b64encode(sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in found.headers["content-security-policy"]


def test_a_page_of_an_origin_that_was_told_may_read_and_no_other(library: Path) -> None:
    told = ServerSettings(host="0.0.0.0", tokens=(TOKEN,), allowed_origins=("https://Music.example.com/",))
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type"}
    with asking(library, told, ELSEWHERE) as page:
        ours = {"origin": "https://music.example.com", "sec-fetch-site": "cross-site"}
        before = page.options("/v1/search", headers={**ours, **asked})
        assert (before.status_code, before.headers["access-control-allow-origin"]) == (200, ours["origin"])
        assert "access-control-allow-credentials" not in before.headers
        found = page.post("/v1/search", json={"query": "piano"}, headers={**ours, "authorization": f"Bearer {TOKEN}"})
        assert (found.status_code, found.headers["access-control-allow-origin"]) == (200, ours["origin"])
        other = page.options("/v1/search", headers={**asked, "origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers
    with asking(library) as owner:
        assert "access-control-allow-origin" not in owner.get("/health", headers={"origin": "null"}).headers


def test_a_server_with_limits_of_its_own_keeps_to_them(library: Path) -> None:
    with pytest.raises(ConfigError, match="max_k is 501: requests ask for 1 to 500"):  # more would change nothing
        Limits(max_k=501)
    with pytest.raises(ConfigError, match="max_query is 0"):
        Limits(max_query=0)
    with asking(library, ServerSettings(limits=Limits(max_k=5, max_query=10))) as owner:
        assert owner.post("/v1/search", json={"query": "piano", "k": 5}).status_code == 200
        refused = [
            owner.post("/v1/search", json={"query": "piano", "k": 6}),
            owner.post("/v1/search", json={"query": "calm piano in the rain", "k": 5}),
            owner.get("/v1/tracks/a%2Fone.wav/similar", params={"k": 6}),
            owner.post("/v1/path", json={"from": "a/one.wav", "to": "a/two.wav", "k": 6}),
        ]
        assert [(found.status_code, found.json()["error"]["type"]) for found in refused] == [(400, "ConfigError")] * 4


def test_what_quotes_a_question_is_told_to_who_asked_and_to_no_log(library: Path) -> None:
    said = "No track has title 'private words'."
    log = logging.StreamHandler(io.StringIO())
    logging.getLogger("antiphon").addHandler(log)
    try:
        with asking(library) as owner:
            found = owner.post("/v1/search", json={"query": "piano", "where": "title = 'private words'"}).json()
        logging.getLogger("antiphon.search").warning("Of no question.")
    finally:
        logging.getLogger("antiphon").removeHandler(log)
    assert [line for line in found["remarks"] if line.startswith(said)]
    assert log.stream.getvalue() == "Of no question.\n"
