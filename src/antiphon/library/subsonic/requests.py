"""One request to a server, and what its failures mean in words."""

from __future__ import annotations

import json
import socket
import ssl
import urllib.request
from collections.abc import Mapping
from contextvars import ContextVar
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit

from antiphon.errors import LibraryError
from antiphon.library.subsonic.pace import PacedHTTP, PacedHTTPS, TooSlowError

LARGEST = 256 << 20
"""Bytes of one sound file."""
LARGEST_ANSWER = 16 << 20
"""Bytes of any other answer; 500 tracks with lyrics and all have about one million."""
BLOCK = 1 << 18
ADDRESS = "Give the address that you type into the player, such as http://nas:4533, with its path if it has one."
NO_HEADERS: Mapping[str, str] = {}
TRANSIENT = frozenset({429, 502, 503, 504})
_SENT_ON: ContextVar[str] = ContextVar("sent_on", default="")
"""Where the last request was sent on to; "" for one that was answered, or not, where it was sent."""


class NotNow(Exception):  # noqa: N818 - not an error yet: it is tried again
    """A request that may succeed when it is repeated; ``error`` is what is said when it does not."""

    def __init__(self, error: LibraryError) -> None:
        super().__init__(str(error))
        self.error = error


class RefusedError(LibraryError):
    """A server answered with a status that is no success.

    Parameters
    ----------
    status : of HTTP.
    """

    def __init__(self, problem: str, *, fix: str | None, status: int) -> None:
        super().__init__(problem, fix=fix)
        self.status = status


