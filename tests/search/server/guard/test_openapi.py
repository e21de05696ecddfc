"""What anybody could send, made from the server's own description by schemathesis: nothing fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable

from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.search.server.app import make_app
from antiphon.search.server.jobs.queue import Jobs
from antiphon.search.server.served import Served
from antiphon.search.server.settings import Limits, ServerSettings
from tests.helpers.libraries.strange_songs import strange_songs

schemathesis = pytest.importorskip("schemathesis")
TOKEN = "owner-0123456789-abcdef"
SENT = {"authorization": f"Bearer {TOKEN}", "host": "localhost"}
EXAMPLES = 25
REFUSED = {400, 401, 403, 404, 405, 409, 413, 414, 415, 422, 429, 431, 503}
"""Statuses with which a request may be refused; a route's own description names what it answers with."""


class Nothing:
    """A command that does nothing, and says so."""

    def __init__(self, _words: Sequence[str]) -> None:
        pass

    def follow(self, on_progress: Callable[[str, int, int], None]) -> None:
        on_progress("nothing", 1, 2)

    def stop(self) -> None:
        pass

    end = stop


def whole_library(root: Path) -> Path:
    """A library that was heard, with a map, a playlist, and a judgement."""
    library = strange_songs(root)
    append_judgements(library, [Judgement(query="0", track_id="p1", verdict="same", grade=2)])
    Served(library).save_playlist("0", ["p1", "s2"])
    return library


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    root = whole_library(tmp_path_factory.mktemp("whole"))
    start: Any = Nothing
    served = Served(root, Jobs(root, start=start))
    app = make_app(served, ServerSettings(tokens=(TOKEN,), limits=Limits(rate=0)))
    yield schemathesis.openapi.from_asgi("/openapi.json", app, headers=SENT)
    served.close()


@pytest.mark.slow
@pytest.mark.parametrize("mode", [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE])
def test_nothing_that_can_be_sent_makes_the_server_fail(description: Any, mode: Any) -> None:
    operations = [found.ok() for found in description.get_all_operations()]
    assert len(operations) > 12
    for operation in operations:

        @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def is_answered(case: Any) -> None:
            check(case, case.call(headers=SENT))

        try:
            is_answered()
        except Unsatisfiable:  # a route that takes nothing, or any text, cannot be sent anything wrong
            assert mode == schemathesis.GenerationMode.NEGATIVE


def check(case: Any, answer: Any) -> None:
    """An answer in the described shape, or a refusal in the one shape of all."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.status_code in REFUSED
        assert {"message", "type"} <= answer.json()["error"].keys()
    else:
        case.validate_response(answer, checks=[schemathesis.checks.CHECKS.get_one("response_schema_conformance")])
