"""How many requests a minute a client may make: a bucket of tokens that fills again, for each address.

Owners are not counted. A wrong token costs as much as many requests: guessing soon ends in waiting.
"""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

from antiphon.search.server.callers import OWNER, ROLE
from antiphon.search.server.guard.asgi import App, Receive, Scope, Send, is_request, path_of
from antiphon.search.server.guard.callers.identify import WRONG_TOKEN
from antiphon.search.server.guard.callers.proxies import client_of
from antiphon.search.server.guard.hosts import address_of
from antiphon.search.server.guard.refusals import Refusal, retry_after, unread

MOST_CLIENTS = 10_000
"""Addresses that are remembered; beyond them those go that have not asked for longest."""
SESSION = "/session"
GUESS = 20
"""What a wrong token costs, in requests."""


class Buckets:
    """A bucket a client.

    Parameters
    ----------
    rate : requests a minute, and how many of them may come at once.
    now : seconds of a clock that never goes back.
    """

    def __init__(self, rate: int, *, now: Callable[[], float] = time.monotonic, most: int = MOST_CLIENTS) -> None:
        self._rate, self._now, self._most = rate, now, most
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, cost: int = 1) -> float:
        """Take from a client's bucket; the seconds after which it may ask again, 0 for at once."""
        now = self._now()
        level, then = self._filled.get(client, (float(self._rate), now))
        level = min(float(self._rate), level + (now - then) * self._rate / 60)
        if level >= 1:
            self._keep(client, max(0.0, level - cost), now)
            return 0.0
        self._keep(client, level, now)
        return (1 - level) * 60 / self._rate

    def _keep(self, client: str, level: float, now: float) -> None:
        self._filled[client] = (level, now)
        self._filled.move_to_end(client)
        if len(self._filled) > self._most:
            self._filled.popitem(last=False)


class Rates:
    """Refuses a client that asks too often.

    Parameters
    ----------
    rate : requests a minute from one address; 0 for any number.
    """

    def __init__(self, app: App, *, rate: int, now: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._buckets = Buckets(rate, now=now) if rate > 0 else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if not is_request(scope) or self._buckets is None or scope.get(ROLE) == OWNER:
            return await self._app(scope, receive, send)
        seconds = self._buckets.wait(counted_as(client_of(scope)), _cost(scope))
        if seconds == 0:
            return await self._app(scope, receive, send)
        return await Refusal(
            status=429,
            type="rate",
            message="Too many requests from this address.",
            fix=f"Wait {seconds:.0f} seconds.",
            headers=(retry_after(seconds), *unread(scope)),
        )(scope, send)


def _cost(scope: Scope) -> int:
    """What a request takes from the bucket: a token that is typed into the page may be a guess as well."""
    typed = path_of(scope) == SESSION and scope["method"] == "POST"
    return GUESS if typed or scope.get(WRONG_TOKEN) else 1


def counted_as(client: str) -> str:
    """What stands for a client: its address, or of IPv6 the network of 64 bits that one subscriber has."""
    address = address_of(client)
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False).network_address)
    return str(address) if address is not None else client
