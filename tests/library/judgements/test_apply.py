"""Which judgements are about the captions at hand, and which may teach: nothing of val and test does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from antiphon.library.judgements.apply import judged_pairs, lessons
from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.tracks import Library
from tests.helpers.libraries.plain import plain_library


def said(query: str, track_id: str, verdict: str = "same", query_id: str | None = None) -> Judgement:
    return Judgement(query=query, track_id=track_id, verdict=verdict, query_id=query_id)  # type: ignore[arg-type]


def test_pairs_are_found_by_words_and_those_that_a_caption_makes_are_left_out() -> None:
    texts, text_id, owner = ["Piano", "rain", "piano"], np.array([0, 1, 0]), np.array([0, 1, 2])
    judgements = [said("PIANO ", "b"), said("rain", "a", "unsure"), said("piano", "c"), said("rain", "gone")]
    found = judged_pairs(judgements, texts, text_id, ["a", "b", "c"], owner)
    assert found.counts() == {"same": 1, "unsure": 1}
    assert [part.tolist() for part in found.of("same")] == [[0], [1]]
    assert [part.tolist() for part in found.of("unsure")] == [[1], [0]]
    assert len(judged_pairs([], texts, text_id, ["a", "b", "c"], owner)) == 0


@pytest.fixture
def library(tmp_path: Path) -> Library:
    texts = {"a": ["piano"], "b": ["rain", "shared"], "v": ["strings"], "t": ["drums", "shared"]}
    return plain_library(tmp_path, {"a": "train", "b": "train", "v": "val", "t": "test"}, captions=texts)


@pytest.mark.parametrize(
    ("judgement", "teaches"),
    [
        (said("piano", "b"), True),
        (said("words of my own", "b"), True),
        (said("piano", "v"), False),
        (said("piano", "t"), False),
        (said("drums", "a", query_id="t#0"), False),
        (said("drums", "a"), False),
        (said("strings", "a", "unsure"), False),
        (said("shared", "a", query_id="b#1"), True),
        (said("shared", "a", query_id="t#1"), False),
        (said("shared", "a"), False),
        (said("drums", "a", query_id="b#1"), False),
    ],
)
def test_a_judgement_about_val_or_test_teaches_nothing(library: Library, judgement: Judgement, teaches: bool) -> None:
    found = lessons(library, Judgements((judgement,)))
    assert found.judgements == ((judgement,) if teaches else ())
    assert found.held_out == (not teaches)


def test_tracks_that_left_are_counted_in_words(library: Library) -> None:
    found = lessons(library, Judgements((said("piano", "gone"), said("piano", "t"))))
    assert found.judgements == ()
    assert [line.split(":")[0] for line in found.lines()] == [
        "1 judgement about tracks or captions of val and test",
        "1 judgement about tracks that left the library",
    ]


def test_a_judgement_against_a_captions_own_track_is_said(library: Library) -> None:
    track = next(
        t for t, split in zip(library.column("track_id"), library.column("split"), strict=True) if split == "train"
    )
    texts = zip(library.caption_column("text"), library.caption_column("track_id"), strict=True)
    text = next(text for text, owner in texts if owner == track)
    found = lessons(library, Judgements((said(text, track, "different"), said(text, track, "different"))))
    assert not found.judgements
    [line] = found.lines()
    assert f"'{track}'" in line
    assert "Take those captions out of the table" in line