LMS_METHODS = "/jsonrpc.js"
"""Where LMS is asked, below its address; Subsonic's methods are below ``/rest/``."""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a redirect only to the host that was named, and never from https to http."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        before, after = urlsplit(req.full_url), urlsplit(newurl)
        _SENT_ON.set(newurl.partition("?")[0].partition("/rest/")[0].removesuffix(LMS_METHODS))
        if req.data is not None:  # it would be sent on without what it says
            there = _SENT_ON.get()
            raise LibraryError(f"The server sends what is written to it on to {there}.", fix=f"Name it: {there}")
        if before.hostname != after.hostname or (before.scheme, after.scheme) == ("https", "http"):
            there = f"{after.scheme}://{after.netloc}"
            raise LibraryError(
                f"{before.scheme}://{before.netloc} sends us on to {there}, and the signed request was not sent there.",
                fix=f"If that is your server, name it: {there}",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _called(server: str) -> str:
    """A server in a message: by its address, and where it sends the last request on by that of the other one, too."""
    there = _SENT_ON.get()
    return f"{there}, where {server} sends us on to," if there and there != server else server


_OPENER = urllib.request.build_opener(_SameHost, PacedHTTP, PacedHTTPS)


def fetch(
    url: str,
    server: str,
    timeout: float,
    largest: int = LARGEST_ANSWER,
    *,
    form: bytes | None = None,
    headers: Mapping[str, str] = NO_HEADERS,
) -> tuple[bytes, str]:
    """The body of an answer, and its content type.

    Parameters
    ----------
    url : with the signed parameters; it is never shown.
    server : the address for messages.
    timeout : seconds without a byte, and of an answer that hardly comes (:mod:`antiphon.library.subsonic.pace`).
    largest : bytes that the body may have.
    form : what is sent by POST, as a web form where no header says otherwise; None for GET.
    headers : beside those of every request; they go to this host alone.

    Raises
    ------
    LibraryError : the server cannot be reached or is not trusted, or it sends more than that.
    RefusedError : it refuses.
    NotNow : it took too long, or is overloaded.
    """
    about = {"User-Agent": "antiphon", "Accept": "application/json, */*", **headers}
    request = urllib.request.Request(url, data=form, headers=about)
    _SENT_ON.set("")
    try:
        with _OPENER.open(request, timeout=timeout) as answer:
            return _body(answer, server, largest), str(answer.headers.get_content_type())
    except HTTPError as error:
        raise _of_status(error.code, server) from error
    except URLError as error:
        raise failure_of(error.reason, server, timeout) from error
    except (TimeoutError, ConnectionError, ssl.SSLError, HTTPException) as error:
        raise failure_of(error, server, timeout) from error
    except ValueError as error:  # of the address that it sends us on to; ours has been checked
        raise LibraryError(f"{server} sends us on to something that is no address.", fix=ADDRESS) from error


def _body(answer: HTTPResponse, server: str, largest: int) -> bytes:
    """All bytes of an answer."""
    blocks: list[bytes] = []
    received = 0
    while block := answer.read1(BLOCK):
        blocks.append(block)
        received += len(block)
        if received > largest:
            raise LibraryError(
                f"{_called(server)} answered with more than {largest >> 20} MB.", fix="Check the address."
            )
    if answer.length:  # what it promised to send after that
        raise NotNow(LibraryError(f"{_called(server)} broke off after {received:,} bytes.", fix="Try again later."))
    return b"".join(blocks)


def answer_of(body: bytes, server: str) -> dict[str, Any]:
    """The object ``subsonic-response`` of a JSON answer.

    Raises
    ------
    LibraryError : there is none: something else answers at this address.
    """
    try:
        found = json.loads(body)["subsonic-response"]
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LibraryError(
            f"{_called(server)} does not speak Subsonic's protocol: it answered with {_shown(body)}",
            fix=ADDRESS,
        )
    return found


def _of_status(code: int, server: str) -> Exception:
    if code in TRANSIENT:
        return NotNow(
            LibraryError(f"{_called(server)} is overloaded or starting (status {code}).", fix="Try again later.")
        )
    if code in (401, 403, 407):
        return RefusedError(
            f"{_called(server)} refuses before asking for the player's password (status {code}).",
            fix="A proxy in front of it wants a password of its own: let /rest pass through it, or use the address "
            "behind it.",
            status=code,
        )
    return RefusedError(f"{_called(server)} has no Subsonic interface there (status {code}).", fix=ADDRESS, status=code)


def failure_of(reason: object, server: str, timeout: float) -> Exception:
    """What is to be raised where no answer came.

    Parameters
    ----------
    reason : the system's own error.
    timeout : seconds that were waited.
    """
    named, there = _called(server), _SENT_ON.get() or server
    if isinstance(reason, ssl.SSLCertVerificationError):
        return LibraryError(
            f"{named} has a certificate that this machine does not trust: {reason.verify_message}.",
            fix="If it is your own, name the authority that signed it: SSL_CERT_FILE=/path/ca.pem antiphon …",
        )
    if isinstance(reason, ssl.SSLError):
        return LibraryError(
            f"{named} does not speak TLS: {reason.reason or reason}.",
            fix=f"If it is on your own network: {there.replace('https://', 'http://', 1)}",
        )
    if isinstance(reason, TooSlowError):
        slow = f"{named} sent {reason.received:,} bytes in {reason.seconds:.0f} s."
        return NotNow(LibraryError(slow, fix="Check the network, and that the server is not overloaded."))
    if isinstance(reason, TimeoutError):
        return NotNow(LibraryError(f"{named} did not answer for {timeout:g} s.", fix="Check that it runs; try again."))
    if isinstance(reason, socket.gaierror):
        return LibraryError(f"There is no host '{urlsplit(there).hostname}'.", fix="Check the address.")
    if isinstance(reason, ConnectionRefusedError):
        return LibraryError(f"Nothing answers at {named.rstrip(',')}.", fix="Check the port, and that the server runs.")
    other = " If it speaks TLS, its address begins with https." if there.startswith("http://") else ""
    return NotNow(LibraryError(f"{named} cannot be reached: {reason}.", fix=f"Check address and network.{other}"))


def _shown(body: bytes) -> str:
    text = " ".join(body[:200].decode("utf-8", "replace").split())
    return f"'{text[:60]}'." if text else "nothing."
