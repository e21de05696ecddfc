"""What a guest is told of an answer: nothing of files, and nothing of what the library had once."""

from __future__ import annotations

import logging

from antiphon.search.server.answer import Answer
from antiphon.search.server.callers import GUEST, OWNER
from antiphon.search.server.routes.answers import answer_shape
from antiphon.search.server.told import told_meanwhile


def test_a_guest_gets_the_remarks_that_are_for_everybody_and_no_path_in_them() -> None:
    answer = Answer(
        hits=[],
        remarks=["It left the library.", "The most like it is '/home/anna/x.wav'."],
        to_guests=["The most like it is '/home/anna/x.wav'."],
        standing=["Next: antiphon train --library /home/anna/lib"],
    )
    assert answer_shape(answer, GUEST).remarks == ["The most like it is '…'."]
    assert answer_shape(answer, OWNER).remarks == [*answer.remarks, *answer.standing]


def test_a_guest_is_told_of_a_language_that_is_not_read_and_of_no_command() -> None:
    told = "Note: the query looks German, a language that minilm was not trained to read."
    answer = Answer(hits=[], to_guests=[f"{told} another reads it: antiphon train --text another --library /lib"])
    assert answer_shape(answer, GUEST).remarks == [told]


def test_of_what_is_warned_meanwhile_only_what_speaks_of_the_question_is_for_everybody() -> None:
    with told_meanwhile() as told:
        logging.getLogger("antiphon.search.indexes.exact").warning("/lib/index is damaged.")
        logging.getLogger("antiphon.search.filters.evaluate").warning("No track has year 3.")
    assert told.lines == ["/lib/index is damaged.", "No track has year 3."]
    assert told.of_question == ["No track has year 3."]
