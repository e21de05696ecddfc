"""Who asks, and where they may go."""

from __future__ import annotations

import pytest

from antiphon.errors import ConfigError
from antiphon.search.server.callers import ROLE
from antiphon.search.server.guard.asgi import App
from antiphon.search.server.guard.callers.admit import Admit
from antiphon.search.server.guard.callers.identify import Identify
from antiphon.search.server.guard.callers.listening import require_safe_listening
from antiphon.search.server.guard.callers.proxies import Proxies
from antiphon.search.server.guard.callers.session import COOKIE, Sessions
from antiphon.search.server.guard.callers.tokens import Tokens
from tests.helpers.web.asgi import ELSEWHERE, HERE, Answer, ask, fine, request

TOKEN = "anna-0123456789-abcdef"
BEARER = {"authorization": f"Bearer {TOKEN}"}


def door(*tokens: str, listens: str = "127.0.0.1", guests: bool = False, hear: bool = True) -> App:
    known = Tokens(tokens)
    admit = Admit(fine, guests_hear=hear)
    return Proxies(Identify(admit, tokens=known, sessions=Sessions(known), listens=listens, guests=guests))


def role(app: App, path: str = "/v1/status", headers: dict[str, str] | None = None, client: str = HERE) -> object:
    return ask(app, request("GET", path, headers, client=client)).scope[ROLE]


def test_without_tokens_an_owner_is_who_asks_at_this_machine_itself() -> None:
    assert role(door()) == role(door(), client="::1") == "owner"
    assert role(door(), client=ELSEWHERE) is None
    assert role(door(listens="0.0.0.0", guests=True)) == "guest"  # containers' gateways have this address, too


@pytest.mark.parametrize(
    "headers", [{"x-forwarded-for": "127.0.0.1"}, {"via": "1.1 x"}, {"forwarded": "for=::1"}, {"host": "music.lan"}]
)
def test_what_somebody_passed_on_or_meant_for_another_name_does_not_come_from_here(headers: dict[str, str]) -> None:
    assert role(door(), headers=headers) is None
    assert role(door(guests=True), headers=headers) == "guest"


def test_a_token_makes_an_owner_wherever_it_comes_from() -> None:
    assert role(door(TOKEN), headers=BEARER, client=ELSEWHERE) == "owner"
    assert role(door(TOKEN)) is None
    assert role(door(TOKEN, guests=True)) == "guest"


def test_a_wrong_token_is_said_to_be_wrong_also_where_guests_may_ask() -> None:
    wrong = ask(door(TOKEN, guests=True), request("GET", "/v1/status", {"authorization": "Bearer wrong"}))
    assert (wrong.status, wrong.headers["www-authenticate"]) == (401, "Bearer")
    assert "none of the server's" in wrong.json()["error"]["message"]


def test_the_pages_session_is_an_owners() -> None:
    session = Sessions(Tokens([TOKEN])).begin(TOKEN)
    assert role(door(TOKEN), headers={"cookie": f"{COOKIE}={session}"}) == "owner"
    assert role(door(TOKEN), headers={"cookie": f"{COOKIE}={session}x"}) is None


def asked(method: str, path: str, **more: bool) -> Answer:
    return ask(door(TOKEN, guests=True, **more), request(method, path, client=ELSEWHERE))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/search"), ("POST", "/v1/path"), ("POST", "/v1/embeddings"), ("GET", "/v1/tracks/a/similar"),
        ("GET", "/api/similar_tracks"), ("POST", "/api/clap/search"), ("POST", "/rest/findSonicPath"),
        ("GET", "/v1/tracks/a/audio"),
    ],
)  # fmt: skip
def test_guests_ask(method: str, path: str) -> None:
    assert asked(method, path).status == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/playlists"), ("DELETE", "/v1/playlists/a"), ("PATCH", "/v1/playlists/a"),
        ("POST", "/v1/judgements"), ("POST", "/v1/jobs"), ("DELETE", "/v1/jobs/1"),
        ("GET", "/v1/jobs"), ("GET", "/metrics"), ("PUT", "/v1/search"), ("PATCH", "/v1/status"),
        ("POST", "/v1/anything/new"), ("POST", "/api/create_playlist"),
        ("POST", "/api/analysis/start"), ("GET", "/v1/jobs%0A"), ("MADEUP", "/v1/search"),
    ],
)  # fmt: skip
def test_only_owners_change_anything(method: str, path: str) -> None:
    found = asked(method, path)
    assert found.status == 403
    assert ask(door(TOKEN), request(method, path, BEARER, client=ELSEWHERE)).status == 200


@pytest.mark.parametrize("path", ["/v1/tracks/a/audio", "/v1/tracks/a%2Fb/audio", "/v1/tracks/a%0Ab/audio"])
def test_guests_hear_unless_the_owner_says_no(path: str) -> None:
    assert asked("GET", path).status == 200
    assert asked("GET", path, hear=False).status == 403


@pytest.mark.parametrize("path", ["/", "/health", "/static/app.js", "/session", "/rest/getOpenSubsonicExtensions.view"])
def test_what_asks_for_the_token_and_what_says_that_a_server_is_here_are_for_everybody(path: str) -> None:
    assert ask(door(TOKEN), request("GET", path, client=ELSEWHERE)).status == 200


@pytest.mark.parametrize(
    "path", ["/healthx", "/health%0A", "//", "/static", "/session/x", "/v1/status", "/openapi.json"]
)
def test_nothing_else_is(path: str) -> None:
    assert ask(door(TOKEN), request("GET", path, client=ELSEWHERE)).refused == "token"


def test_players_are_refused_in_their_own_words() -> None:
    for path in ("/api/similar_tracks", "/api/search_tracks"):
        found = ask(door(TOKEN), request("GET", path, client=ELSEWHERE))
        assert (found.status, found.json()) == (401, {"error": "This server wants a token."})
    for path in ("/rest/findSonicPath?c=x&f=json", "/rest/ping.view"):  # they refuse in the protocol's own numbers
        assert ask(door(TOKEN), request("POST", path, client=ELSEWHERE)).status == 200


def test_a_server_that_others_reach_has_to_be_told_who_may_ask() -> None:
    for host in ("0.0.0.0", "::", "192.168.1.5", "nas"):
        with pytest.raises(ConfigError, match="is not told who may"):
            require_safe_listening(host, tokens=(), guests=False, proxied=False)
        require_safe_listening(host, tokens=(), guests=True, proxied=True)
        require_safe_listening(host, tokens=(TOKEN,), guests=False, proxied=True)
    with pytest.raises(ConfigError, match="everybody would be an owner"):
        require_safe_listening("127.0.0.1", tokens=(), guests=False, proxied=True)
    require_safe_listening("127.0.0.1", tokens=(), guests=False, proxied=False)
