"""``judgements.jsonl``: what is written is read again, what is damaged is named, what was torn is said and mended."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from antiphon.errors import LibraryError
from antiphon.library.judgements.file import NAME, append_judgements, read_judgements
from antiphon.library.judgements.judgement import GRADES, Judgement, graded

SAME = Judgement(query="Calm piano", track_id="a", verdict="same", query_id="b#0", by="ada", time="2026-01-01T00:00Z")


def test_what_is_written_is_read_again_and_the_last_line_about_a_pair_counts(tmp_path: Path) -> None:
    later = Judgement(query="calm  PIANO", track_id="a", verdict="different", grade=0)
    other = Judgement(query="Calm piano", track_id="c", verdict="unsure")
    append_judgements(tmp_path, [SAME])
    append_judgements(tmp_path, [other, later])
    found = read_judgements(tmp_path)
    assert found.lines == (SAME, other, later)
    assert [judgement.verdict for judgement in found.latest.values()] == ["different", "unsure"]
    assert len(found) == 2
    assert found.remarks == ()


def test_a_line_has_the_keys_of_the_contract(tmp_path: Path) -> None:
    append_judgements(tmp_path, [SAME])
    line = json.loads((tmp_path / NAME).read_text())
    assert {*line} == {"query_id", "query", "track_id", "verdict", "grade", "by", "time", "format"}


def test_no_file_is_no_judgement(tmp_path: Path) -> None:
    assert len(read_judgements(tmp_path)) == 0


def test_a_torn_last_line_is_said_and_the_next_judgement_is_whole(tmp_path: Path) -> None:
    append_judgements(tmp_path, [SAME])
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + b'{"query": "half')
    (said,) = read_judgements(tmp_path).remarks
    assert "line 2" in said
    append_judgements(tmp_path, [Judgement(query="rain", track_id="a", verdict="unsure")])
    found = read_judgements(tmp_path)
    assert [judgement.query for judgement in found.lines] == ["Calm piano", "rain"]
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"no json", "is no JSON object"),
        (b"\xff\xfe", "is no JSON object"),
        (b"[1]", "is no object"),
        (b'{"track_id": "a", "verdict": "same"}', "has no query"),
        (b'{"query": "x", "track_id": 3, "verdict": "same"}', "has no track_id"),
        (b'{"query": "x", "track_id": "a", "verdict": "maybe"}', "'maybe', none of same, different, unsure"),
        (b'{"query": "x", "track_id": "a", "grade": 4}', "grade 4, none of 0, 1, 2, 3"),
        (b'{"query": "x", "track_id": "a", "grade": true}', "grade True"),
        (b'{"query": "x", "track_id": "a", "verdict": "same", "grade": 0}', "which means 'different'"),
        (b'{"query": "x", "track_id": "a", "verdict": "same", "by": 3}', "the by 3, which is no text"),
        (b'{"query": "x", "track_id": "a", "verdict": "same", "format": 2}', "has format 2"),
    ],
)
def test_a_wrong_line_names_file_and_row(tmp_path: Path, line: bytes, said: str) -> None:
    append_judgements(tmp_path, [SAME])
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes() + line + b"\n")
    with pytest.raises(LibraryError, match=r"judgements\.jsonl, line 2") as caught:
        read_judgements(tmp_path)
    assert said in str(caught.value)


def test_judgements_of_several_writers_at_once_are_all_there(tmp_path: Path) -> None:
    def judge(i: int) -> None:
        append_judgements(tmp_path, [Judgement(query=f"q{i}", track_id="a" * 200, verdict="same")])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(judge, range(40)))
    assert len(read_judgements(tmp_path)) == 40


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("mine")
    (tmp_path / NAME).symlink_to(elsewhere)
    with pytest.raises(LibraryError, match="is a link"):
        append_judgements(tmp_path, [SAME])
    assert elsewhere.read_text() == "mine"


def test_every_grade_has_a_verdict() -> None:
    assert [graded(grade) for grade in GRADES] == ["different", "unsure", "same", "same"]
