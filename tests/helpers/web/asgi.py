"""Requests to an ASGI application without any server, and a tiny application to ask."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send

HERE, ELSEWHERE = "127.0.0.1", "192.0.2.7"
HOST = {"host": "127.0.0.1:8337"}


@dataclass(frozen=True)
class Answer:
    """What came back; ``status`` is 0 where nothing did."""

    status: int
    headers: dict[str, str]
    body: bytes
    scope: Scope

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def refused(self) -> str:
        """The word for why it was refused."""
        return str(self.json()["error"]["type"])


async def fine(scope: Scope, receive: Receive, send: Send) -> None:
    """An application that reads a body and answers with its length."""
    length, more = 0, True
    while more:
        message = await receive()
        length += len(message.get("body", b""))
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": str(length).encode()})


def request(
    method: str = "GET", path: str = "/", headers: dict[str, str] | None = None, *, client: str = HERE, **more: Any
) -> Scope:
    """A request's scope. A path may have a query; header names are as they come."""
    raw, _, query = path.partition("?")
    given = {**HOST, **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": unquote(raw),
        "raw_path": raw.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "scheme": "http",
        "headers": [(name.lower().encode(), text.encode("latin-1")) for name, text in given.items()],
        "client": (client, 50_000),
        "state": {},
        **more,
    }


def ask(app: App, scope: Scope, body: Iterable[bytes] = (b"",)) -> Answer:
    """What an application answers to a request whose body comes in these pieces."""
    return asyncio.run(asking(app, scope, body))


async def asking(app: App, scope: Scope, body: Iterable[bytes] = (b"",)) -> Answer:
    """As :func:`ask`, inside a loop."""
    pieces = list(body)
    sent: list[Message] = []

    async def receive() -> Message:
        if not pieces:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    starts = [message for message in sent if message["type"] == "http.response.start"]
    headers = {name.decode(): text.decode() for name, text in starts[0]["headers"]} if starts else {}
    data = b"".join(message.get("body", b"") for message in sent)
    return Answer(starts[0]["status"] if starts else 0, headers, data, scope)
