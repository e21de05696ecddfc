"""Clients that take their answer too slowly: each piece of it has a time in which it has to be taken."""

from __future__ import annotations

import asyncio
import logging

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request
from antiphon.search.server.guard.refusals import REFUSED

SECONDS = 60.0
"""For a piece of at most a quarter of a megabyte; a player that plays slowly takes one every few seconds."""
ABORT = "antiphon.abort"
"""Where the server's state holds what ends a connection without waiting for what is still to be sent."""
_LOG = logging.getLogger("antiphon.server")


class NotTakenError(Exception):
    """A client did not take a piece of its answer in time."""


class Patience:
    """Gives up a client that does not take its answer.

    Parameters
    ----------
    seconds : in which each piece of an answer has to be taken.
    """

    def __init__(self, app: App, *, seconds: float = SECONDS) -> None:
        self._app, self._seconds = app, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)

        async def in_time(message: Message) -> None:
            try:
                await asyncio.wait_for(send(message), self._seconds)
            except (TimeoutError, asyncio.TimeoutError) as error:  # two classes before Python 3.11
                raise NotTakenError from error

        try:
            await self._app(scope, receive, in_time)
        except NotTakenError:
            scope[REFUSED] = "slow"
            _LOG.info("A client did not take its answer within %g seconds, and was left.", self._seconds)
            abort = (scope.get("state") or {}).get(ABORT)
            if abort is not None:
                abort()
        return None
