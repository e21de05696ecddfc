"""What came since the last training is counted, and looked for only where files have changed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.data.learned import all_learned, learnable
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.library.vectors.store import Row, VectorWriter
from antiphon.search.server.jobs import unlearned as module
from antiphon.search.server.jobs.unlearned import Unlearned
from tests.helpers.libraries.made_vectors import make_library, provenance


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """One that was learned from as it is."""
    made = make_library(tmp_path)
    learnable(made, "made", "words").write(tmp_path / "runs" / "made")
    return made


def judge(library: Library, verdict: Verdict, *, query: str = "") -> None:
    first, second = library.column("track_id")[library.tracks_in("train")][:2].tolist()
    words = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))
    append_judgements(library.root, [Judgement(query=query or words[first], track_id=second, verdict=verdict)])


def add(library: Library, tracks: list[Track], captions: list[Caption]) -> None:
    was = [library.track(track_id) for track_id in library.column("track_id")]
    said = [Caption(**row) for row in library.caption_table.to_pylist()]
    save_library(library.root, [*was, *tracks], [*said, *captions], {})


def test_nothing_is_new_right_after_a_training_or_where_no_training_says_what_it_learned(library: Library) -> None:
    assert Unlearned(library.root).line() == ""
    judge(library, "same")
    (library.root / "runs" / "made" / "learned.npz").unlink()
    assert Unlearned(library.root).line() == ""


def test_what_is_new_is_counted_from_what_answers_else_from_the_last_training(library: Library) -> None:
    judge(library, "same")
    later = replace(learnable(library, "made", "words"), time=time.time() + 60)
    later.write(library.root / "runs" / "other")
    new, found = "New since what answers was trained: 1 judgement.", Unlearned(library.root, clock=Clock())
    said = {"": "", "other": "", "elsewhere": "", "made": new, "other,made": new, "other,elsewhere": ""}
    for training, line in said.items():
        assert Unlearned(library.root).line(training) == line, training
    assert found.line("other") == ""
    found._clock.now += 10  # type: ignore[attr-defined]
    assert found.line("made") == new  # another one answers since, and no file has changed


def test_what_changes_a_training_is_counted_and_nothing_else(library: Library) -> None:
    judge(library, "different")  # says what the loss takes for granted
    judge(library, "same", query="words that are nobody's caption")
    assert Unlearned(library.root).line() == ""
    judge(library, "same")
    first = library.column("track_id")[library.tracks_in("train")][0]
    heard, silent = (Track(track_id=name, path=f"{name}.wav", split="train") for name in ("heard", "silent"))
    of_old = [Caption(caption_id=f"{first}#{n}", track_id=first, text=f"new {n}") for n in (8, 9)]
    of_new = [
        Caption(caption_id=f"{track.track_id}#0", track_id=track.track_id, text="own") for track in (heard, silent)
    ]
    add(library, [heard, silent], [*of_old, *of_new])
    size = np.load(library.embedding_folder("audio", "made") / "vectors.npy", mmap_mode="r").shape[1]
    with VectorWriter(library.embedding_folder("audio", "made"), provenance("made", "audio", size)) as writer:
        writer.write([Row("heard", "ok"), Row("silent", "failed", "no sound")], np.ones((2, size)))
    line = Unlearned(library.root).line()
    assert line == "New since what answers was trained: 1 track, 3 descriptions by people and 1 judgement."


def test_the_first_descriptions_by_people_are_new_to_a_training_on_made_captions(library: Library) -> None:
    learnable(library, "made", "words", ("machine",)).write(library.root / "runs" / "made")
    assert "104 descriptions by people" in Unlearned(library.root).line()


def test_captions_of_test_are_nothing_to_learn_from(tmp_path: Path) -> None:
    made = make_library(tmp_path, test=12)
    learnable(made, "made", "words").write(tmp_path / "runs" / "made")
    of_test = made.column("track_id")[made.tracks_in("test")][0]
    add(made, [], [Caption(caption_id=f"{of_test}#9", track_id=of_test, text="new")])
    assert Unlearned(tmp_path).line() == ""


def test_it_is_looked_for_again_only_where_files_have_changed(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, looks = Clock(), []
    monkeypatch.setattr(module, "all_learned", lambda root: looks.append(root) or all_learned(root))
    unlearned = Unlearned(library.root, clock=clock)
    for _ in range(3):
        unlearned.line()
        clock.now += 10
    assert len(looks) == 1
    judge(library, "same")
    assert unlearned.line() == "New since what answers was trained: 1 judgement."
    assert len(looks) == 2
