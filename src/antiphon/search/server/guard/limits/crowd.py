"""How many requests are worked on at one time. Some more wait in turn; the rest are told to come again at once.

A queue without an end answers everybody late. Three kinds of work have places of their own, so that neither many who
listen nor many who search keep anybody from seeing whether the server lives. An address that sends no token has a share
of the places: one that asks much and takes its answers slowly, or not at all, keeps nobody else out.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque

from antiphon.search.server.callers import OWNER, ROLE
from antiphon.search.server.guard.asgi import App, Receive, Scope, Send, is_request, path_of
from antiphon.search.server.guard.callers.proxies import client_of
from antiphon.search.server.guard.limits.rates import counted_as
from antiphon.search.server.guard.refusals import Refusal, retry_after

SECONDS = 10.0
"""For which a request waits for its turn: longer than most plug-ins of players wait for an answer."""
WAITING = 4
"""Requests that wait, for each that is worked on."""
SHARE = 4
"""An address that sends no token has one of so many parts of the places."""
LIGHT = re.compile(r"/health|/metrics|/session|/api/health|/static/.*|/")
SOUND = re.compile(r"/v1/tracks/.*/audio", re.DOTALL)


class Lane:
    """The places of one kind of work. Who waits gets a place in turn.

    Counted by hand: a semaphore learns of a burst only when each of its requests has begun to wait.

    Parameters
    ----------
    places : requests that are worked on at one time.
    waiting : requests that may wait for a place.
    """

    def __init__(self, places: int, waiting: int) -> None:
        self._places, self._waiting = places, waiting
        self._turns: deque[asyncio.Future[None]] = deque()
        self.taken = 0

    def share(self) -> Lane:
        """A lane for one address, with a part of the places of this one."""
        return Lane(max(1, self._places // SHARE), self._waiting // SHARE)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has a place or waits for one."""
        return not self.taken and not self._turns

    async def take(self, seconds: float) -> bool:
        """Wait for a place; False where too many wait already, or none became free in time."""
        if self.taken < self._places:
            self.taken += 1
            return True
        if len(self._turns) >= self._waiting:
            return False
        turn = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await asyncio.wait_for(turn, seconds)
        except (TimeoutError, asyncio.TimeoutError):  # two classes before Python 3.11
            return False
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it had got a place in that very moment
                self.give()
            raise
        finally:
            if turn in self._turns:
                self._turns.remove(turn)
        return True

    def give(self) -> None:
        """Give a place back: to who has waited longest, or to who comes next."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                return turn.set_result(None)
        self.taken -= 1
        return None


class Crowd:
    """Lets so many requests through at one time.

    Parameters
    ----------
    places : requests that are worked on at one time.
    listeners : requests for sound that are answered at one time, beside them.
    """

    def __init__(self, app: App, *, places: int, listeners: int = 64, seconds: float = SECONDS) -> None:
        self._app, self._seconds = app, seconds
        self.work = Lane(places, WAITING * places)
        self.sound = Lane(listeners, 0)
        self._shares: tuple[dict[str, Lane], dict[str, Lane]] = ({}, {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        lane = self._lane(scope) if is_request(scope) else None
        if lane is None:
            return await self._app(scope, receive, send)
        taken: list[Lane] = []
        try:
            for each in self._lanes(scope, lane):
                if not await each.take(self._seconds):
                    message = "The server has more to do than it can."
                    headers = (retry_after(1),)
                    return await Refusal(status=503, type="crowd", message=message, headers=headers)(scope, send)
                taken.append(each)
            return await self._app(scope, receive, send)
        finally:
            for each in reversed(taken):
                each.give()
            self._forget_idle()

    def _lanes(self, scope: Scope, lane: Lane) -> tuple[Lane, ...]:
        """Where a request has to take a place, one after the other."""
        if scope.get(ROLE) == OWNER:
            return (lane,)
        address = counted_as(client_of(scope))
        return (self._shares[lane is self.sound].setdefault(address, lane.share()), lane)

    def _forget_idle(self) -> None:
        for shares in self._shares:
            for address in [address for address, share in shares.items() if share.is_idle]:
                del shares[address]

    def _lane(self, scope: Scope) -> Lane | None:
        path = path_of(scope)
        if LIGHT.fullmatch(path):
            return None
        return self.sound if SOUND.fullmatch(path) else self.work
