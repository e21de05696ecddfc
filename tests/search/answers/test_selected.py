"""What is said of a query's language stands beside answers as far as these depend on who reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from antiphon.layout import Layout
from antiphon.registry import EncoderCard
from antiphon.search.answers.selected import SelectedAnswers, beside_names
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.readable import language_remarks
from antiphon.search.queries.reading import read_query

NAMED = "坂本龍一"
CUT = "Note: the query is longer than 8 tokens; the rest was not read."


def found(*by: str) -> Hits:
    return Hits(
        Hit(rank=rank, track_id=str(rank), score=1.0, title="", artist=NAMED, path="", by=each)
        for rank, each in enumerate(by, start=1)
    )


@pytest.fixture
def remarks() -> list[str]:
    card = EncoderCard(name="small", kind="text", summary="test", layout=Layout.flat(2), languages=("en",))
    return [*language_remarks(NAMED, [card]), CUT]


def test_where_words_found_the_answers_all_is_said(remarks: list[str]) -> None:
    assert remarks[0].startswith("Note: the query looks Chinese")
    assert beside_names(remarks, found("small", "small")) == remarks
    assert beside_names(remarks, found()) == remarks


def test_where_a_name_found_all_answers_its_language_does_not_matter(remarks: list[str]) -> None:
    assert beside_names(remarks, found("name", "name")) == [CUT]


def test_where_a_name_found_the_first_the_others_are_meant(remarks: list[str]) -> None:
    [said, cut] = beside_names(remarks, found("name", "small"))
    assert said.startswith("Note: but for what its name found, answers are guesses, since the query looks Chinese")
    assert said.removeprefix("Note: but for what its name found, answers are guesses, since ") in remarks[0]
    assert cut == CUT


def test_the_searcher_is_asked_for_words_alone(remarks: list[str], tmp_path: Path) -> None:
    class Asked:
        def query_remarks(self, _text: str) -> list[str]:
            return remarks

    searcher: Any = Asked()
    answers = SelectedAnswers(searcher=searcher, selection=Selection(root=tmp_path))
    assert answers.query_remarks(read_query(NAMED), found("name")) == [CUT]
    assert answers.query_remarks(read_query("", like=["a"]), found("small")) == []
