"""What is noted of requests: counters by route, a line each, and nothing of what was asked."""

from __future__ import annotations

import io
import json
import logging
import re
from types import SimpleNamespace

import pytest

from antiphon.search.server.callers import ROLE
from antiphon.search.server.guard.asgi import Receive, Scope, Send
from antiphon.search.server.guard.refusals import Refusal
from antiphon.search.server.guard.seen.counters import Counters
from antiphon.search.server.guard.seen.log import LOGGERS, Log, write_log
from antiphon.search.server.guard.seen.observe import Observe
from tests.helpers.web.asgi import ask, fine, request


async def routed(scope: Scope, receive: Receive, send: Send) -> None:
    scope["route"], scope[ROLE] = SimpleNamespace(path="/v1/tracks/{track_id:path}"), "guest"
    await fine(scope, receive, send)


def test_counters_are_lines_that_prometheus_reads() -> None:
    counters = Counters()
    counters.add("GET", "/v1/tracks/{track_id}", 200, 0.03, None)
    counters.add("GET", "/v1/tracks/{track_id}", 200, 20.0, None)
    counters.add("POST", 'a"\\\n', 429, 0.001, "rate")
    text = counters.text()
    assert 'antiphon_requests_total{method="GET",route="/v1/tracks/{track_id}",status="200"} 2\n' in text
    assert 'antiphon_refused_total{reason="rate"} 1\n' in text
    assert 'route="a\\"\\\\\\n"' in text
    buckets = re.findall(r'seconds_bucket\{route="/v1/tracks/\{track_id\}",le="(.+)"\} (\d+)', text)
    assert (buckets[2], buckets[3], buckets[-2], buckets[-1]) == (
        ("0.025", "0"),
        ("0.05", "1"),
        ("10.0", "1"),
        ("+Inf", "2"),
    )
    assert 'antiphon_request_seconds_count{route="/v1/tracks/{track_id}"} 2\n' in text
    assert all(re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{.*\})? [0-9.e+-]+", line) for line in text.splitlines())


def test_a_time_on_the_bound_of_a_bucket_is_inside_it() -> None:
    counters = Counters()
    counters.add("GET", "/", 200, 0.005, None)
    assert 'le="0.005"} 1' in counters.text()


def test_strangers_cannot_make_counters(caplog: pytest.LogCaptureFixture) -> None:
    counters = Counters()
    for number in range(50):
        ask(Observe(fine, counters=counters), request(f"M{number}", f"/guess/{number}"))
    assert list(counters.requests) == [("OTHER", "other", 200)]


def test_a_line_says_what_came_of_it_and_nothing_of_what_was_asked(caplog: pytest.LogCaptureFixture) -> None:
    secret = request("GET", "/v1/tracks/secret?words=secret&apiKey=secret", {"authorization": "Bearer secret"})
    with caplog.at_level(logging.INFO, "antiphon.access"):
        ask(Observe(routed, counters=Counters()), secret)
    line = json.loads(caplog.records[-1].getMessage())
    assert line.keys() == {"method", "route", "status", "ms", "role"}
    assert (line["route"], line["role"]) == ("/v1/tracks/{track_id:path}", "guest")
    with caplog.at_level(logging.DEBUG, "antiphon.access"):
        ask(Observe(routed, counters=Counters()), request("GET", "/v1/tracks/a\x1b[2J%0Ab?words=secret"))
    assert json.loads(caplog.records[-1].getMessage())["path"] == "/v1/tracks/a\x1b[2J\nb"
    assert "secret" not in caplog.text
    assert not {"\x1b", "\n"} & set(caplog.records[-1].getMessage())


def test_refusals_are_counted_by_their_reason_and_what_runs_is_counted_down_after_failures() -> None:
    counters = Counters()

    async def refusing(scope: Scope, receive: Receive, send: Send) -> None:
        await Refusal(status=429, type="rate", message="no")(scope, send)

    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        assert counters.running == 1
        raise RuntimeError("no")

    ask(Observe(refusing, counters=counters), request())
    with pytest.raises(RuntimeError, match="no"):
        ask(Observe(failing, counters=counters), request())
    assert (counters.refused["rate"], counters.running) == (1, 0)
    assert counters.requests["GET", "other", 499] == 1


def test_lines_go_where_they_are_told_to_and_only_as_many_as_are_wanted() -> None:
    kept = {name: (log.handlers, log.level, log.propagate) for name in LOGGERS if (log := logging.getLogger(name))}
    try:
        streams: dict[Log, io.StringIO] = {"requests": io.StringIO(), "quiet": io.StringIO()}
        for log, stream in streams.items():
            write_log(log, stream)
            ask(Observe(routed, counters=Counters()), request())
            logging.getLogger("antiphon.server").error("Failed.")
        assert [line[0] for line in streams["requests"].getvalue().splitlines()] == ["{", "F"]
        assert streams["quiet"].getvalue() == "Failed.\n"
    finally:
        for name, (handlers, level, propagate) in kept.items():
            logger = logging.getLogger(name)
            logger.handlers, logger.propagate = handlers, propagate
            logger.setLevel(level)
