"""How long a request's address and headers may be, before anything reads them."""

from __future__ import annotations

from antiphon.search.server.guard.asgi import App, Receive, Scope, Send, is_request
from antiphon.search.server.guard.refusals import Refusal, unread

LONGEST_PATH = 4 << 10
LONGEST_QUERY = 16 << 10
"""Bytes behind the ``?``; Subsonic's clients repeat ids there."""
LARGEST_HEADERS = 32 << 10
MOST_HEADERS = 100


class Sizes:
    """Refuses requests whose address or headers are too long."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        headers = scope["headers"]
        if len(scope.get("raw_path") or b"") > LONGEST_PATH or len(scope["query_string"]) > LONGEST_QUERY:
            return await _too_long(414, "address")(scope, send)
        if len(headers) > MOST_HEADERS or sum(len(name) + len(text) for name, text in headers) > LARGEST_HEADERS:
            return await _too_long(431, "header")(scope, send)
        if b"\x00" in (scope.get("raw_path") or b"") or "\x00" in scope["path"]:
            return await _no_address(scope, "holds a zero byte")(scope, send)
        if scope["path"].endswith("\n"):
            # The expressions of routes end in "$", which also stands before a last line break: "/metrics\n" would be
            # /metrics to its route, and nothing that is kept from guests to the guard.
            return await _no_address(scope, "ends in a line break")(scope, send)
        return await self._app(scope, receive, send)


def _no_address(scope: Scope, why: str) -> Refusal:
    message = f"The request's address {why}."
    return Refusal(status=400, type="address", message=message, headers=unread(scope))


def _too_long(status: int, what: str) -> Refusal:
    message = f"The request's {what} is too long."
    return Refusal(status=status, type="size", message=message, headers=((b"connection", b"close"),))
