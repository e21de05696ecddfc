"""Counts every request, and writes a line about it: one JSON object, to the logger ``antiphon.access``.

A line is ``{"method", "route", "status", "ms", "role"}``. What was asked stands in none; at the level DEBUG the path
and the client's address do, for somebody who looks for a fault. Never a query, which holds words and tokens.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable

from antiphon.search.server.callers import ROLE
from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request, path_of
from antiphon.search.server.guard.callers.proxies import client_of
from antiphon.search.server.guard.refusals import REFUSED
from antiphon.search.server.guard.seen.counters import Counters

_ACCESS = logging.getLogger("antiphon.access")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GONE = 499
"""What is noted where a client went before it had an answer; no answer has it."""


class Observe:
    """Notes what came of each request.

    Parameters
    ----------
    counters : to count in.
    now : seconds of a clock that never goes back.
    """

    def __init__(self, app: App, *, counters: Counters, now: Callable[[], float] = time.perf_counter) -> None:
        self._app, self._counters, self._now = app, counters, now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        status = GONE

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
            await send(message)

        started = self._now()
        self._counters.running += 1
        try:
            await self._app(scope, receive, noting)
        finally:
            self._counters.running -= 1
            self._note(scope, status, self._now() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route, method = route_of(scope), _method(scope)
        self._counters.add(method, route, status, seconds, scope.get(REFUSED))
        line = {
            "method": method,
            "route": route,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "role": scope.get(ROLE),
        }
        if _ACCESS.isEnabledFor(logging.DEBUG):
            line |= {"path": path_of(scope), "client": client_of(scope)}
        _ACCESS.info("%s", json.dumps(line))


def route_of(scope: Scope) -> str:
    """The template of the route that answered; ``other`` where none did, or the request was refused before."""
    route = getattr(scope.get("route"), "path", None)
    if isinstance(route, str):
        return route
    return "/static" if path_of(scope).startswith("/static/") else "other"


def _method(scope: Scope) -> str:
    """The method of a request; a made-up one is no name for a counter."""
    return str(scope["method"]) if scope["method"] in METHODS else "OTHER"
