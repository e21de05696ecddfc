"""Bodies: read whole before anything works on them, so long and no longer, and within a time.

Routes then never wait for a slow client: it holds a connection and at most ``most`` bytes, and none of the places at
which work is done.
"""

from __future__ import annotations

import asyncio

from antiphon.search.server.guard.asgi import App, Message, Receive, Scope, Send, is_request, value
from antiphon.search.server.guard.refusals import CLOSE, Refusal

SECONDS = 20.0
"""In which a body has to have come."""


class _TooLargeError(Exception):
    """A body had more bytes than it may."""


class _GoneError(Exception):
    """Whoever asked has gone before all was said."""


class Bodies:
    """Reads each request's body, and hands it on in one piece.

    Parameters
    ----------
    most : bytes of a body, told beforehand or not.
    seconds : in which it has to have come.
    """

    def __init__(self, app: App, *, most: int, seconds: float = SECONDS) -> None:
        self._app, self._most, self._seconds = app, most, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        if _told(scope) > self._most:
            return await self._too_large()(scope, send)
        try:
            body = await asyncio.wait_for(self._read(receive), self._seconds)
        except _TooLargeError:
            return await self._too_large()(scope, send)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            return await self._too_slow()(scope, send)
        except _GoneError:
            return None
        return await self._app(scope, _handing_on(body, receive), send)

    async def _read(self, receive: Receive) -> bytes:
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise _GoneError
            body += message.get("body", b"")
            if len(body) > self._most:
                raise _TooLargeError
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> Refusal:
        message = f"A request's body may have {self._most:,} bytes, and this one has more."
        return Refusal(status=413, type="size", message=message, headers=(CLOSE,))

    def _too_slow(self) -> Refusal:
        message = f"The request's body did not come within {self._seconds:g} seconds."
        return Refusal(status=408, type="slow", message=message, fix="Send it again.", headers=(CLOSE,))


def _told(scope: Scope) -> int:
    """The bytes that a request says its body has; 0 where it does not say, or says what is no number."""
    text = value(scope, b"content-length") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0


def _handing_on(body: bytes, receive: Receive) -> Receive:
    """What gives the body once, and then what the client does: it goes, or it waits."""
    handed = False

    async def handing() -> Message:
        nonlocal handed
        if not handed:
            handed = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return handing
