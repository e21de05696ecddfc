"""The weight of closed forms: a default, which val may move once, when the last epoch is saved."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.material import read_material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble import final_check
from antiphon.align.ensemble.ensemble import Ensemble, joined
from antiphon.align.ensemble.weights import ALTERNATIVES, CLOSED_FORM_WEIGHT, choose_weight
from antiphon.align.train import train
from antiphon.align.training.results import after_epoch
from antiphon.align.training.results.history import EpochRecord
from antiphon.arrays import Embeddings
from antiphon.evaluate.benchmark import evaluate
from antiphon.metrics.shares import tracks_by_share
from tests.helpers.libraries.made_vectors import make_library

SMALL = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2)
DEFAULT = CLOSED_FORM_WEIGHT.value
KINDS = ("best_r1", "best_loss", "last")


def unit(x: np.ndarray) -> np.ndarray:
    return (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)


def pairs_of(n: int) -> PairSet:
    return PairSet(*(Rows.all_of(np.zeros((n, 1), np.float32)),) * 2, np.arange(n), np.arange(n))


def test_the_default_is_left_only_for_a_clear_gain() -> None:
    rng, n = np.random.default_rng(0), 12
    val, same = pairs_of(n), np.eye(n, dtype=np.float32)
    noise = Embeddings(unit(rng.normal(size=(n, 8))), unit(rng.normal(size=(n, 8))))
    perfect, contrary = Embeddings(same, same), Embeddings(-same, same)
    assert choose_weight(perfect, perfect, val, default=DEFAULT) == DEFAULT
    assert choose_weight(noise, perfect, val, default=DEFAULT) == DEFAULT  # already right at the default
    assert choose_weight(perfect, contrary, val, default=DEFAULT) < DEFAULT
    weak = joined([perfect, noise], [0.02, 0.98])
    low, high = (choose_weight(*two, val, default=DEFAULT) for two in ((weak, contrary), (contrary, weak)))
    assert low < high


def test_a_gain_that_a_few_tracks_made_moves_nothing() -> None:
    """By the mean alone another weight would win; three lucky tracks of forty are no reason."""
    n, val = 40, pairs_of(40)
    right, astray = np.eye(n, dtype=np.float32), np.roll(np.eye(n, dtype=np.float32), 1, axis=0)
    for lucky, moved in ((3, False), (30, True)):
        closed = np.where(np.arange(n)[:, None] < lucky, astray, right)
        spaces = Embeddings(right, right), Embeddings(closed, right)
        found = tracks_by_share(*spaces, val, ALTERNATIVES).mean(axis=1)
        assert max(found) > found[ALTERNATIVES.index(DEFAULT)]
        assert (choose_weight(*spaces, val, default=DEFAULT) != DEFAULT) is moved


def test_a_member_that_is_far_weaker_has_no_weight_where_val_does_not_speak_for_it() -> None:
    rng, n = np.random.default_rng(2), 60
    val, sound = pairs_of(n), rng.normal(size=(n, 12))

    def heard(noise: float) -> Embeddings:
        return Embeddings(unit(sound + noise * rng.normal(size=sound.shape)), unit(sound))

    good, half, blind = heard(0.6), heard(0.9), Embeddings(unit(rng.normal(size=(n, 12))), unit(sound))
    alone, without, with_it = tracks_by_share(blind, good, val, (0.0, 1.0, DEFAULT)).mean(axis=1)
    assert alone < 0.25 < 0.5 < with_it < without
    assert choose_weight(blind, good, val, default=DEFAULT) == 1.0
    assert choose_weight(half, good, val, default=DEFAULT) == DEFAULT


def test_one_track_can_decide_nothing() -> None:
    one = Embeddings(np.ones((1, 1), np.float32), np.ones((1, 1), np.float32))
    assert choose_weight(one, one, pairs_of(1), default=DEFAULT) == DEFAULT


def test_every_epoch_has_the_default_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_library(tmp_path)
    seen, write = [], after_epoch.write_state

    def watched(state: dict[str, Any], path: Path, **options: Any) -> None:
        if path.name == "made_last.pt":
            seen.append(state["val"]["closed_form_weight"])
        write(state, path, **options)

    monkeypatch.setattr(after_epoch, "write_state", watched)
    train(tmp_path, "made", text="words", config=SMALL)
    assert seen == [DEFAULT, DEFAULT]


@pytest.fixture
def prefers_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final_check, "choose_weight", lambda *_, **__: 0.5)


@pytest.mark.usefixtures("prefers_a_half")
def test_when_val_prefers_another_weight_all_checkpoints_have_it_and_say_what_evaluation_finds(tmp_path: Path) -> None:
    make_library(tmp_path)
    result = train(tmp_path, "made", text="words", config=SMALL)
    for kind in KINDS:
        bundle = Bundle.load(result.checkpoints[kind])
        assert Ensemble(bundle.space).weights == (0.5, 0.5)
        assert bundle.val["closed_form_weight"] == 0.5
        assert bundle.hubness is not None
        found = evaluate(tmp_path, result.checkpoints[kind], "val", baselines=False, resamples=20)
        assert found["t2a"]["MRR"] == bundle.val["val_t2a_MRR"]
        assert found["a2t"]["R@5"] == bundle.val["val_a2t_R@5"]
        assert found["loss"] == pytest.approx(bundle.val["val_loss"], rel=1e-5)
    assert "training" in torch.load(result.checkpoints["last"], weights_only=True)


@pytest.mark.usefixtures("prefers_a_half")
def test_a_training_that_was_stopped_before_the_check_ends_as_if_it_never_was(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("whole", "stopped")]
    for folder in folders:
        make_library(folder)
    whole = train(folders[0], "made", text="words", config=SMALL)

    def stop(record: EpochRecord) -> None:
        if record.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(folders[1], "made", text="words", config=SMALL, on_epoch=stop)
    left = Bundle.load(folders[1] / "checkpoints" / "made_best_r1.pt")
    assert Ensemble(left.space).weights == pytest.approx((DEFAULT, 1 - DEFAULT))
    again = train(folders[1], "made", text="words", config=SMALL)
    for kind in KINDS:
        mine, theirs = (Bundle.load(result.checkpoints[kind]) for result in (again, whole))
        weights = theirs.space.state_dict()
        assert all(torch.equal(value, weights[key]) for key, value in mine.space.state_dict().items())
        assert mine.val["val_t2a_MRR"] == theirs.val["val_t2a_MRR"]
    assert train(folders[1], "made", text="words", config=SMALL).finished_before


def test_without_val_the_default_stays(tmp_path: Path) -> None:
    make_library(tmp_path, val=0)
    result = train(tmp_path, "made", text="words", config=SMALL)
    assert Bundle.load(result.checkpoints["best_r1"]).val["closed_form_weight"] == DEFAULT
    assert read_material(tmp_path, "made", "words").val is None
