"""Trackers together: what is not installed is refused at once, and none of them ends a training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from antiphon.align.config import TRACKERS, TrainConfig
from antiphon.align.train import train
from antiphon.align.training.results.trackers.opened import CLASSES, Trackers, require_trackers, settings_of
from antiphon.align.training.results.trackers.tracker import TrackedRun
from antiphon.align.training.results.trackers.wandb import Wandb
from antiphon.errors import ConfigError
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.trained.epochs import curves
from tests.helpers.trained.epochs import epoch_record as record

CONFIG: dict[str, Any] = {"dim": 8, "hidden": 8, "epoch_steps": 2, "batch_size": 16, "patience": 0}
TRACKIO = """
import json
from pathlib import Path

HERE = Path(__file__).parent / "runs.json"

class Run:
    def __init__(self, name): self.name, self.points = name, []
    def log(self, metrics, step): self.points.append([step, metrics])
    def delete(self): stored(lambda runs: [r for r in runs if r[0] != self.name])

def stored(change=lambda runs: runs):
    runs = change(json.loads(HERE.read_text()) if HERE.exists() else [])
    HERE.write_text(json.dumps(runs))
    return runs

class Api:
    def runs(self, project):
        if not stored(): raise ValueError(f"Project '{project}' does not exist")
        return [Run(name) for name, _ in stored()]

def init(project, name, config, resume, **options):
    global current
    assert resume == "never" and config["encoder"] == "made" and "log_to" not in config
    print("Trackio project initialized")
    current = Run(name)
    return current

def finish(): stored(lambda runs: [*runs, [current.name, current.points]])
"""


@pytest.fixture
def trackio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for the package; returns the file with what it was told."""
    place = tmp_path / "packages"
    place.mkdir()
    (place / "trackio.py").write_text(TRACKIO)
    monkeypatch.syspath_prepend(str(place))
    for name in ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL"):
        monkeypatch.delenv(name, raising=False)
    yield place / "runs.json"
    import sys

    sys.modules.pop("trackio", None)


def told(path: Path) -> dict[str, list[int]]:
    return {
        name: [step for step, values in points if "val/loss" in values] for name, points in json.loads(path.read_text())
    }


def test_every_name_that_the_setting_takes_has_a_tracker() -> None:
    assert set(CLASSES) == {"tensorboard", *TRACKERS}


def test_a_package_that_is_missing_is_told_before_anything_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    make_library(tmp_path)
    with pytest.raises(ConfigError, match=r"log_to asks for wandb, which is not installed.*\n.*pip install wandb"):
        train(tmp_path, "made", text="words", config=TrainConfig(epochs=2, log_to=("wandb",), **CONFIG))
    assert not list((tmp_path / "checkpoints").glob("*"))


def test_a_resumed_training_is_one_run_with_every_epoch_once(
    tmp_path: Path, trackio: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_library(tmp_path / "lib")
    for epochs in (2, 4):
        config = TrainConfig(epochs=epochs, log_to=("trackio",), **CONFIG)
        train(tmp_path / "lib", "made", text="words", config=config, resume=epochs == 4)
        assert told(trackio) == {"made": list(range(1, epochs + 1))}
    assert capsys.readouterr().out == ""
    assert len(curves(tmp_path / "lib" / "logs" / "tensorboard" / "made")["val/loss"]) == 4


def test_where_to_draw_may_change_without_making_another_training(tmp_path: Path, trackio: Path) -> None:
    make_library(tmp_path / "lib")
    train(tmp_path / "lib", "made", text="words", config=TrainConfig(epochs=2, **CONFIG))
    again = TrainConfig(epochs=2, log_to=("trackio",), **CONFIG)
    assert train(tmp_path / "lib", "made", text="words", config=again).finished_before


def test_a_tracker_that_cannot_begin_is_refused_by_name(tmp_path: Path, trackio: Path) -> None:
    run = TrackedRun(root=tmp_path, name="muq", settings={"encoder": "another"}, history=())
    with pytest.raises(ConfigError, match=r"trackio cannot begin: AssertionError.*\n.*out of log_to"):
        Trackers(run, ["trackio"])


def test_a_tracker_that_fails_is_left_out_and_the_others_go_on(
    tmp_path: Path, trackio: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = TrackedRun(root=tmp_path, name="muq", settings={"encoder": "made"}, history=())
    with Trackers(run, ["trackio"]) as trackers:
        trackers.add(record(1))
        shutil.rmtree(tmp_path / "logs")
        trackers.add(record(2))
        trackers.add(record(3))
    assert caplog.text.count("No more curves in tensorboard") == 1
    assert told(trackio) == {"muq": [1, 2, 3]}


def test_settings_are_those_that_were_set_or_chosen() -> None:
    found = settings_of(TrainConfig(lr=0.1, log_to=("trackio",)), encoder="muq")
    assert (found["encoder"], found["lr"]) == ("muq", 0.1)
    assert not {"log_to", "batch_size"} & set(found)


def test_what_is_installed_passes() -> None:
    require_trackers(["json"])


def test_wandb_reports_nothing_to_its_makers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The package reads the variable when it loads, and reports metrics of offline runs, too."""
    (tmp_path / "wandb.py").write_text("import os\nraise RuntimeError(os.environ['WANDB_ERROR_REPORTING'])")
    monkeypatch.syspath_prepend(str(tmp_path))
    for theirs, wanted in ((None, "false"), ("true", "true")):
        if theirs is None:
            monkeypatch.delenv("WANDB_ERROR_REPORTING", raising=False)
        else:
            monkeypatch.setenv("WANDB_ERROR_REPORTING", theirs)
        with pytest.raises(RuntimeError, match=wanted):
            Wandb(TrackedRun(root=tmp_path, name="made", settings={}, history=[]))
