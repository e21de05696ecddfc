"""Going through candidates: every verdict is stored as it is given, back judges again, what was judged stays away."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.evaluate.review.candidates import Candidate
from antiphon.evaluate.review.queue import ReviewQueue, remarks_on
from antiphon.library.judgements.file import append_judgements, read_judgements
from antiphon.library.judgements.judgement import Judgement
from tests.helpers.evaluated.reviewed import some_candidates


@pytest.fixture
def queue(tmp_path: Path) -> ReviewQueue:
    library, candidates = some_candidates(tmp_path)
    return ReviewQueue(library, candidates, by="ada")


def test_a_verdict_is_on_disk_at_once_with_who_and_when(queue: ReviewQueue) -> None:
    first = queue.current
    assert isinstance(first, Candidate)
    queue.judge("same")
    (stored,) = read_judgements(queue.library.root).lines
    assert (stored.query, stored.query_id, stored.track_id) == (first.query, first.query_id, first.track_id)
    assert (stored.verdict, stored.grade, stored.by) == ("same", None, "ada")
    assert stored.time.startswith("20")
    assert queue.current == queue.candidates[1]


def test_back_judges_again_and_the_last_word_counts(queue: ReviewQueue) -> None:
    queue.judge("same")
    queue.back()
    queue.judge("different")
    judgements = read_judgements(queue.library.root)
    assert [each.verdict for each in judgements.lines] == ["same", "different"]
    assert [each.verdict for each in judgements.latest.values()] == ["different"]
    assert queue.progress() == "2 of 3 (1 judged: 1 different)"


def test_a_grade_decides_the_verdict(queue: ReviewQueue) -> None:
    given = [queue.judge("unsure", grade) for grade in (0, 1, 3)]
    assert [each.verdict for each in given] == ["different", "unsure", "same"]
    assert queue.current is None


def test_there_is_nothing_before_the_first_and_behind_the_last(queue: ReviewQueue) -> None:
    queue.back()
    assert queue.place == 0
    for place in (-1, 3):
        with pytest.raises(IndexError):
            queue.judge_at(place, "same")


def test_what_is_said_of_earlier_judgements(queue: ReviewQueue) -> None:
    assert remarks_on(queue.library, read_judgements(queue.library.root)) == ()
    queue.judge("same")
    gone = Judgement(query="calm piano", track_id="gone", verdict="same")
    append_judgements(queue.library.root, [gone])
    assert remarks_on(queue.library, read_judgements(queue.library.root)) == (
        "2 pairs were judged before.",
        "1 of them is about tracks that left the library: not counted.",
    )


def test_a_track_is_shown_with_its_names_captions_and_sound(queue: ReviewQueue) -> None:
    shown = queue.shelf.described(queue.candidates[0])
    assert shown["found"]["captions"] == ["calm piano"]
    assert shown["meant"]["name"] == "Ada – Rain"
    assert queue.shelf.track("a").file is not None
    assert queue.shelf.track("c").file is None
    assert queue.shelf.track("b").fragment == "#t=1,2"
