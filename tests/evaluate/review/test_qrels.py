"""Judgements in TREC's form."""

from __future__ import annotations

from pathlib import Path

from antiphon.evaluate.review.qrels import write_qrels
from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import Judgement
from tests.helpers.libraries.plain import plain_library


def test_captions_own_tracks_and_what_was_judged(tmp_path: Path) -> None:
    texts = {"a b": ["piano", "Rain"], "c%": ["piano"], "d": ["drums"], "x": ["elsewhere"]}
    splits = {"a b": "test", "c%": "test", "d": "test", "x": "train"}
    library = plain_library(tmp_path / "library", splits, captions=texts)
    judged = (
        Judgement(query="PIANO", track_id="d", verdict="same"),
        Judgement(query="rain", track_id="d", verdict="same", grade=2),
        Judgement(query="rain", track_id="c%", verdict="different"),
        Judgement(query="drums", track_id="c%", verdict="unsure"),
        Judgement(query="drums", track_id="a b", verdict="unsure", grade=1),
        Judgement(query="drums", track_id="x", verdict="same"),
        Judgement(query="drums", track_id="d", verdict="different"),
    )
    written = write_qrels(library, Judgements(judged), "test", tmp_path / "file.qrels")
    assert (tmp_path / "file.qrels").read_text().splitlines() == [
        "a%20b#0 0 a%20b 3",
        "a%20b#0 0 c%25 3",
        "a%20b#0 0 d 3",
        "a%20b#1 0 a%20b 3",
        "a%20b#1 0 c%25 0",
        "a%20b#1 0 d 2",
        "c%25#0 0 a%20b 3",
        "c%25#0 0 c%25 3",
        "c%25#0 0 d 3",
        "d#0 0 d 3",
    ]
    assert (written.lines, written.judged) == (10, 4)
