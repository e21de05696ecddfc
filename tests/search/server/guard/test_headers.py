"""Headers that every answer has, and what is said of requests at which something failed."""

from __future__ import annotations

import logging

import pytest

from antiphon.search.server.guard.asgi import Receive, Scope, Send
from antiphon.search.server.guard.failures import Failures
from antiphon.search.server.guard.headers import POLICY, SECURITY, SecurityHeaders
from tests.helpers.web.asgi import ask, fine, request


def test_every_answer_gets_them_and_what_a_route_says_itself_stays() -> None:
    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"Cache-Control", b"max-age=60"), (b"content-security-policy", b"sandbox")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

    plain, own = ask(SecurityHeaders(fine), request()).headers, ask(SecurityHeaders(route), request()).headers
    assert {name.decode() for name, _ in SECURITY} <= plain.keys()
    assert (plain["cache-control"], own["Cache-Control"]) == ("no-store", "max-age=60")
    assert own["content-security-policy"] == "sandbox"


def test_scripts_and_styles_come_from_files_of_this_server_alone() -> None:
    assert "unsafe" not in POLICY
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(POLICY.split("; "))


def test_a_failure_is_in_the_log_and_not_in_the_answer(caplog: pytest.LogCaptureFixture) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("/home/anna/music")

    with caplog.at_level(logging.ERROR):
        found = ask(SecurityHeaders(Failures(failing)), request())
    assert (found.status, found.refused) == (500, "fault")
    assert b"anna" not in found.body
    assert "/home/anna/music" in caplog.text
    assert "content-security-policy" in found.headers


def test_half_an_answer_is_not_followed_by_another() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError("half")

    with pytest.raises(RuntimeError, match="half"):
        ask(Failures(failing), request())
