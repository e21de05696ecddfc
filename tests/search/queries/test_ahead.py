"""Texts of many queries read together and remembered: the same answers, with fewer calls of the text encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from antiphon.search.queries import ahead
from antiphon.search.queries.ahead import reading_ahead, texts_of
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remembered import Remembered


def lengths(texts: Sequence[str]) -> np.ndarray:
    return np.array([[len(text), 1] for text in texts], np.float32).reshape(len(texts), 2)


class Searcher:
    """Counts what its text encoder is asked."""

    def __init__(self, most: int = 99) -> None:
        self.calls: list[list[str]] = []
        self.score = Remembered(self._score, most)

    def _score(self, texts: Sequence[str]) -> np.ndarray:
        self.calls.append(list(texts))
        return lengths(texts)

    def read_ahead(self, texts: Sequence[str]) -> None:
        self.score(texts)


def test_texts_of_a_block_of_queries_are_read_once_and_together(monkeypatch) -> None:
    monkeypatch.setattr(ahead, "AT_ONCE", 2)
    searcher = Searcher()
    lines = [(text, read_query(text)) for text in ("piano, no drums", "piano:2 rain", "harp")]
    for text, query in reading_ahead(lines, searcher):
        asked = texts_of(query)
        np.testing.assert_array_equal(searcher.score(asked), lengths(asked), err_msg=text)
    assert searcher.calls == [["piano", "drums", "rain"], ["harp"]]
    searcher.score(["something else", "harp"])
    assert searcher.calls[-1] == ["something else"]


def test_a_searcher_that_cannot_read_ahead_is_asked_as_ever() -> None:
    lines = [("harp", read_query("harp"))]
    assert list(reading_ahead(lines, object())) == lines


@given(asked=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=12), most=st.integers(1, 5))
def test_what_is_remembered_is_what_is_read_and_has_an_end(asked: list[list[str]], most: int) -> None:
    searcher = Searcher(most)
    for texts in asked:
        np.testing.assert_array_equal(searcher.score(texts), lengths(texts))
        assert len(searcher.score._known) <= most
        before = len(searcher.calls)
        if len(set(texts)) <= most:
            np.testing.assert_array_equal(searcher.score(texts), lengths(texts))
            assert len(searcher.calls) == before + (not texts), "asked again, nothing is read again"
