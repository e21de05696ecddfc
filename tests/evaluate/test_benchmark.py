"""A checkpoint on a split: the contract, honesty about chance, baselines, and leaks."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines
from antiphon.evaluate.doctor.kept_result import result_on_test
from antiphon.evaluate.verdict import beats_chance, verdict
from antiphon.library.tracks import Track, save_library
from antiphon.metrics.figures import METRICS
from antiphon.metrics.retrieval import PROTOCOL
from tests.helpers.libraries.made_vectors import COMPARED, make_library, provenance

SMALL = TrainConfig(epochs=4, dim=16, hidden=32, epoch_steps=8, precision="float32", device="cpu", hubness="none")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    root = tmp_path_factory.mktemp("benchmark") / "library"
    make_library(root, **COMPARED, names=("clear",))
    train(root, "clear", config=SMALL)
    return root, root / "checkpoints" / "clear_best_r1.pt"


@pytest.fixture
def heads_alone(trained, tmp_path):
    """A copy of the library, and a checkpoint of trained heads without closed forms."""
    root = tmp_path / "library"
    shutil.copytree(trained[0], root)
    train(root, "clear", config=replace(SMALL, epochs=1, closed_form="none"), overwrite=True)
    return root, Bundle.load(root / "checkpoints" / "clear_best_r1.pt")


@pytest.fixture(scope="module")
def result(trained):
    return evaluate(*trained, resamples=200)


def test_the_result_holds_the_contract(result):
    assert {"protocol", "split", "t2a", "a2t", "loss"} <= set(result)
    assert (result["protocol"], result["split"]) == (PROTOCOL, "test")
    assert (result["t2a"]["n_queries"], result["t2a"]["n_items"]) == (90, 60)
    assert (result["a2t"]["n_queries"], result["a2t"]["n_items"]) == (60, 90)
    for way in ("t2a", "a2t"):
        assert set(METRICS) <= set(result[way])
        assert set(result[way]["chance"]) == set(result[way]["ci95"]) == set(METRICS)
    json.dumps(result)


def test_figures_equal_those_of_a_plain_loop(trained, result):
    from antiphon.library.pairs import load_pairs
    from antiphon.library.tracks import Library

    root, path = trained
    bundle, pairs = Bundle.load(path), load_pairs(Library(root), "clear", "minilm", "test")
    scores = bundle.embed_text(pairs.text) @ bundle.embed_audio(pairs.audio).T
    places = [1 + int(sum(row > row[t])) for row, t in zip(scores, pairs.track_of_caption, strict=True)]
    assert result["t2a"]["MRR"] == pytest.approx(np.mean([1 / p for p in places]))
    assert result["t2a"]["R@1"] == pytest.approx(100 * np.mean([p == 1 for p in places]))
    own = bundle.loss(pairs.text, pairs.audio, pairs.track_of_caption, pairs.text_id)
    assert result["loss"] == pytest.approx(own, rel=1e-5)


def test_the_test_result_is_kept_and_that_of_val_is_not(trained):
    root, path = trained
    kept = root / "runs" / "clear" / "test_metrics.json"
    kept.unlink(missing_ok=True)
    evaluate(root, path, "val", baselines=False, resamples=20)
    assert not kept.exists()
    found = evaluate(root, path, baselines=False, resamples=20)
    assert json.loads(kept.read_text()) == found


def test_baselines_stand_beside_the_result_with_a_paired_test(result):
    assert set(result["baselines"]) == {"ridge", "cca"}
    for figures in result["baselines"].values():
        gain = figures["training_minus_baseline"]["t2a"]["MRR"]
        assert gain["difference"] == pytest.approx(result["t2a"]["MRR"] - figures["t2a"]["MRR"])
        assert gain["ci95"][0] <= gain["difference"] <= gain["ci95"][1]
        assert figures["settings"]["tried"] > 1
        assert "correlations" not in figures["settings"]


def test_the_parts_of_a_checkpoint_are_judged_alone(trained, result):
    """The closed forms by their own weights, the trained heads without them; together they are the whole."""
    from antiphon.library.pairs import load_pairs
    from antiphon.library.tracks import Library

    root, path = trained
    bundle, pairs = Bundle.load(path), load_pairs(Library(root), "clear", "minilm", "test")
    assert set(result["parts"]) == {"closed_forms", "trained_heads"}
    assert sum(part["share"] for part in result["parts"].values()) == pytest.approx(1)
    text, audio = (torch.from_numpy(np.asarray(side, np.float32)) for side in (pairs.text, pairs.audio))
    members = list(zip(bundle.space.text.members, bundle.space.audio.members, bundle.space.audio.weights, strict=True))
    with torch.no_grad():
        cosines = [(words(text) @ sound(audio).T).numpy() for words, sound, _ in members]
    closed = sum(float(w) * cosine for (_, _, w), cosine in zip(members[:-1], cosines[:-1], strict=True))
    for name, scores in (("closed_forms", closed), ("trained_heads", cosines[-1])):
        places = [1 + int(sum(row > row[t] + 1e-6)) for row, t in zip(scores, pairs.track_of_caption, strict=True)]
        assert result["parts"][name]["t2a"]["MRR"] == pytest.approx(np.mean([1 / p for p in places]), abs=1e-3)
        gain = result["parts"][name]["training_minus_part"]["t2a"]["MRR"]["difference"]
        assert gain == pytest.approx(result["t2a"]["MRR"] - result["parts"][name]["t2a"]["MRR"])


@pytest.mark.parametrize(
    ("share", "interval", "said"),
    [
        (0.7, [-0.01, 0.02], "the trained heads add nothing measurable."),
        (0.7, [-0.03, -0.01], "It is worse than its own closed forms (MRR"),
        (1.0, [0.0, 0.0], "The checkpoint is its closed forms"),
        (0.7, [0.01, 0.02], None),
    ],
)
def test_the_verdict_names_closed_forms_that_are_as_good_alone(share, interval, said):
    figures = {"MRR": 0.5, "ci95": {"MRR": [0.4, 0.6]}, "chance": {"MRR": 0.1}}
    gain = {"mean": {"MRR": {"difference": sum(interval), "ci95": interval, "p": 0.01}}}
    own = {"share": share, "t2a": {"MRR": 0.5}, "a2t": {"MRR": 0.5}, "training_minus_part": gain}
    sentence = verdict({"t2a": figures, "a2t": figures, "parts": {"closed_forms": own}})
    assert (said in sentence) if said else ("closed forms" not in sentence)


def test_real_structure_is_found_and_lies_above_chance(result):
    assert beats_chance(result["t2a"])
    assert result["t2a"]["MRR"] > 3 * result["t2a"]["chance"]["MRR"]
    assert result["loss"] < result["loss_chance"]


def test_val_and_train_are_named_as_unfit_for_reporting(trained):
    found = evaluate(*trained, "val", baselines=False, resamples=20)
    assert any("choose the epoch" in w for w in found["warnings"])
    found = evaluate(*trained, "train", baselines=False, resamples=20)
    assert any("train split was trained on" in w for w in found["warnings"])


def test_test_tracks_that_were_trained_on_are_counted(trained, tmp_path):
    """The library was split anew: train and test changed places."""
    root = tmp_path / "library"
    shutil.copytree(trained[0], root)
    library = make_library(tmp_path / "other", **COMPARED, names=("clear",))
    swap = {"train": "test", "test": "train", "val": "val"}
    tracks = [Track(**row) for row in library.track_table.to_pylist()]
    from antiphon.library.tracks import Caption

    captions = [Caption(**row) for row in library.caption_table.to_pylist()]
    save_library(root, [replace(t, split=swap[t.split]) for t in tracks], captions, {})
    found = evaluate(root, root / "checkpoints" / "clear_best_r1.pt", baselines=False, resamples=20)
    assert any("60 of these 60 test tracks were trained on" in w for w in found["warnings"])


def test_a_small_split_says_how_coarse_it_is(tmp_path):
    make_library(tmp_path, **{**COMPARED, "test": 15}, names=("clear",))
    train(tmp_path, "clear", config=replace(SMALL, epochs=1))
    found = evaluate(tmp_path, tmp_path / "checkpoints" / "clear_best_r1.pt", baselines=False, resamples=20)
    assert any("Only 15 tracks" in w and "6.7 points" in w and "67% by chance" in w for w in found["warnings"])


def test_untrained_heads_do_not_pass_for_trained_ones(heads_alone):
    root, bundle = heads_alone
    torch.manual_seed(0)
    for parameter in bundle.space.text.parameters():
        parameter.data.normal_()
    bundle.save(root / "checkpoints" / "noise.pt")
    found = evaluate(root, root / "checkpoints" / "noise.pt", resamples=200)
    assert found["verdict"].startswith(("Not distinguishable", "Training did NOT"))


def test_a_collapsed_model_is_no_better_than_chance(heads_alone):
    root, bundle = heads_alone
    for head in (bundle.space.text, bundle.space.audio):
        for name, parameter in head.named_parameters():
            parameter.data.fill_(1.0 if name.endswith("bias") else 0.0)
    bundle.save(root / "checkpoints" / "one_point.pt")
    found = evaluate(root, root / "checkpoints" / "one_point.pt", baselines=False, resamples=50)
    assert found["t2a"]["R@1"] == 0.0
    assert found["verdict"] == "Not distinguishable from chance on this split."


@pytest.mark.parametrize(
    ("interval", "p", "said"),
    [
        ((0.01, 0.1), 0.04, "beats"),
        ((-0.02, 0.1), 0.4, "did not measurably beat"),
        ((-0.2, -0.1), 0.04, "is WORSE than"),
        ((0.01, 0.1), 0.2, "did not measurably beat"),
    ],
)
def test_the_verdict_follows_the_interval_and_the_test(interval, p, said):
    figures = {"MRR": 0.5, "ci95": {"MRR": [0.4, 0.6]}, "chance": {"MRR": 0.1}}
    gain = {"difference": sum(interval) / 2, "ci95": list(interval), "p": p}
    base = {"t2a": {"MRR": 0.4}, "a2t": {"MRR": 0.4}, "training_minus_baseline": {"mean": {"MRR": gain}}}
    sentence = verdict({"t2a": figures, "a2t": figures, "baselines": {"cca": base}})
    assert f"Training {said}" in sentence
    assert "0.500 against 0.400 of canonical correlation" in sentence
    assert ("counts as not significant" in sentence) == (p == 0.2)


def test_of_one_group_nothing_is_said_to_beat_anything():
    figures = {"MRR": 0.5, "ci95": {"MRR": [None, None]}, "chance": {"MRR": 0.1}, "n_groups": 1}
    assert not beats_chance(figures)
    assert "one group" in verdict({"split": "test", "t2a": figures, "a2t": figures})


def test_of_few_groups_nothing_is_sure():
    figures = {"MRR": 0.5, "ci95": {"MRR": [0.4, 0.6]}, "chance": {"MRR": 0.1}, "n_groups": 6}
    assert "6 groups are too few to be sure" in verdict({"split": "test", "t2a": figures, "a2t": figures})


def test_the_printed_table_has_value_interval_and_chance(result):
    text = "\n".join(evaluation_lines(result))
    row = next(line for line in evaluation_lines(result) if line.strip().startswith("R@1 "))
    figures = result["t2a"]
    for number in (figures["R@1"], figures["ci95"]["R@1"][0], figures["chance"]["R@1"]):
        assert f"{number:.2f}%" in row
    assert any(line.split()[0] == "cca" for line in evaluation_lines(result))
    assert result["verdict"] in text


def test_vectors_made_another_way_are_refused(trained, tmp_path):
    root = tmp_path / "library"
    shutil.copytree(trained[0], root)
    path = root / "embeddings" / "audio" / "clear" / "provenance.json"
    path.write_text(json.dumps(provenance("clear", "audio", 24, version="2").to_dict()))
    with pytest.raises(EmbeddingError, match="version: 1 in the checkpoint"):
        evaluate(root, trained[1])


def test_a_split_that_does_not_exist_is_refused(trained):
    with pytest.raises(LibraryError, match="Unknown split 'holdout'"):
        evaluate(*trained, "holdout")


def test_a_result_is_of_the_checkpoint_by_its_checksum_and_not_by_times(trained, tmp_path):
    """As after ``cp -r``, which gives files whatever times."""
    root, _ = trained
    copied = Path(shutil.copytree(root, tmp_path / "copied"))
    best = copied / "checkpoints" / "clear_best_r1.pt"
    evaluate(copied, best, baselines=False, resamples=20)
    kept = copied / "runs" / "clear" / "test_metrics.json"
    os.utime(best, (kept.stat().st_mtime + 60,) * 2)
    assert result_on_test(copied, "clear").figures
    found = json.loads(kept.read_text())
    del found["checkpoint_checksum"]
    kept.write_text(json.dumps(found))
    os.utime(kept, (best.stat().st_mtime - 5,) * 2)
    assert result_on_test(copied, "clear") == (None, True), "without a checksum it is the time that counts, as before"
    kept.write_text(json.dumps({**found, "checkpoint_checksum": "0" * 64}))
    assert result_on_test(copied, "clear") == (None, True), "newer, and of another checkpoint"
