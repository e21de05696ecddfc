"""The checkpoint for search: fitted again on train and val, and nothing that it says hides that."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import find_checkpoint, require_name, serving_path
from antiphon.align.closed_form.linear_cca import Settings
from antiphon.align.config import TrainConfig
from antiphon.align.data.caption_kinds import caption_shares
from antiphon.align.data.features import Rows
from antiphon.align.data.material import read_material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble import closed_forms
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.linear.look import Look
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.inference import embed_pairs
from antiphon.align.train import train
from antiphon.align.train_result import TrainResult
from antiphon.errors import ConfigError
from antiphon.evaluate.benchmark import FITTED_ON, evaluate
from antiphon.evaluate.console import closed_forms_chosen, searched_with
from antiphon.evaluate.doctor.diagnose import diagnose
from antiphon.search.checkpoints import best_checkpoint, checkpoint_for_search
from antiphon.search.searcher import Searcher
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TrainResult]:
    root = tmp_path_factory.mktemp("serving") / "library"
    make_library(root, test=10)
    return root, train(root, "made", text="words", config=SMALL)


@pytest.fixture
def copy(made: tuple[Path, TrainResult], tmp_path: Path) -> Path:
    shutil.copytree(made[0], tmp_path / "copy")
    return tmp_path / "copy"


def served(result: TrainResult) -> Bundle:
    assert result.serving is not None
    return Bundle.load(result.serving)


def test_closed_forms_are_those_of_train_and_val_and_heads_are_the_trained_ones(
    made: tuple[Path, TrainResult],
) -> None:
    root, result = made
    material, best, again = (
        read_material(root, "made", "words"),
        Bundle.load(result.checkpoints["best_r1"]),
        served(result),
    )
    assert material.val is not None
    both = material.train.followed_by(material.val)
    before, after = Ensemble(best.space), Ensemble(again.space)
    measured = Look.from_figures(best.val)
    for member, expected in ((0, fit_closed_forms(both, measured=measured).space), (1, before.member(1))):
        found, wanted = embed_pairs(after.member(member), both), embed_pairs(expected, both)
        np.testing.assert_allclose(found.audio, wanted.audio, atol=1e-5)
        np.testing.assert_allclose(found.text, wanted.text, atol=1e-5)
    assert after.weights == before.weights
    assert again.temperature == pytest.approx(best.temperature)
    assert again.hubness is not None
    assert np.array_equal(again.hubness.text, fit_hubness_of(again.space, both, seed=best.seed).text)


def test_it_says_what_it_was_fitted_on_and_keeps_the_figures_from_before(made: tuple[Path, TrainResult]) -> None:
    root, result = made
    best, again = Bundle.load(result.checkpoints["best_r1"]), served(result)
    material = read_material(root, "made", "words")
    assert (best.refitted_on_val, again.refitted_on_val) == (0, len(material.val_ids))
    assert again.train_ids == [*material.train_ids, *material.val_ids]
    assert again.val == best.val
    assert (again.name, again.run, again.epoch, again.training) == ("made_serving", "made", best.epoch, {})
    assert result.to_dict()["serving"] == str(serving_path(root, "made"))
    assert "figures above are from before, those of made_best_r1.pt" in searched_with(result)[0]


def test_evaluate_gives_no_verdict_on_val_and_warns_of_the_baselines_on_test(made: tuple[Path, TrainResult]) -> None:
    root, result = made
    assert result.serving is not None
    on_val = evaluate(root, result.serving, "val", baselines=False, resamples=0)
    assert on_val["verdict"] == FITTED_ON
    assert any("training figures, made_best_r1 has val's" in warning for warning in on_val["warnings"])
    on_test = evaluate(root, result.serving, "test", baselines=False, resamples=20)
    assert not (root / "runs" / "made" / "test_metrics.json").exists()  # those are best_r1's
    assert on_test["verdict"] != FITTED_ON
    assert any("val tracks too, the baselines were not" in warning for warning in on_test["warnings"])
    best = evaluate(root, result.checkpoints["best_r1"], "val", baselines=False, resamples=0)
    assert best["verdict"] != FITTED_ON


def test_search_takes_it_and_evaluation_does_not(copy: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert best_checkpoint(copy).name == "made_best_r1.pt"
    assert checkpoint_for_search(copy).name == Searcher(copy).checkpoint.name == "made_serving.pt"
    assert find_checkpoint(copy, "made").name == find_checkpoint(copy, "made_best_r1", search=True).name
    assert find_checkpoint(copy, "made", search=True).name == "made_serving.pt"
    titles = [finding.title for finding in diagnose(copy, "made").findings]
    assert "For search use made_serving.pt" in titles
    serving_path(copy, "made").write_bytes(b"half of it")
    assert checkpoint_for_search(copy).name == "made_best_r1.pt"
    assert "made_serving.pt is passed over" in caplog.text


def test_the_same_command_makes_up_for_one_that_is_missing(copy: Path) -> None:
    before = Bundle.load(serving_path(copy, "made"))
    serving_path(copy, "made").unlink()
    again = train(copy, "made", text="words", config=SMALL)
    assert again.finished_before
    material = read_material(copy, "made", "words")
    found, wanted = (embed_pairs(bundle.space, material.train) for bundle in (served(again), before))
    assert np.array_equal(found.audio, wanted.audio)


@pytest.mark.parametrize(
    "change",
    [
        lambda config: replace(config, closed_form="none"),
        lambda config: replace(config, closed_form="none", epochs=1),
    ],
)
def test_a_training_that_has_no_closed_forms_leaves_none_not_even_an_old_one(
    copy: Path, change: Callable[[TrainConfig], TrainConfig]
) -> None:
    result = train(copy, "made", text="words", config=change(SMALL), overwrite=True)
    assert result.serving is None
    assert not serving_path(copy, "made").exists()
    assert searched_with(result) == []


def test_closed_forms_alone_are_fitted_again_as_a_whole(tmp_path: Path) -> None:
    make_library(tmp_path)
    result = train(tmp_path, "made", text="words", config=TrainConfig(epochs=0))
    material, again = read_material(tmp_path, "made", "words"), served(result)
    assert material.val is not None
    both = material.train.followed_by(material.val)
    wanted = fit_closed_forms(both, measured=Look.from_figures(again.val)).space
    np.testing.assert_allclose(embed_pairs(again.space, both).audio, embed_pairs(wanted, both).audio, atol=1e-5)
    assert again.temperature == Bundle.load(result.checkpoints["best_r1"]).temperature


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_that_was_measured_inside_train_is_the_one_that_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: float
) -> None:
    make_library(tmp_path)
    looks = []

    def found(*_: object, **__: object) -> Look:
        looks.append(share)
        return Look(share, (Settings(3.0, 8, 1.0),))

    monkeypatch.setattr(closed_forms, "look", found)
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert len(looks) == 1  # the tracks of val are new to it, and a look at them too may find another share
    for bundle in (Bundle.load(result.checkpoints["best_r1"]), served(result)):
        forms = Ensemble(bundle.space).member(0)
        kinds = {0.0: "kernel_cca", 1.0: "linear_cca"}.get(share, "ensemble")
        assert forms.audio.spec.kind == kinds
        if kinds == "ensemble":
            assert Ensemble(forms).weights == pytest.approx((1 - share, share))
    said = {0.0: "kernel CCAs (100%)", 0.25: "kernel CCAs (75%) and linear CCAs (25%)", 1.0: "linear CCAs (100%)"}
    assert closed_forms_chosen(result) == [f"Closed forms: {said[share]}, as a quick look inside train found best."]
    again = train(tmp_path, "made", text="words", config=SMALL)
    assert again.finished_before
    assert again.to_dict()["linear_cca_share"] == share


def test_without_val_and_on_large_sets_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path / "no val", val=0)
    assert train(tmp_path / "no val", "made", text="words", config=TrainConfig(epochs=0)).serving is None
    make_library(tmp_path / "many", train=40)
    monkeypatch.setattr("antiphon.align.ensemble.serving.FEW", 39)
    assert train(tmp_path / "many", "made", text="words", config=TrainConfig(epochs=0)).serving is None


def test_no_training_can_be_called_like_one() -> None:
    with pytest.raises(ConfigError, match="a meaning of its own"):
        require_name("muq_serving")


def test_pairs_that_follow_others_keep_their_tracks_captions_and_weights() -> None:
    one = PairSet(Rows.all_of(np.eye(2)), Rows.all_of(np.eye(3)), np.array([0, 0, 1]), np.array([0, 1, 0]))
    kinds = np.array(["human", "machine"], object)
    weighed = caption_shares(np.array([0, 0]), kinds)
    two = PairSet(
        Rows.all_of(2 * np.eye(2)[:1]), Rows.all_of(3 * np.eye(3)[:2]), np.array([0, 0]), np.array([0, 1]), weighed
    )
    both = one.followed_by(two)
    assert both.audio.raw(slice(None)).tolist() == [[1, 0], [0, 1], [2, 0]]
    assert both.text.raw(slice(None)).tolist() == [*np.eye(3).tolist(), [3, 0, 0], [0, 3, 0]]
    assert both.track_of_caption.tolist() == [0, 0, 1, 2, 2]
    assert both.text_id.tolist() == [0, 1, 0, 2, 3]
    assert both.shares is not None
    assert both.shares.tolist() == [0.5, 0.5, 1.0, 0.75, 0.25]
    assert one.followed_by(one).shares is None


def test_rows_of_one_matrix_stay_where_they_lie() -> None:
    matrix = np.arange(8.0).reshape(4, 2)
    both = Rows(matrix, np.array([2])).followed_by(Rows(matrix, np.array([0])))
    assert both.matrix is matrix
    assert both.rows.tolist() == [2, 0]
