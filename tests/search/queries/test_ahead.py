"""Texts of many queries read together: the same answers, with fewer calls of the text encoder."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np

from antiphon.search.queries import ahead
from antiphon.search.queries.ahead import ReadAhead, reading_ahead
from antiphon.search.queries.reading import read_query


def lengths(texts: Sequence[str]) -> np.ndarray:
    return np.array([[len(text), 1] for text in texts], np.float32)


def test_texts_of_a_block_of_queries_are_read_once_and_together(monkeypatch) -> None:
    monkeypatch.setattr(ahead, "AT_ONCE", 2)
    calls: list[list[str]] = []

    def score(texts: Sequence[str]) -> np.ndarray:
        calls.append(list(texts))
        return lengths(texts)

    searcher = SimpleNamespace(ahead=ReadAhead(score))
    lines = [(text, read_query(text)) for text in ("piano, no drums", "piano:2 rain", "harp")]
    for text, query in reading_ahead(lines, searcher):
        asked = [*(part.text for part in query.wanted), *query.excluded]
        np.testing.assert_array_equal(searcher.ahead(asked), lengths(asked), err_msg=text)
    assert calls == [["piano", "drums", "rain"], ["harp"]]
    searcher.ahead(["something else", "harp"])
    assert calls[-1] == ["something else", "harp"]


def test_a_searcher_that_cannot_read_ahead_is_asked_as_ever() -> None:
    lines = [("harp", read_query("harp"))]
    assert list(reading_ahead(lines, object())) == lines
