"""A run that was stopped and resumed is, to the last digit, the run that was never stopped."""

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from antiphon.align.config import TrainConfig
from antiphon.align.train import TrainResult, train
from antiphon.align.training.results.history import EpochRecord, read_history
from antiphon.errors import CheckpointError, ConfigError
from antiphon.layout import Layout
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.trained.epochs import curves

CONFIG = TrainConfig(epochs=5, dim=8, hidden=8, epoch_steps=4, batch_size=16, patience=0)

KILLED = """
import os, signal, sys, time
from pathlib import Path
from antiphon.align.config import load_config
from antiphon.align.train import train
from antiphon.align.training.loop import Loop
from antiphon.align.training.results import after_epoch
root, settings, writing = Path(sys.argv[1]), load_config(Path(sys.argv[2])), sys.argv[3] == "writing"
plain, write, made = Loop._one, after_epoch.write_state, []
def kill():
    os.kill(os.getpid(), signal.SIGKILL)
def one(self, *args):
    made.append(1)
    if len(made) == 15 and not writing:
        while len((root / "runs/made/history.jsonl").read_text().splitlines()) < 2:
            time.sleep(0.001)
        kill()
    return plain(self, *args)
def write_state(state, path, **more):
    if writing and state["epoch"] == 2 and path.stem == "made_last":
        kill()
    write(state, path, **more)
Loop._one, after_epoch.write_state = one, write_state
train(root, "made", text="words", config=settings)
"""


def learned(record: EpochRecord) -> dict[str, object]:
    clock = ("seconds", "pairs_per_second")
    return {key: value for key, value in record.to_dict().items() if key not in clock}


def weights(result: TrainResult, kind: str) -> dict[str, torch.Tensor]:
    return torch.load(result.checkpoints[kind], weights_only=True)["weights"]


def assert_same(a: TrainResult, b: TrainResult) -> None:
    assert [learned(r) for r in a.history] == [learned(r) for r in b.history]
    for kind in a.checkpoints:
        left, right = weights(a, kind), weights(b, kind)
        assert all(torch.equal(left[key], right[key]) for key in left), kind


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    make_library(tmp_path / "a", layout=Layout(2, 4, 3))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    return tmp_path / "a", tmp_path / "b"


class StopError(Exception):
    pass


@pytest.mark.parametrize("error", [StopError, KeyboardInterrupt])
def test_stopped_after_an_epoch_and_resumed_equals_never_stopped(
    folders: tuple[Path, Path], error: type[BaseException]
) -> None:
    a, b = folders
    whole = train(a, "made", text="words", config=CONFIG)

    def stop(record: EpochRecord) -> None:
        if record.epoch == 2:
            raise error

    with pytest.raises(error):
        train(b, "made", text="words", config=CONFIG, on_epoch=stop)
    resumed = train(b, "made", text="words", config=CONFIG)
    assert (resumed.begun_after, resumed.finished_before) == (2, False)
    assert_same(whole, resumed)
    assert read_history(b / "runs" / "made" / "history.jsonl") == resumed.history


@pytest.mark.parametrize(("moment", "kept"), [("training", [1, 2]), ("writing", [1])])
def test_killed_in_an_epoch_or_while_one_is_written_and_resumed_equals_never_stopped(
    folders: tuple[Path, Path], tmp_path: Path, moment: str, kept: list[int]
) -> None:
    from antiphon.align.config import to_toml

    a, b = folders
    (tmp_path / "config.toml").write_text(to_toml(CONFIG))
    command = [sys.executable, "-c", KILLED, str(b), str(tmp_path / "config.toml"), moment]
    done = subprocess.run(command, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [r.epoch for r in read_history(b / "runs" / "made" / "history.jsonl")] == kept
    resumed = train(b, "made", text="words", resume=True)
    assert_same(train(a, "made", text="words", config=CONFIG), resumed)
    drawn = curves(b / "logs" / "tensorboard" / "made")
    assert drawn["train/loss"] == [(r.epoch, pytest.approx(r.train_loss)) for r in resumed.history]
    once = {tag for tag in drawn if tag.startswith("final/")}
    assert once
    assert all([step for step, _ in points] == [1, 2, 3, 4, 5] for tag, points in drawn.items() if tag not in once)
    assert all(len(drawn[tag]) == 1 for tag in once)


def test_ctrl_c_in_mid_epoch_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from antiphon.align.training.loop import Loop

    make_library(tmp_path)
    plain, made = Loop._one, []

    def one(self, *args):
        made.append(1)
        if len(made) == 8:
            raise KeyboardInterrupt
        return plain(self, *args)

    monkeypatch.setattr(Loop, "_one", one)
    with pytest.raises(KeyboardInterrupt, match=r"Epoch 1 of 5 is saved; the same command goes on"):
        train(tmp_path, "made", text="words", config=CONFIG)
    made[:] = [1] * 5
    with pytest.raises(KeyboardInterrupt, match="Stopped before the first epoch"):
        train(tmp_path, "made", text="words", name="other", config=CONFIG)


def test_an_epoch_in_the_history_but_not_in_the_checkpoint_is_not_doubled(folders: tuple[Path, Path]) -> None:
    a, _ = folders
    train(a, "made", text="words", config=TrainConfig(**{**CONFIG.to_dict(), "epochs": 2}))
    path = a / "runs" / "made" / "history.jsonl"
    path.write_text(path.read_text() + path.read_text().splitlines()[-1].replace('"epoch": 2', '"epoch": 3') + "\n")
    train(a, "made", text="words", config=TrainConfig(**{**CONFIG.to_dict(), "epochs": 4}), resume=True)
    assert [r.epoch for r in read_history(path)] == [1, 2, 3, 4]


def test_other_settings_are_refused_by_name(folders: tuple[Path, Path]) -> None:
    a, _ = folders
    train(a, "made", text="words", config=CONFIG)
    other = TrainConfig(**{**CONFIG.to_dict(), "lr": 2e-3, "seed": 9, "epochs": 9})
    with pytest.raises(ConfigError, match=r"(?s)lr: 0.00\d+ there, 0.002 now.*seed: 0 there, 9 now") as caught:
        train(a, "made", text="words", config=other, resume=True)
    assert "epochs" not in caught.value.problem


def test_a_finished_run_is_left_as_it_is(folders: tuple[Path, Path]) -> None:
    a, _ = folders
    first = train(a, "made", text="words", config=CONFIG)
    before = first.checkpoints["last"].read_bytes()
    again = train(a, "made", text="words", resume=True)
    assert again.history == first.history
    assert first.checkpoints["last"].read_bytes() == before


def test_resuming_on_another_split_is_refused(folders: tuple[Path, Path]) -> None:
    a, _ = folders
    train(a, "made", text="words", config=CONFIG)
    shutil.rmtree(a / "embeddings")
    make_library(a, train=39, val=13, layout=Layout(2, 4, 3))
    with pytest.raises(CheckpointError, match="another train split"):
        train(a, "made", text="words", resume=True)


def test_resuming_what_never_began_starts_it(folders: tuple[Path, Path]) -> None:
    started = time.monotonic()
    result = train(folders[0], "made", text="words", config=CONFIG, resume=True)
    assert len(result.history) == 5
    assert result.seconds <= time.monotonic() - started + 1
