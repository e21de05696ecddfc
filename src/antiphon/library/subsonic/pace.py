"""Connections whose answer has to come at a pace: first lines, headers, sizes of chunks and all.

A socket's own timeout begins anew with every byte. A server that sends one now and then would hold a request for ever,
in its headers as in its body; so the time of a whole answer is counted here, where its bytes come out of the socket.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
import urllib.request
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

SLOWEST = 4 << 10
"""Bytes a second below which a server only pretends to answer."""


class TooSlowError(TimeoutError):
    """An answer came too slowly.

    Parameters
    ----------
    received, seconds : how much of it had come, in which time.
    """

    def __init__(self, received: int, seconds: float) -> None:
        super().__init__(f"{received} bytes in {seconds:.0f} s")
        self.received, self.seconds = received, seconds


class _Paced(io.RawIOBase):
    """The bytes of one answer, which may take the socket's timeout, and longer by what has come."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket, self._bytes = connected, connected.makefile("rb", buffering=0)
        self._timeout, self._started, self._received = connected.gettimeout(), time.monotonic(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what has come, at least a byte.

        Raises
        ------
        TooSlowError : what came before came too slowly.
        TimeoutError : nothing ever came.
        """
        if self._timeout is not None:
            left = self._timeout + self._received / SLOWEST - self._seconds()
            if left <= 0:
                raise TooSlowError(self._received, self._seconds())
            self._socket.settimeout(min(left, self._timeout))
        try:
            count = self._bytes.readinto(buffer)
        except TimeoutError as error:
            raise TooSlowError(self._received, self._seconds()) if self._received else error from None
        self._received += count or 0
        return count

    def _seconds(self) -> float:
        return time.monotonic() - self._started

    def close(self) -> None:
        self._bytes.close()
        super().close()


class _PacedSocket:
    """What an answer takes of its socket."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Paced(self._socket))


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *given: Any, **named: Any) -> None:
        super().__init__(_PacedSocket(sock), *given, **named)  # type: ignore[arg-type]


class _Plain(http.client.HTTPConnection):
    response_class = _Answer


class _Secure(http.client.HTTPSConnection):
    response_class = _Answer


class PacedHTTP(urllib.request.HTTPHandler):
    """Opens http addresses."""

    def http_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """As its base does."""
        return self.do_open(_Plain, req)


class PacedHTTPS(urllib.request.HTTPSHandler):
    """Opens https addresses; certificates are checked as Python does by default."""

    def https_open(self, req: urllib.request.Request) -> http.client.HTTPResponse:
        """As its base does."""
        return self.do_open(_Secure, req)
