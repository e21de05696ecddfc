"""Connections: how many there may be, and how long a request's first lines may take.

uvicorn ends a connection that is idle *between* two requests, and one whose first lines have more than some thousand
bytes. It has no time limit for those lines: clients that send a byte now and then ("slowloris") keep theirs for ever,
and with it a file descriptor. This closes both gaps. Where all places are taken, who has said nothing whole for longest
makes room: a flood of connections that only wait keeps nobody out. Bodies and answers have limits of their own
(``limits/``); yet where all places are taken, one whose body does not come goes, too.
"""

from __future__ import annotations

import asyncio
import functools
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from antiphon.search.server.guard.limits.patience import ABORT
from antiphon.search.server.guard.limits.sizes import LARGEST_HEADERS, LONGEST_PATH, LONGEST_QUERY

HEAD_SECONDS = 10.0
"""In which a request's first line and headers have to have come."""
IDLE_SECONDS = 130
"""For which a connection is kept between two requests.

Longer than reverse proxies keep theirs (nginx 60 s, Traefik 90, Caddy 120): the side that sends must be the one that
hangs up, or now and then a request meets a connection that was closed a moment ago, and a proxy may not send a POST
twice.
"""
MOST = 512
"""Connections at one time; a process may have 1,024 files open on most systems."""


class Connection(H11Protocol):
    """One connection, with a time for each request's first lines.

    Parameters
    ----------
    head_seconds, most : as the constants of this module.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        *,
        head_seconds: float = HEAD_SECONDS,
        most: int = MOST,
    ) -> None:
        super().__init__(config, server_state, dict(app_state), _loop)
        self._head_seconds, self._most = head_seconds, most
        self._deadline: asyncio.TimerHandle | None = None
        self._silent_since = self.loop.time()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; where there are too many, somebody who only waits makes room, or else this one goes."""
        super().connection_made(transport)
        self.app_state[ABORT] = transport.abort
        if len(self.connections) > self._most:
            others = (each for each in self.connections if isinstance(each, Connection) and each.is_waited_for)
            min(others, key=lambda each: each._silent_since, default=self).transport.abort()
        self._watch()

    @property
    def is_silent(self) -> bool:
        """Whether no request of this connection is being read or answered."""
        return self.conn.their_state is h11.IDLE and not self.transport.is_closing()

    @property
    def is_waited_for(self) -> bool:
        """Whether the server has nothing to do for this connection: neither request nor body has come to its end."""
        return self.conn.their_state in (h11.IDLE, h11.SEND_BODY) and not self.transport.is_closing()

    def data_received(self, data: bytes) -> None:
        """Take what came; a request whose first lines are not complete has the time that is left."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Wait for the next request."""
        super().on_response_complete()
        self._silent_since = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._unwatch()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if not self.is_silent:
            self._unwatch()
        elif self._deadline is None and self.timeout_keep_alive_task is None:
            self._deadline = self.loop.call_later(self._head_seconds, self.transport.abort)

    def _unwatch(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None


def uvicorn_options(*, head_seconds: float = HEAD_SECONDS, most: int = MOST) -> dict[str, Any]:
    """What a server has to be started with so that the guard holds: ``uvicorn.Config(app, **uvicorn_options())``.

    uvicorn's own access log writes queries and tokens, and its own trust in ``X-Forwarded-For`` goes to everybody on
    this
    machine: both are off; the guard does both.
    """
    return {
        "http": functools.partial(Connection, head_seconds=head_seconds, most=most),
        "ws": "none",
        "access_log": False,
        "proxy_headers": False,
        "server_header": False,
        "timeout_keep_alive": IDLE_SECONDS,
        "h11_max_incomplete_event_size": LARGEST_HEADERS + LONGEST_PATH + LONGEST_QUERY,
    }
