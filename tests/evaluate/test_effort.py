"""How much of a large split baselines are asked, and that it is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.evaluate import baselines
from antiphon.evaluate.baselines import Effort, fit_linear_baselines
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.console import evaluation_lines
from antiphon.evaluate.split_vectors import Splits
from tests.helpers.libraries.made_vectors import COMPARED, make_library


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    root = tmp_path_factory.mktemp("effort") / "library"
    make_library(root, **COMPARED, names=("clear",))
    train(root, "clear", config=TrainConfig(epochs=0, device="cpu", hubness="none"))
    return root, root / "checkpoints" / "clear_best_r1.pt"


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """From 40 tracks on a split is large."""
    monkeypatch.setattr(baselines, "EVERY_QUERY_UP_TO", 1_000)
    monkeypatch.setattr(baselines, "ASKED", 40)
    monkeypatch.setattr(baselines, "CHOSEN_ON", 20)


def test_of_a_large_split_baselines_are_asked_a_sample_and_the_result_says_so(
    trained: tuple[Path, Path], large: None
) -> None:
    found = evaluate(*trained, resamples=100)
    assert (found["t2a"]["n_queries"], found["a2t"]["n_queries"]) == (90, 60)
    for figures in found["baselines"].values():
        assert (figures["asked_tracks"], figures["a2t"]["n_queries"], figures["a2t"]["n_items"]) == (40, 40, 90)
        assert figures["settings"]["val_tracks"] == 20
    (said,) = found["notes"]
    assert "asked for 40 of the 60 tracks" in said
    assert "chosen on 20 of the" in said
    assert f"antiphon evaluate {trained[1]} --split test --every-query --library {trained[0]}" in said
    lines = evaluation_lines(found)
    assert said in lines
    assert any(line.startswith("  cca (40 tracks)") for line in lines)


def test_the_verdict_compares_both_on_the_sample(trained: tuple[Path, Path], large: None) -> None:
    found = evaluate(*trained, resamples=100)
    name = max(
        found["baselines"], key=lambda k: found["baselines"][k]["t2a"]["MRR"] + found["baselines"][k]["a2t"]["MRR"]
    )
    best = found["baselines"][name]
    theirs = (best["t2a"]["MRR"] + best["a2t"]["MRR"]) / 2
    gain = best["training_minus_baseline"]["mean"]["MRR"]["difference"]
    assert f"MRR {theirs + gain:.3f} against {theirs:.3f}" in found["verdict"]
    assert "for 40 tracks" in found["verdict"]


def test_asked_everything_they_say_what_they_say_of_a_small_split(
    trained: tuple[Path, Path], request: pytest.FixtureRequest
) -> None:
    small = evaluate(*trained, resamples=100)
    request.getfixturevalue("large")
    every = evaluate(*trained, every_query=True, resamples=100)
    assert every == small
    assert every["notes"] == []


def test_a_sample_s_figures_are_those_of_its_queries(trained: tuple[Path, Path], large: None) -> None:
    root, path = trained
    every = evaluate(root, path, every_query=True, resamples=20)
    splits = Splits(root)
    vectors = splits.vectors(Bundle.load(path), "test")
    effort = replace(Effort.sensible(vectors, every_query=False), chosen_on=None)
    assert effort.asked is not None
    forms = {form.name: form for form in baselines.closed_forms(splits, "clear", "minilm", vectors)}
    some = {form.name: form for form in baselines.closed_forms(splits, "clear", "minilm", vectors, effort)}
    for name, form in some.items():
        for way in ("t2a", "a2t"):
            np.testing.assert_array_equal(form.ranked[way], effort.asked.among(forms[name].ranked)[way])
        assert form.settings == every["baselines"][name]["settings"]


def test_settings_are_chosen_on_some_of_val_where_that_is_enough(trained: tuple[Path, Path]) -> None:
    splits = Splits(trained[0])
    n = len(splits.pairs("clear", "minilm", "val").track_ids)
    assert [f.settings["val_tracks"] for f in fit_linear_baselines(splits, "clear", "minilm").values()] == [n, n]
    few = fit_linear_baselines(splits, "clear", "minilm", chosen_on=15)
    assert [form.settings["val_tracks"] for form in few.values()] == [15, 15]


def test_the_best_closed_form_alone_is_the_one_that_is_best_on_val(trained: tuple[Path, Path]) -> None:
    splits = Splits(trained[0])
    vectors = splits.vectors(Bundle.load(trained[1]), "test")
    both = baselines.closed_forms(splits, "clear", "minilm", vectors)
    (best,) = baselines.closed_forms(splits, "clear", "minilm", vectors, best_alone=True)
    assert best.name == sorted(both, key=lambda form: -form.settings["val_mrr"])[0].name
    assert best.settings["val_mrr"] == max(form.settings["val_mrr"] for form in both)
