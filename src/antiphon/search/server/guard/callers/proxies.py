"""Where a request really comes from. What a proxy adds is believed of proxies that were named, and of nobody else.

Named proxies may say ``X-Forwarded-For`` (who asks), ``-Proto`` (how) and ``-Prefix`` (under which path the server
is shown).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from antiphon.errors import ConfigError
from antiphon.search.server.guard.asgi import App, Receive, Scope, Send, is_request, value
from antiphon.search.server.guard.hosts import address_of

PROXIED = "antiphon.proxied"
"""Where a request's scope notes that somebody passed it on, named or not."""
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via", b"x-forwarded-host", b"x-forwarded-proto")
_PREFIX = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class Proxies:
    """Gives a request that a named proxy passed on the address, scheme and prefix that the proxy says.

    Parameters
    ----------
    named : addresses or networks of proxies (``127.0.0.1``, ``172.16.0.0/12``).

    Raises
    ------
    ConfigError : one of them is none.
    """

    def __init__(self, app: App, *, named: Iterable[str] = ()) -> None:
        self._app = app
        self._named = [_network(proxy) for proxy in named]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if is_request(scope):
            scope[PROXIED] = any(name in FORWARDED for name, _ in scope["headers"])
            if scope[PROXIED] and self._trusts(client_of(scope)):
                self._believe(scope)
        return await self._app(scope, receive, send)

    def _trusts(self, address: str) -> bool:
        found = address_of(address)
        return found is not None and any(found in network for network in self._named)

    def _believe(self, scope: Scope) -> None:
        chain = [part.strip() for part in (value(scope, b"x-forwarded-for") or "").split(",")]
        if chain != [""]:
            scope["client"] = (self._first_stranger(chain), 0)
        if value(scope, b"x-forwarded-proto") in ("http", "https"):
            scope["scheme"] = value(scope, b"x-forwarded-proto")
        prefix = (value(scope, b"x-forwarded-prefix") or "").rstrip("/")
        if _PREFIX.fullmatch(prefix):
            scope["root_path"] = prefix

    def _first_stranger(self, chain: list[str]) -> str:
        """The last address of a chain that is no named proxy's: a stranger may have written what stands before it."""
        for address in reversed(chain):
            if not self._trusts(address):
                return address if address_of(address) is not None else "unknown"
        return chain[0]


def client_of(scope: Scope) -> str:
    """The address that a request comes from; "" where the server listens at no address."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _network(proxy: str) -> Network:
    try:
        return ipaddress.ip_network(proxy, strict=False)
    except ValueError as error:
        raise ConfigError(f"'{proxy}' is no address of a proxy.", fix="Write 127.0.0.1 or 172.16.0.0/12") from error
