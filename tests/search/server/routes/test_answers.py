"""What a guest is told of an answer: nothing of files, and nothing of what the library had once."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from antiphon.search.answers.selected import SelectedAnswers
from antiphon.search.queries.remark import Remark
from antiphon.search.server.answer import Answer
from antiphon.search.server.callers import GUEST, OWNER
from antiphon.search.server.routes.answers import answer_shape
from antiphon.search.server.settings import ServerSettings
from antiphon.search.server.told import told_meanwhile
from tests.helpers.web.server import ELSEWHERE, asking

TOKEN = "owner-0123456789-abcdef"


def test_a_guest_gets_the_remarks_that_are_for_everybody_and_no_path_in_them() -> None:
    answer = Answer(
        hits=[],
        remarks=["It left the library.", "The most like it is '/home/anna/x.wav'."],
        to_guests=["The most like it is '/home/anna/x.wav'."],
        standing=["Next: antiphon train --library /home/anna/lib"],
    )
    assert answer_shape(answer, GUEST).remarks == ["The most like it is '…'."]
    assert answer_shape(answer, OWNER).remarks == [*answer.remarks, *answer.standing]


def test_a_guest_is_told_of_a_language_that_is_not_read_and_of_no_command(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Remark(problem="the query looks German, a language that x was not trained to read.", fix="antiphon train")
    monkeypatch.setattr(SelectedAnswers, "query_remarks", lambda *_: [said])
    told: dict[str, list[str]] = {}
    with asking(library, ServerSettings(guests=True, tokens=(TOKEN,)), ELSEWHERE) as client:
        for role, headers in (("guest", {}), ("owner", {"Authorization": f"Bearer {TOKEN}"})):
            told[role] = client.post("/v1/search", json={"query": "Klavier"}, headers=headers).json()["remarks"]
    assert said.to_guests in told["guest"]
    assert not [line for line in told["guest"] if "antiphon train" in line]
    assert str(said) in told["owner"]


def test_of_what_is_warned_meanwhile_only_what_speaks_of_the_question_is_for_everybody() -> None:
    with told_meanwhile() as told:
        logging.getLogger("antiphon.search.indexes.exact").warning("/lib/index is damaged.")
        logging.getLogger("antiphon.search.filters.evaluate").warning("No track has year 3.")
    assert told.lines == ["/lib/index is damaged.", "No track has year 3."]
    assert told.of_question == ["No track has year 3."]
