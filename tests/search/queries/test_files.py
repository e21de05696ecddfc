"""A file of queries, and its answers as a table."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.files import answers_of, as_csv, read_queries
from antiphon.search.queries.query import Query


def ask(query: Query) -> Hits:
    found = [] if query.words == "zither" else ["a", "b"]
    return Hits(
        Hit(rank=rank, track_id=each, score=0.5, title='Say "hi", you', artist="", path="", by=query.words)
        for rank, each in enumerate(found, start=1)
    )


def test_every_line_is_a_query_and_answers_stand_in_their_order(tmp_path: Path) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("piano, no drums\n\nzither\nrain:2 sea\n", encoding="utf-8")
    queries = read_queries(file, excluded=["vocals"])
    assert [text for text, _ in queries] == ["piano, no drums", "zither", "rain:2 sea"]
    assert queries[0][1].excluded == ("drums", "vocals")
    answers = answers_of(queries, lambda query: ask(query).to_dict())
    assert [(each["query"], len(each["answers"])) for each in answers] == [
        ("piano, no drums", 2), ("zither", 0), ("rain:2 sea", 2),
    ]  # fmt: skip
    rows = list(csv.DictReader(io.StringIO(as_csv(answers))))
    assert [(row["query"], row["rank"], row["track_id"]) for row in rows] == [
        ("piano, no drums", "1", "a"), ("piano, no drums", "2", "b"), ("rain:2 sea", "1", "a"),
        ("rain:2 sea", "2", "b"),
    ]  # fmt: skip
    assert rows[0]["title"] == 'Say "hi", you'


def test_a_line_that_is_no_query_is_named_before_anything_is_asked(tmp_path: Path) -> None:
    file = tmp_path / "queries.txt"
    file.write_text("piano\n-drums\n", encoding="utf-8")
    with pytest.raises(LibraryError, match=r"queries\.txt, line 2: Only what is not wanted"):
        read_queries(file)
