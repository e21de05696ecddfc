"""Two trainings, fusions or sweeps of one name would mix their files: the second is told who is at it."""

import os
from pathlib import Path

import pytest

from antiphon.align.checkpoint.paths import only_trainer
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.sweep.search import sweep
from antiphon.align.train import train
from antiphon.errors import LibraryError
from tests.helpers.libraries.made_vectors import make_library

BUSY = rf"Another process \(id {os.getpid()}\) is"


def test_a_second_training_of_a_name_is_refused_and_one_of_another_name_is_not(tmp_path: Path) -> None:
    make_library(tmp_path)
    config = TrainConfig(epochs=1, dim=16)
    with only_trainer(tmp_path, "made"):
        with pytest.raises(LibraryError, match=rf"{BUSY} training in"):
            train(tmp_path, "made", text="words", config=config)
        assert not (tmp_path / "checkpoints").exists()
        assert train(tmp_path, "made", text="words", name="other", config=config).checkpoints["last"].exists()


def test_a_second_fusion_or_sweep_of_a_name_is_refused(tmp_path: Path) -> None:
    make_library(tmp_path, names=("one", "two"))
    with only_trainer(tmp_path, "one,two"), pytest.raises(LibraryError, match=BUSY):
        fuse(tmp_path, ["one", "two"])
    with only_trainer(tmp_path, "one"), pytest.raises(LibraryError, match=BUSY):
        sweep(tmp_path, "one", text="words", trials=1)
