"""Judgements from a CSV or JSONL file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from antiphon.errors import ManifestError
from antiphon.library.judgements.exchange import judgements_from_file
from antiphon.library.tracks import Library
from tests.helpers.libraries.plain import plain_library


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return plain_library(tmp_path / "library", {"a": "train", "b": "train"}, captions={"a": ["calm, piano"]})


def test_a_csv_with_a_captions_id_alone_and_one_with_words_of_its_own(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "judged.csv"
    path.write_text(
        'query_id,query,track_id,verdict,grade,by\r\na#0,,b,same,,\r\n,"rain, ""soft""",a,,0,ben\r\n', encoding="utf-8"
    )
    first, second = judgements_from_file(library, path, by="ada")
    assert (first.query, first.query_id, first.verdict, first.by) == ("calm, piano", "a#0", "same", "ada")
    assert (second.query, second.verdict, second.grade, second.by) == ('rain, "soft"', "different", 0, "ben")
    assert first.time == second.time != ""


def test_lines_as_the_library_writes_them(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text(json.dumps({"query": "x", "track_id": "a", "verdict": "unsure", "time": "then"}) + "\n\n")
    (only,) = judgements_from_file(library, path)
    assert (only.verdict, only.time, only.by) == ("unsure", "then", "")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"query": "x", "track_id": "zz", "verdict": "same"}, "row 2 speaks of the track 'zz'"),
        ({"query_id": "a#9", "track_id": "a", "verdict": "same"}, "row 2 has no query, and the library no caption"),
        ({"query": "x", "track_id": "a", "verdict": "yes"}, "row 2 has the verdict 'yes'"),
        (["x"], "row 2 is no JSON object"),
        ({"query_id": ["a"], "track_id": "a", "verdict": "same"}, "row 2 has the query_id .*, which is no text"),
    ],
)
def test_one_wrong_row_is_named_and_nothing_is_taken(library: Library, tmp_path: Path, line: object, said: str) -> None:
    path = tmp_path / "judged.jsonl"
    path.write_text(json.dumps({"query": "x", "track_id": "a", "verdict": "same"}) + "\n" + json.dumps(line) + "\n")
    with pytest.raises(ManifestError, match=said) as caught:
        judgements_from_file(library, path)
    assert "that row" in (caught.value.fix or "")


def test_every_wrong_row_is_named_at_once(library: Library, tmp_path: Path) -> None:
    good = json.dumps({"query": "x", "track_id": "a", "verdict": "same"})
    rows = [good, "{", json.dumps({"query": "x", "track_id": "zz", "verdict": "same"}), good, *["[]"] * 30]
    (tmp_path / "judged.jsonl").write_text("\n".join(rows))
    with pytest.raises(
        ManifestError, match=r"row 2 is no JSON object; row 3 speaks of .*'zz'.*; row 5 is no"
    ) as caught:
        judgements_from_file(library, tmp_path / "judged.jsonl")
    assert "; and 12 more rows." in str(caught.value)
    assert "those rows; nothing was taken" in (caught.value.fix or "")


@pytest.mark.parametrize("query", ["slow\u2028sad", "slow\x85sad", "<b>=1+1 \u202e🎹"])
def test_a_query_keeps_every_character_that_json_allows(library: Library, tmp_path: Path, query: str) -> None:
    line = json.dumps({"query": query, "track_id": "a", "verdict": "same"}, ensure_ascii=False)
    (tmp_path / "judged.jsonl").write_bytes(f"{line}\r\n{line}\n".encode())
    assert [found.query for found in judgements_from_file(library, tmp_path / "judged.jsonl")] == [query, query]


def test_an_empty_file_and_one_that_is_not_there_are_said(library: Library, tmp_path: Path) -> None:
    (tmp_path / "empty.csv").write_text("track_id,verdict\n")
    with pytest.raises(ManifestError, match="no judgement in it"):
        judgements_from_file(library, tmp_path / "empty.csv")
    with pytest.raises(ManifestError, match="cannot be read"):
        judgements_from_file(library, tmp_path / "none.csv")
