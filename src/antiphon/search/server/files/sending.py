"""Sending a sound file: whole or in part, piece by piece, and no longer than somebody listens.

One piece of it is in memory at a time. Disks are read in threads of their own, so that those who listen never wait
for those who search.
"""

from __future__ import annotations

import asyncio
import logging
from email.utils import formatdate

import anyio
from anyio.lowlevel import RunVar
from starlette.responses import Response

from antiphon.search.server.files.opening import Sound
from antiphon.search.server.files.ranges import (
    ByteRange,
    NoSuchPartError,
    known_already,
    part_of,
    quoted,
    still_the_same,
)
from antiphon.search.server.guard.asgi import Receive, Scope, Send, value
from antiphon.search.server.guard.limits.patience import ABORT

PIECE = 256 << 10
READERS = 8
"""Threads that read files at one time."""
_LOG = logging.getLogger("antiphon.server")
_READERS: RunVar[anyio.CapacityLimiter] = RunVar("antiphon.readers")


class SoundResponse(Response):
    """A sound file as an answer to GET and HEAD.

    Parameters
    ----------
    sound : the file; it is closed when it has been sent.
    """

    def __init__(self, sound: Sound) -> None:
        self._sound = sound
        self.status_code, self.background, self.body = 200, None, b""
        self.init_headers(
            {
                "content-type": sound.kind,
                "accept-ranges": "bytes",
                "etag": quoted(sound.tag),
                "last-modified": formatdate(sound.changed, usegmt=True),
                "cache-control": "private, no-cache",
                "content-disposition": "inline",
            }
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with self._sound.stream:
            part = self._part(scope)
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            if scope["method"] == "HEAD" or part.start == part.end:
                return await send({"type": "http.response.body", "body": b""})
            return await self._send(part, scope, receive, send)

    def _part(self, scope: Scope) -> ByteRange:
        """What is to be sent; status and headers come to say so."""
        sound, whole = self._sound, ByteRange(0, self._sound.size)
        if known_already(value(scope, b"if-none-match"), sound.tag):
            self.status_code = 304
            return ByteRange(0, 0)
        same = still_the_same(value(scope, b"if-range"), sound.tag, sound.changed)
        try:
            asked = part_of(value(scope, b"range") if same and scope["method"] == "GET" else None, sound.size)
        except NoSuchPartError:
            self.status_code = 416
            self.headers["content-range"], self.headers["content-length"] = f"bytes */{sound.size}", "0"
            return ByteRange(0, 0)
        part = asked or whole
        if asked is not None:
            self.status_code = 206
            self.headers["content-range"] = f"bytes {part.start}-{part.end - 1}/{sound.size}"
        self.headers["content-length"] = str(part.end - part.start)
        return part

    async def _send(self, part: ByteRange, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        place = part.start
        try:
            while place < part.end and not gone.done():
                piece = await _read(self._sound, place, min(PIECE, part.end - place))
                if not piece:
                    return _cut_short(scope)
                place += len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": place < part.end})
        finally:
            gone.cancel()
        return None


async def _read(sound: Sound, place: int, count: int) -> bytes:
    try:
        readers = _READERS.get()
    except LookupError:
        readers = anyio.CapacityLimiter(READERS)
        _READERS.set(readers)
    return await anyio.to_thread.run_sync(sound.read, place, count, limiter=readers)


async def _gone(receive: Receive) -> None:
    """Returns when whoever asked has gone: a server takes what is sent to nobody without a word."""
    while (await receive())["type"] != "http.disconnect":
        continue


def _cut_short(scope: Scope) -> None:
    """A file became shorter while it was sent: the promised length cannot be kept, and the connection ends."""
    _LOG.warning("A sound file became shorter while it was sent.")
    abort = (scope.get("state") or {}).get(ABORT)
    if abort is not None:
        abort()
