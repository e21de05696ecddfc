"""What all middlewares need of ASGI: its types, a request's headers, and an answer that is written whole.

Headers are bytes with lower-case names, as servers give them. A path is what routes see: without the prefix under which
a reverse proxy shows the server.

ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""


def value(scope: Scope, name: bytes) -> str | None:
    """The value of a header, read as Latin-1; None where it is absent. One that stands several times is joined by
    commas, as HTTP says, and so is none of the values that a check expects.
    """
    found = [text.decode("latin-1").strip() for given, text in scope["headers"] if given == name]
    return ", ".join(found) if found else None


def path_of(scope: Scope) -> str:
    """The path of a request below the server's own prefix, with its slash."""
    path, prefix = str(scope["path"]), str(scope.get("root_path") or "")
    if prefix and (path == prefix or path.startswith(f"{prefix}/")):
        return path[len(prefix) :] or "/"
    return path


def is_request(scope: Scope) -> bool:
    """Whether this is a request, and not the server's own start and end."""
    return bool(scope["type"] == "http")


async def answer(send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Write an answer whole."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
