"""The command ``train``: what it says before the first epoch and after the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.cli.learning import running
from tests.helpers.libraries.made_vectors import make_library


def test_curves_chance_epochs_and_what_comes_next_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "my library"
    make_library(root, test=10)
    settings = ("--encoder", "made", "--text", "words", "--config", "plain", "--epochs", "2")
    app(["train", *settings, "--library", str(root)], result_action="return_value")
    out, told = capsys.readouterr()
    assert f"tensorboard --logdir '{root}/logs/tensorboard', then open http://localhost:6006" in told
    lines = out.splitlines()
    assert lines[0] == "made:"
    assert lines[1].startswith("A model that knows nothing would show: loss ")
    assert lines[2] == "Epoch 1/2:"
    assert f"Next: antiphon compare --library '{root}', then antiphon diagnose --library '{root}'" in told


def test_only_where_nothing_is_named_may_a_training_be_replaced_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_library(tmp_path, train=2, val=1)
    asked: list[bool] = []
    monkeypatch.setattr(running, "train_all", lambda *_, again, **__: asked.append(again) or {})
    for named in ([], ["--quiet"], ["--encoder", "made"], ["--text", "words"], ["--name", "x"], ["--seed", "1"]):
        app(["train", *named, "--library", str(tmp_path)], result_action="return_value")
    app(["train", "--overwrite", "--library", str(tmp_path)], result_action="return_value")
    assert asked == [True, True, False, False, False, False, False]
