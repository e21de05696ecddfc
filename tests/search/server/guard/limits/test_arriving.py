"""Requests that are too large or too slow: refused before anything works on them."""

from __future__ import annotations

import asyncio

import pytest

from antiphon.search.server.guard.asgi import Message, Receive, Scope, Send
from antiphon.search.server.guard.limits.body import Bodies
from antiphon.search.server.guard.limits.patience import ABORT, Patience
from antiphon.search.server.guard.limits.sizes import LARGEST_HEADERS, LONGEST_PATH, LONGEST_QUERY, MOST_HEADERS, Sizes
from tests.helpers.web.asgi import ask, fine, request


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/" + "x" * LONGEST_PATH, {}, 414),
        ("/?" + "x" * (LONGEST_QUERY + 1), {}, 414),
        ("/", {f"x-{number}": "1" for number in range(MOST_HEADERS)}, 431),
        ("/", {"x-long": "x" * LARGEST_HEADERS}, 431),
        ("/v1/tracks/a%00b", {}, 400),
        ("/" + "x" * (LONGEST_PATH - 1), {"x-long": "x" * 1000}, 200),
    ],
)
def test_an_address_and_headers_have_a_measure(path: str, headers: dict[str, str], status: int) -> None:
    assert ask(Sizes(fine), request("GET", path, headers)).status == status


def test_a_body_is_handed_on_whole() -> None:
    assert ask(Bodies(fine, most=10), request("POST"), [b"12345", b"", b"67890"]).body == b"10"


@pytest.mark.parametrize(
    "told", [{}, {"content-length": "3"}, {"content-length": "x"}, {"transfer-encoding": "chunked"}]
)
def test_a_body_that_is_too_large_is_refused_whatever_its_header_says(told: dict[str, str]) -> None:
    found = ask(Bodies(fine, most=10), request("POST", headers=told), [b"123456"] * 1000)
    assert (found.status, found.headers["connection"]) == (413, "close")


@pytest.mark.parametrize("told", ["11", "9" * 18])
def test_a_body_that_says_to_be_too_large_is_not_even_read(told: str) -> None:
    def unread() -> Receive:
        raise AssertionError("read")

    async def receive() -> Message:
        unread()
        return {}

    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Bodies(fine, most=10)(request("POST", headers={"content-length": told}), receive, send))
    assert sent[0]["status"] == 413


def test_a_body_that_drips_is_given_up_and_a_client_that_goes_is_not_answered() -> None:
    async def dripping() -> Message:
        await asyncio.sleep(0.005)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def statuses(receive: Receive) -> list[int]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        await Bodies(fine, most=10_000, seconds=0.02)(request("POST"), receive, send)
        return [message["status"] for message in sent if "status" in message]

    assert asyncio.run(statuses(dripping)) == [408]
    assert asyncio.run(statuses(gone)) == []


def test_a_client_that_does_not_take_its_answer_is_left() -> None:
    aborted: list[bool] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise AssertionError("went on")

    async def stuck(message: Message) -> None:
        await asyncio.sleep(60)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    scope = request(state={ABORT: lambda: aborted.append(True)})
    asyncio.run(Patience(app, seconds=0.01)(scope, receive, stuck))
    assert aborted == [True]
