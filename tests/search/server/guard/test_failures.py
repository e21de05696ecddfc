"""A server that ends while it answers says so: no failure, and no traceback."""

from __future__ import annotations

import asyncio
import logging

import pytest

from antiphon.search.server.guard.asgi import Receive, Scope, Send
from antiphon.search.server.guard.failures import Failures
from antiphon.search.server.guard.limits.patience import ABORT
from tests.helpers.web.asgi import Answer, asking, request


def cancelled(*, started: bool) -> tuple[Answer, list[str]]:
    """What comes of a request whose answer takes longer than a server that ends waits."""
    aborted: list[str] = []

    async def run() -> Answer:
        at_work = asyncio.Event()

        async def working(_scope: Scope, _receive: Receive, send: Send) -> None:
            if started:
                await send({"type": "http.response.start", "status": 200, "headers": []})
            at_work.set()
            await asyncio.Event().wait()

        scope = request(state={ABORT: lambda: aborted.append("gone")})
        task = asyncio.create_task(asking(Failures(working), scope))
        await at_work.wait()
        task.cancel("graceful shutdown exceeded")
        return await task

    return asyncio.run(run()), aborted


def test_a_request_that_an_end_cuts_off_is_told_so_and_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    answer, aborted = cancelled(started=False)
    assert (answer.status, answer.refused, aborted) == (503, "ending", [])
    assert int(answer.headers["retry-after"]) > 0
    assert not caplog.records


def test_half_an_answer_ends_with_its_connection() -> None:
    answer, aborted = cancelled(started=True)
    assert (answer.status, answer.body, aborted) == (200, b"", ["gone"])
