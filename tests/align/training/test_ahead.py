"""Epochs that are made while closed forms are solved: what comes of them is what epochs made one by one come to."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from antiphon.align import assembly
from antiphon.align.config import TrainConfig
from antiphon.align.train import TrainResult, train
from antiphon.align.training import cpu
from antiphon.align.training.loop import Loop
from antiphon.align.training.results.after_epoch import AfterEpoch
from antiphon.align.training.results.background import begun
from antiphon.align.training.results.history import read_history
from antiphon.align.training.run import Run
from antiphon.errors import ConfigError
from tests.helpers.libraries.made_vectors import make_library

CONFIG = TrainConfig(epochs=6, dim=8, hidden=8, epoch_steps=4, batch_size=16, patience=0)
CLOCK = ("seconds", "pairs_per_second")


@pytest.fixture
def ahead(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Small steps count as large; the epochs that runs were told to make ahead."""
    told: list[int] = []
    plain = Run.__init__

    def init(self: Run, *args: Any, ahead: int = 0, **more: Any) -> None:
        told.append(ahead)
        plain(self, *args, ahead=ahead, **more)

    monkeypatch.setattr(cpu, "SMALL_STEP", 0.0)
    monkeypatch.setattr(Run, "__init__", init)
    return told


def learned(result: TrainResult) -> list[dict[str, Any]]:
    return [{k: v for k, v in each.to_dict().items() if k not in CLOCK} for each in result.history]


def tensors(value: Any) -> list[torch.Tensor]:
    if isinstance(value, torch.Tensor):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return [found for part in parts for found in tensors(part)]


def assert_same(a: TrainResult, b: TrainResult) -> None:
    assert learned(a) == learned(b)
    for kind, path in a.checkpoints.items():
        left, right = (tensors(torch.load(each, weights_only=True)) for each in (path, b.checkpoints[kind]))
        assert len(left) == len(right) > 10
        assert all(map(torch.equal, left, right)), kind


@pytest.mark.parametrize(("steps", "made"), [(18, 3), (40, 6)])
def test_epochs_made_ahead_are_those_that_are_made_one_by_one(
    tmp_path: Path, ahead: list[int], monkeypatch: pytest.MonkeyPatch, steps: int, made: int
) -> None:
    make_library(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    monkeypatch.setattr(cpu, "STEPS_AHEAD", 0)
    one_by_one = train(tmp_path / "a", "made", text="words", config=CONFIG)
    monkeypatch.setattr(cpu, "STEPS_AHEAD", steps)
    told: list[int] = []
    together = train(
        tmp_path / "b", "made", text="words", config=CONFIG, on_epoch=lambda record: told.append(record.epoch)
    )
    assert ahead == [1, made]
    assert told == [1, 2, 3, 4, 5, 6]
    assert_same(one_by_one, together)
    assert read_history(tmp_path / "b" / "runs" / "made" / "history.jsonl") == together.history


def test_stopped_before_any_is_measured_nothing_counts_and_the_same_call_starts_anew(
    tmp_path: Path, ahead: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    plain, made = Loop._one, []

    def one(self: Loop, *args: Any) -> Any:
        made.append(1)
        if len(made) == 10:
            raise KeyboardInterrupt
        return plain(self, *args)

    with monkeypatch.context() as patched:
        patched.setattr(Loop, "_one", one)
        with pytest.raises(KeyboardInterrupt, match="nothing is saved"):
            train(tmp_path / "a", "made", text="words", config=CONFIG)
    resumed = train(tmp_path / "a", "made", text="words", config=CONFIG)
    assert ahead == [6, 6]
    assert resumed.begun_after == 0
    assert_same(resumed, train(tmp_path / "b", "made", text="words", config=CONFIG))


def test_a_training_in_place_of_another_that_is_stopped_while_first_epochs_are_measured_starts_anew(
    tmp_path: Path, ahead: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path / "a")
    train(tmp_path / "a", "made", text="words", config=CONFIG)
    other = replace(CONFIG, lr=2 * CONFIG.lr)
    plain = AfterEpoch.measure

    def measure(self: AfterEpoch, epoch: int, *more: Any) -> Any:
        if epoch == 3:
            raise KeyboardInterrupt
        return plain(self, epoch, *more)

    with monkeypatch.context() as patched:
        patched.setattr(AfterEpoch, "measure", measure)
        with pytest.raises(KeyboardInterrupt):
            train(tmp_path / "a", "made", text="words", config=other, overwrite=True)
    for config in (CONFIG, other):  # no half of one training stands beside a half of the other
        found = train(tmp_path / "a", "made", text="words", config=config, overwrite=config is other)
        assert (found.begun_after, len(found.history)) == (0, CONFIG.epochs)
    assert ahead == [6] * 4


def test_a_training_that_diverges_ahead_stops_there_and_says_that_nothing_was_saved(
    tmp_path: Path, ahead: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path)
    plain, made = Loop._one, []

    def one(self: Loop, *args: Any) -> tuple[torch.Tensor, torch.Tensor]:
        made.append(1)
        loss, norm = plain(self, *args)
        return (loss * torch.nan if len(made) == 10 else loss), norm

    monkeypatch.setattr(Loop, "_one", one)
    with pytest.raises(ConfigError, match=r"epoch 2.*Nothing was saved"):
        train(tmp_path, "made", text="words", config=CONFIG)
    assert ahead == [6]
    assert len(made) == 12  # nothing is learned from what has diverged
    assert not list((tmp_path / "checkpoints").glob("made_*"))


def test_what_closed_forms_cannot_do_is_said_by_the_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("fewer than two tracks")

    make_library(tmp_path)
    monkeypatch.setattr(assembly, "forms_of", broken)
    with pytest.raises(ValueError, match="fewer than two"):
        train(tmp_path, "made", text="words", config=CONFIG)


def test_begun_work_gives_its_result_or_raises_its_error() -> None:
    assert begun(lambda: 7).result(timeout=60) == 7
    with pytest.raises(ZeroDivisionError):
        begun(lambda: 1 // 0).result(timeout=60)


def test_early_stopping_and_memory_bound_the_epochs_that_are_made_ahead(
    tmp_path: Path, ahead: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path)
    train(tmp_path, "made", text="words", name="patient", config=TrainConfig(**{**CONFIG.to_dict(), "patience": 2}))
    monkeypatch.setattr(cpu, "AHEAD_BYTES", 1)
    train(tmp_path, "made", text="words", name="narrow", config=CONFIG)
    assert ahead == [2, 1]
