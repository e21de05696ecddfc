"""The doctor on test results, checkpoints and whole runs."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pytest

from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.doctor.diagnose import diagnose, examine
from antiphon.evaluate.warned import ONLY_MADE, subject
from antiphon.library.captions import CAPTION_COLUMNS
from antiphon.library.tracks import TRACK_COLUMNS, Library, save_tables
from tests.helpers.evaluated.made_course import case, found, healthy, one
from tests.helpers.libraries.made_vectors import COMPARED, make_library


def figures_of_test(low, *, gain=(0.01, 0.1), warnings=()):
    figures = {"MRR": 0.3, "ci95": {"MRR": [low, 0.4]}, "chance": {"MRR": 0.1}}
    difference = {"difference": sum(gain) / 2, "ci95": list(gain), "p": 0.03}
    closed = {"t2a": figures, "a2t": figures, "training_minus_baseline": {"mean": {"MRR": difference}}}
    return {"t2a": figures, "a2t": figures, "baselines": {"cca": closed}, "warnings": list(warnings)}


def test_a_test_result_at_chance_is_a_problem():
    assert one(healthy(test=figures_of_test(0.05)), "Test t2a retrieval is not distinguishable").severity == "problem"
    assert not found(healthy(test=figures_of_test(0.2)), "not distinguishable")


@pytest.mark.parametrize(("groups", "name"), [(2, "too-small-t2a"), (40, "test-chance-t2a")])
def test_a_split_on_which_a_perfect_model_could_not_be_told_from_chance_is_too_small_and_no_problem(groups, name):
    figures = {"MRR": 0.8, "ci95": {"MRR": [0.5, 1.0]}, "chance": {"MRR": 0.75}, "n_groups": groups}
    told = {f.id: f for f in examine(healthy(test={"t2a": figures, "a2t": figures})).findings}
    assert told[name].severity == ("warning" if groups == 2 else "problem")
    assert len({"too-small-t2a", "test-chance-t2a"} & set(told)) == 1


@pytest.mark.parametrize("low", [None, 0.5])
def test_one_group_tells_nothing_also_where_every_query_has_one_rank_and_an_interval_of_one_observation(low):
    figures = {"MRR": 1.0, "ci95": {"MRR": [low, 1.0]}, "chance": {"MRR": 0.1}, "n_groups": 1}
    told = {f.id for f in examine(healthy(test={"t2a": figures, "a2t": figures})).findings}
    assert {"one-group-t2a", "one-group-a2t"} <= told


@pytest.mark.parametrize(
    ("gain", "title", "severity"),
    [
        ((0.01, 0.1), "Training beats every baseline", "good"),
        ((-0.05, 0.1), "Training does not measurably beat canonical", "note"),
        ((-0.2, -0.1), "Training is worse than canonical correlation analysis (CCA)", "warning"),
    ],
)
def test_baselines_are_named_by_what_the_interval_says(gain, title, severity):
    assert one(healthy(test=figures_of_test(0.2, gain=gain)), title).severity == severity


def test_a_baseline_that_is_behind_changes_no_setting():
    ahead = one(healthy(test=figures_of_test(0.2, gain=(-0.05, 0.1))), "does not measurably beat")
    behind = one(healthy(test=figures_of_test(0.2, gain=(-0.1, 0.05))), "does not measurably beat")
    assert ahead.command == "antiphon evaluate checkpoints/muq_best_r1.pt --folds 5"
    assert behind.command != ahead.command


def test_a_leak_into_the_test_split_is_a_problem():
    leak = healthy(test=figures_of_test(0.2, warnings=["9 of these 60 test tracks were trained on: …"]))
    assert one(leak, "Test tracks were trained on").severity == "problem"
    harmless = healthy(
        test=figures_of_test(0.2, warnings=["splits changed, but no track of this split was trained on."])
    )
    assert one(harmless, "About the test figures").severity == "note"


def test_each_sentence_about_the_test_figures_has_a_title_of_its_own():
    made = [
        ONLY_MADE,
        "The library's splits changed since training, but no track of this split was trained on.",
        "Only 12 tracks: one track more or less changes R@1 by 8.3 points, and R@10 is 83% by chance.",
        "Left out of the split: 3 tracks: no vector of muq (3).",
        "Something that another version wrote.",
        "And one more of it.",
    ]
    findings = examine(healthy(test=figures_of_test(0.2, warnings=made))).findings
    told = {f.id: f.title for f in findings if f.evidence and f.evidence in " ".join(made)}
    assert list(told) == ["test-only-made", "splits-changed", "small-test", "test-left-out", "about-test"]
    assert len({f.title for f in findings}) == len(findings)


def test_the_sentences_of_an_evaluation_are_known_by_their_subject(tmp_path):
    make_library(tmp_path, test=12)
    train(tmp_path, "made", text="words", config=TrainConfig(epochs=1, closed_form="none"))
    library = Library(tmp_path)
    splits = library.column("split").tolist()
    moved = splits.index("train"), splits.index("test")
    splits[moved[0]], splits[moved[1]] = "test", "train"
    tracks = library.track_table.set_column(
        library.track_table.column_names.index("split"), "split", pa.array(splits, pa.string())
    )
    save_tables(tmp_path, tracks.select(TRACK_COLUMNS), library.caption_table.select(CAPTION_COLUMNS), {})
    found = evaluate(tmp_path, checkpoint_paths(tmp_path, "made")["best_r1"], resamples=20)
    assert {subject(warning)[0] for warning in found["warnings"]} == {"leak", "small-test"}


def test_without_a_test_result_the_next_command_is_evaluate():
    finding = one(healthy(library="/music"), "no test result yet")
    assert finding.command == "antiphon evaluate checkpoints/muq_best_r1.pt --library /music"
    assert not found(healthy(test=figures_of_test(0.2)), "no test result yet")


def test_each_checkpoint_is_named_with_its_use():
    evidence = one(healthy(), "For search use muq_best_r1.pt").evidence
    for part in ("muq_best_loss.pt: epoch", "muq_last.pt: epoch 20", "--resume"):
        assert part in evidence


def test_without_a_val_split_it_says_so():
    blind = tuple(replace(r, val=None, val_loss=None) for r in healthy().history)
    assert one(case(blind), "no val split").severity == "warning"


def test_findings_are_ordered_and_printed_with_their_command():
    diagnosis = examine(healthy(test=figures_of_test(0.05)))
    order = ["problem", "warning", "note", "good"]
    places = [order.index(f.severity) for f in diagnosis.findings]
    assert places == sorted(places)
    text = "\n".join(diagnosis.lines())
    assert "✗ Test t2a retrieval" in text
    assert "→ antiphon index checkpoints/muq_best_r1.pt" in text
    assert json.loads(json.dumps(diagnosis.to_dict()))["findings"][0]["severity"] == "problem"


def test_a_real_training_is_diagnosed_from_its_files(tmp_path):
    make_library(tmp_path, **COMPARED, names=("clear",))
    small = TrainConfig(epochs=3, dim=16, hidden=32, epoch_steps=8, precision="float32", device="cpu")
    train(tmp_path, "clear", config=small)
    diagnosis = diagnose(tmp_path, "clear")
    assert diagnosis.epochs == 3
    small_val = next(f for f in diagnosis.findings if "val split is small (40 tracks)" in f.title)
    assert "R@1 is 2.5%" in small_val.evidence
    assert any("no test result yet" in f.title for f in diagnosis.findings)


def test_an_encoder_that_was_not_trained_is_refused(tmp_path):
    make_library(tmp_path, **COMPARED, names=("clear",))
    with pytest.raises(LibraryError, match=r"'mert' was not trained .* \(trained: none\)"):
        diagnose(tmp_path, "mert")
