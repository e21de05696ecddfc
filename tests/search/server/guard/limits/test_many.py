"""Many requests: a client that asks too often waits, and a crowd is told so at once."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from antiphon.search.server.callers import ROLE
from antiphon.search.server.guard.asgi import Receive, Scope, Send
from antiphon.search.server.guard.callers.identify import WRONG_TOKEN
from antiphon.search.server.guard.limits.crowd import WAITING, Crowd
from antiphon.search.server.guard.limits.rates import GUESS, Buckets, Rates, counted_as
from tests.helpers.web.asgi import Answer, ask, asking, fine, request


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_a_minutes_requests_may_come_at_once_and_then_one_at_a_time() -> None:
    clock = Clock()
    app = Rates(fine, rate=30, now=clock)
    assert [ask(app, request()).status for _ in range(31)] == [200] * 30 + [429]
    refused = ask(app, request())
    assert (refused.headers["retry-after"], refused.refused) == ("2", "rate")
    clock.at += 2
    assert [ask(app, request()).status for _ in range(2)] == [200, 429]
    clock.at += 3600
    assert [ask(app, request()).status for _ in range(31)].count(200) == 30  # no more than a minute's is saved up


def test_each_address_has_its_own_and_owners_are_not_counted() -> None:
    app = Rates(fine, rate=1, now=Clock())
    assert [ask(app, request(client=f"192.0.2.{number}")).status for number in (1, 2, 1)] == [200, 200, 429]
    assert ask(app, request(client="192.0.2.1", **{ROLE: "owner"})).status == 200
    assert [ask(Rates(fine, rate=0), request()).status for _ in range(5)] == [200] * 5


def test_guessing_tokens_soon_ends_in_waiting() -> None:
    for guess in (request(**{WRONG_TOKEN: True}), request("POST", "/session")):
        app = Rates(fine, rate=600, now=Clock())
        assert [ask(app, guess).status for _ in range(40)].count(200) == 600 // GUESS


def test_a_subscribers_addresses_are_one_client() -> None:
    assert counted_as("2001:db8:1:2:3::4") == counted_as("2001:db8:1:2:ffff::9") == "2001:db8:1:2::"
    assert counted_as("::ffff:192.0.2.1") == counted_as("192.0.2.1") == "192.0.2.1"
    assert counted_as("unknown") == "unknown"


def test_what_is_remembered_of_addresses_has_an_end() -> None:
    buckets = Buckets(1, now=Clock(), most=3)
    for number in range(1000):
        buckets.wait(f"client {number}")
    assert len(vars(buckets)["_filled"]) == 3
    assert buckets.wait("client 999") > 0


owners = partial(request, **{ROLE: "owner"})


class Work:
    """An application that answers when it is let go."""

    def __init__(self) -> None:
        self.running, self.most, self.go = 0, 0, asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.running += 1
        self.most = max(self.most, self.running)
        await self.go.wait()
        self.running -= 1
        await fine(scope, receive, send)


def crowd(paths: list[str], *, seconds: float = 10.0, release: bool = True) -> tuple[list[Answer], Work]:
    async def run() -> tuple[list[Answer], Work]:
        work = Work()
        app = Crowd(work, places=2, listeners=1, seconds=seconds)
        tasks = [asyncio.create_task(asking(app, owners("GET", path))) for path in paths]
        while not all(task.done() for task in tasks[2 + 2 * WAITING :]):
            await asyncio.sleep(0)
        if release:
            work.go.set()
        else:
            asyncio.get_running_loop().call_later(3 * seconds, work.go.set)
        answers = await asyncio.gather(*tasks)
        assert (app.work.taken, app.sound.taken) == (0, 0)
        return answers, work

    return asyncio.run(run())


def test_some_are_worked_on_some_wait_in_turn_and_the_rest_are_told_to_come_again() -> None:
    answers, work = crowd(["/v1/status"] * 20)
    assert [found.status for found in answers].count(200) == 2 + 2 * WAITING
    refused = [found for found in answers if found.status != 200]
    assert {(found.status, found.headers["retry-after"], found.refused) for found in refused} == {(503, "1", "crowd")}
    assert work.most == 2


def test_nobody_waits_without_an_end() -> None:
    answers, work = crowd(["/v1/status"] * 4, seconds=0.01, release=False)
    assert [found.status for found in answers] == [200, 200, 503, 503]
    assert work.running == 0


def test_whether_the_server_lives_can_be_seen_and_searched_in_any_crowd() -> None:
    async def run() -> list[int]:
        work = Work()
        app = Crowd(work, places=1, listeners=1)
        busy = [asyncio.create_task(asking(app, owners("GET", path))) for path in ("/v1/tracks/a/audio", "/v1/status")]
        await asyncio.sleep(0)
        second = await asking(app, owners("GET", "/v1/tracks/a%0Ab/audio"))
        alive = asyncio.create_task(asking(app, request("GET", "/health")))
        await asyncio.sleep(0)
        assert work.running == 3
        work.go.set()
        return [second.status, *(found.status for found in await asyncio.gather(alive, *busy))]

    assert asyncio.run(run()) == [503, 200, 200, 200]


@pytest.mark.parametrize("path", ["/v1/map", "/v1/tracks/a/audio"])
def test_an_address_without_a_token_has_a_share_of_the_places_and_keeps_nobody_out(path: str) -> None:
    async def run() -> tuple[int, list[int]]:
        work = Work()
        app = Crowd(work, places=8, listeners=8, seconds=0.01)
        greedy = [asyncio.create_task(asking(app, request("GET", path, client="192.0.2.1"))) for _ in range(8)]
        await asyncio.sleep(0)
        assert work.running == 2
        others = [request("GET", path, client="192.0.2.2"), owners("GET", path, client="192.0.2.1")]
        waiting = [asyncio.create_task(asking(app, other)) for other in others]
        await asyncio.sleep(0)
        running = work.running
        while sum(task.done() for task in greedy) < 6:
            await asyncio.sleep(0.001)
        work.go.set()
        answers = await asyncio.gather(*greedy, *waiting)
        assert app.work.is_idle
        assert app.sound.is_idle
        assert vars(app)["_shares"] == ({}, {}), "nothing is remembered of who has gone"
        return running, [found.status for found in answers]

    assert asyncio.run(run()) == (4, [200, 200, 503, 503, 503, 503, 503, 503, 200, 200])


def test_a_place_is_free_again_after_a_failure() -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("no")

    app = Crowd(failing, places=1)
    for _ in range(3):
        with pytest.raises(RuntimeError, match="no"):
            ask(app, request("GET", "/v1/status"))
    assert app.work.taken == 0
