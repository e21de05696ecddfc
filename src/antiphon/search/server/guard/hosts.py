"""The names under which a server may be asked: DNS rebinding ends here.

A web page elsewhere can let its own name point to this machine, and its scripts then ask this server as if it were
the page's. What such a request cannot hide is that name, in the header ``Host``. So a name must be one that no
stranger can own: an address of numbers, ``localhost``, a name without a dot, a name that is not in the public DNS
(``.local``, ``.internal``, ``.home.arpa``); or one that the server was told. A server that listens to this machine
alone takes its own names alone.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from antiphon.search.server.guard.asgi import App, Headers, Receive, Scope, Send, is_request, value
from antiphon.search.server.guard.refusals import Refusal, unread

NOT_PUBLIC = (".local", ".localhost", ".internal", ".home.arpa")
"""Endings that nobody can register (RFC 6761, 6762, 8375, and ICANN's decision of 2024 on ``.internal``)."""
_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_PORT = re.compile(r":[0-9]{1,5}$")


def host_of(header: str) -> str | None:
    """The name or address in a ``Host`` header, lower case, without its port and brackets; None for what is none.

    >>> host_of("NAS.local:8337"), host_of("[::1]:80"), host_of("a b")
    ('nas.local', '::1', None)
    """
    bare = _PORT.sub("", header.strip()).lower().rstrip(".")
    if bare.startswith("[") and bare.endswith("]"):
        return bare[1:-1] if address_of(bare[1:-1]) is not None else None
    return bare if len(bare) <= 253 and _NAME.fullmatch(bare) else None


def address_of(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """A host as an address of numbers; None for a name."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def is_loopback(host: str) -> bool:
    """Whether a host is this machine as it calls itself."""
    address = address_of(host)
    return address.is_loopback if address is not None else host == "localhost" or host.endswith(".localhost")


class Hosts:
    """Refuses a request that addresses the server by a name that is not its own.

    Parameters
    ----------
    listens : the address or name that the server listens at.
    told : further names of it.
    """

    def __init__(self, app: App, *, listens: str, told: Iterable[str] = ()) -> None:
        self._app = app
        self._private = is_loopback(listens)
        self._told = {name for name in (host_of(told_name) for told_name in (listens, *told)) if name is not None}

    def knows(self, host: str) -> bool:
        """Whether the server answers to a name."""
        if host in self._told or is_loopback(host):
            return True
        return not self._private and (address_of(host) is not None or "." not in host or host.endswith(NOT_PUBLIC))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope):
            return await self._app(scope, receive, send)
        host = host_of(value(scope, b"host") or "")
        if host is not None and self.knows(host):
            return await self._app(scope, receive, send)
        return await _refusal(host, unread(scope))(scope, send)


def _refusal(host: str | None, headers: Headers) -> Refusal:
    if host is None:
        word = "The request names no server in its header Host."
        return Refusal(status=400, type="host", message=word, headers=headers)
    return Refusal(
        status=421,
        type="host",
        message=f"This server is not called '{host}'.",
        fix=f"If it is to be, start it with --allow-host {host}",
        headers=headers,
    )


def same_place(origin: str, host_header: str) -> bool:
    """Whether an ``Origin`` header names the host and port of a ``Host`` header; both leave out a scheme's own port."""
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host_header.strip().lower()
