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
from antiphon.search.queries.remark import Remark

NAMED = "坂本龍一"
CUT = Remark(problem="the query is longer than 8 tokens; the rest was not read.")


def found(*by: str) -> Hits:
    return Hits(
        Hit(rank=rank, track_id=str(rank), score=1.0, title="", artist=NAMED, path="", by=each)
        for rank, each in enumerate(by, start=1)
    )


def said_beside(remarks: list[Remark], hits: Hits) -> list[Remark]:
    return [said for remark in remarks if (said := beside_names(remark, hits)) is not None]


@pytest.fixture
def remarks() -> list[Remark]:
    card = EncoderCard(name="small", kind="text", summary="test", layout=Layout.flat(2), languages=("en",))
    return [*language_remarks(NAMED, [card]), CUT]


def test_where_words_found_the_answers_all_is_said(remarks: list[Remark]) -> None:
    assert str(remarks[0]).startswith("Note: the query looks Chinese")
    assert said_beside(remarks, found("small", "small")) == remarks
    assert said_beside(remarks, found()) == remarks


def test_where_a_name_found_all_answers_its_language_does_not_matter(remarks: list[Remark]) -> None:
    assert said_beside(remarks, found("name", "name")) == [CUT]


def test_where_a_name_found_the_first_the_others_are_meant(remarks: list[Remark]) -> None:
    [said, cut] = said_beside(remarks, found("name", "small"))
    guesses = "Note: but for what its name found, answers are guesses, since "
    assert str(said) == guesses + str(remarks[0]).removeprefix("Note: ")
    assert said.to_guests == guesses + remarks[0].problem
    assert cut == CUT


def test_the_searcher_is_asked_for_words_alone_and_keeps_its_order(remarks: list[Remark], tmp_path: Path) -> None:
    class Asked:
        def query_remarks(self, _text: str) -> list[Remark]:
            return remarks

        def remarks(self, _text: str) -> list[str]:
            return ["Searched 2 tracks.", *map(str, remarks), "Next: antiphon train"]

    searcher: Any = Asked()
    answers = SelectedAnswers(searcher=searcher, selection=Selection(root=tmp_path))
    query = read_query(NAMED)
    assert answers.query_remarks(query, found("name")) == [CUT]
    assert answers.query_remarks(read_query("", like=["a"]), found("small")) == []
    assert answers.all_remarks(query, found("name")) == ["Searched 2 tracks.", str(CUT), "Next: antiphon train"]
    [first, language, *rest] = answers.all_remarks(query, found("name", "small"))
    assert (first, rest) == ("Searched 2 tracks.", [str(CUT), "Next: antiphon train"])
    assert language.startswith("Note: but for what its name found")
