"""The doctor on whose captions the figures stand on, and what evaluation and training say of it."""

from __future__ import annotations

from pathlib import Path

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines, judge_training, training_lines
from antiphon.evaluate.doctor.diagnose import diagnose
from tests.helpers.evaluated.made_course import found, healthy, one
from tests.helpers.libraries.made_captions import add_made_captions, only_some_captioned
from tests.helpers.libraries.made_vectors import make_library

QUICK = TrainConfig(epochs=1, epoch_steps=1, dim=8, hidden=8, device="cpu")


def test_figures_on_made_captions_are_no_quality() -> None:
    made = healthy(val_only_made=True, n_human=3)
    finding = one(made, "No person's caption in val")
    assert finding.severity == "warning"
    assert "3 of 5000 training tracks" in finding.evidence
    assert finding.command.startswith("antiphon caption --out")
    assert one(made, "against captions that Antiphon made").severity == "note"


def test_few_people_in_val_are_told_and_no_figure_of_theirs_is_called_good() -> None:
    few = healthy(val_few_people=7, n_human=30)
    finding = one(few, "People described few tracks of val")
    assert finding.severity == "warning"
    assert "7 of" in finding.evidence
    assert "fewer than 20" in finding.evidence
    assert one(few, "against mostly captions that Antiphon made").severity == "note"
    assert not found(few, "No person's caption in val")


def test_with_people_in_val_nothing_is_said_of_it() -> None:
    assert not found(healthy(n_human=3), "No person's caption")
    assert not found(healthy(), "against captions that Antiphon made")


def test_every_output_says_that_no_person_wrote_the_queries(tmp_path: Path) -> None:
    library = only_some_captioned(add_made_captions(make_library(tmp_path, test=12)), set())
    result = train(tmp_path, "made", text="words", config=QUICK)
    said = training_lines(result, judge_training(tmp_path, result, resamples=0))
    assert any(line == "Learned from machine captions." for line in said)
    assert any("On val (12 tracks, against machine captions)" in line for line in said)
    assert any("repeats its own words" in line for line in said)
    tested = evaluate(tmp_path, result.checkpoints["best_r1"], resamples=0)
    assert tested["captions"] == {"machine": 24}
    assert ", against machine captions:" in evaluation_lines(tested)[0]
    assert "repeats its own words" in "\n".join(diagnose(library.root, "made").lines())


def test_every_output_says_where_people_described_few_of_a_split(tmp_path: Path) -> None:
    made = add_made_captions(make_library(tmp_path, test=12))
    ids = made.column("track_id")
    of_train, of_val, of_test = (ids[made.tracks_in(split)].tolist() for split in ("train", "val", "test"))
    only_some_captioned(made, {*of_train, of_val[0], of_test[0]})
    result = train(tmp_path, "made", text="words", config=QUICK)
    tested = evaluate(tmp_path, result.checkpoints["best_r1"], resamples=0)
    assert tested["captions"] == {"human": 2, "machine": 24}
    lines = evaluation_lines(tested)
    assert ", against captions by people and machine captions:" in lines[0]
    assert any("People described only 1 of these 12 tracks, fewer than 20" in line for line in lines)
    assert "People described few tracks of val" in "\n".join(diagnose(tmp_path, "made").lines())


def test_where_people_wrote_val_they_are_asked_whatever_was_learned_from(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=50, test=12)
    add_made_captions(library)
    result = train(tmp_path, "made", text="words", config=QUICK)
    assert result.kinds is not None
    assert "in a quick look inside train" in "\n".join(training_lines(result, None))
    tested = evaluate(tmp_path, result.checkpoints["best_r1"], resamples=0)
    assert tested["captions"] == {"human": 24}
    assert "against" not in evaluation_lines(tested)[0]
    assert result.to_dict()["caption_kinds_gains"] == result.kinds.gains


def test_captions_that_the_text_encoder_cannot_read_are_a_warning() -> None:
    finding = one(healthy(unread=("German", 0.62), text_encoder="minilm"), "look German")
    assert finding.severity == "warning"
    assert "look German" in finding.title
    assert "minilm" in finding.title
    assert "62%" in finding.evidence
    assert "embed --text use-multilingual" in finding.command
    assert not found(healthy(), "was not trained to read")
