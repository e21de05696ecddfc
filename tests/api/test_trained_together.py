"""What is trained where no encoder is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.api.chosen import trained_together
from antiphon.cli.learning.training import train
from tests.helpers.libraries.made_vectors import make_library


def test_default_encoders_are_joined_and_others_trained_alone(tmp_path: Path) -> None:
    make_library(tmp_path, names=("muq", "rhythm", "timbre"))
    assert trained_together(tmp_path) == ["timbre+rhythm", "muq"]


@pytest.mark.parametrize(("there", "trained"), [(("musicnn",), ["musicnn"]), (("muq", "mert"), ["mert", "muq"])])
def test_one_alone_is_not_joined(tmp_path: Path, there: tuple[str, ...], trained: list[str]) -> None:
    make_library(tmp_path, names=there)
    assert trained_together(tmp_path) == trained


def test_train_without_a_name_makes_that_checkpoint(tmp_path: Path) -> None:
    make_library(tmp_path, names=("rhythm", "timbre"))
    train(text=["words"], config="fast", quiet=True, library=tmp_path)
    assert (tmp_path / "checkpoints" / "timbre+rhythm_best_r1.pt").exists()
