"""The command ``train``: what it says before the first epoch and after the last."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.cli import app
from antiphon.cli.learning import running
from antiphon.errors import CheckpointError, ConfigError
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from tests.helpers.libraries.made_vectors import add_phrases, make_library


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


SMALL = ("--epochs", "2", "--seed", "3")


def told_again(root: Path, name: str, capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    capsys.readouterr()
    app(["train", "--again", name, "--json", "--library", str(root)], result_action="return_value")
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_a_training_is_trained_again_with_its_own_settings_where_something_is_new(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library = make_library(tmp_path, names=("made", "other"))
    for own in (("--encoder", "made", "--name", "own", "--config", "heads"), ("--encoder", "other")):
        app(["train", *own, "--text", "words", *SMALL, "--library", str(tmp_path)], result_action="return_value")
    app(["fuse", "own", "other", "--library", str(tmp_path)], result_action="return_value")
    before = {path.name: path.read_bytes() for path in (tmp_path / "checkpoints").glob("*.pt")}

    def changed() -> set[str]:
        now = {name: (tmp_path / "checkpoints" / name).read_bytes() for name in before}
        return {name.split("_")[0] for name in before if now[name] != before[name]}

    told_again(tmp_path, "own", capsys)
    assert changed() == set(), "there was nothing new"
    train = library.column("track_id")[library.tracks_in("train")]
    first, second = (str(track) for track in train[:2])
    words = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))[first]
    append_judgements(tmp_path, [Judgement(query=words, track_id=second, verdict="same")])
    told_again(tmp_path, "own", capsys)
    assert changed() == {"own"}
    places = (tmp_path / "runs" / "own" / "before", tmp_path)
    was, now = (Bundle.load(place / "checkpoints" / "own_last.pt") for place in places)
    assert now.config == was.config
    assert (now.config.seed, now.config.epochs, now.config.closed_form) == (3, 2, "none")
    told_again(tmp_path, "own,other", capsys)
    assert changed() == {"own", "other", "own,other"}
    with pytest.raises(CheckpointError, match="No checkpoint 'gone'"):
        app(["train", "--again", "gone", "--library", str(tmp_path)], result_action="return_value", exit_on_error=False)


def test_a_training_that_went_on_for_longer_is_trained_again_for_as_long_and_with_phrases_that_came_since(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, checkpoints = make_library(tmp_path, listed=True), tmp_path / "checkpoints"
    own = ("train", "--encoder", "made", "--text", "words", "--library", str(tmp_path))
    app([*own, *SMALL], result_action="return_value")
    best = {path: path.read_bytes() for path in checkpoints.glob("made_*.pt") if path.stem != "made_last"}
    app([*own, "--epochs", "3", "--seed", "3", "--resume"], result_action="return_value")
    for path, content in best.items():  # as where the third epoch is not the best one
        path.write_bytes(content)
    last = (checkpoints / "made_last.pt").read_bytes()
    told_again(tmp_path, "made", capsys)
    assert (checkpoints / "made_last.pt").read_bytes() == last, "there was nothing new"
    add_phrases(library)
    told_again(tmp_path, "made", capsys)
    was, now = (Bundle.load(p / "checkpoints" / "made_last.pt") for p in (tmp_path / "runs/made/before", tmp_path))
    assert (was.config.epochs, was.config.caption_phrases) == (3, 0.0)
    assert (now.config.epochs, now.config.caption_phrases) == (3, 0.1)


def test_a_training_of_another_library_is_not_trained_again_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs, mine = tmp_path / "theirs", tmp_path / "mine"
    for root, seed in ((theirs, "1"), (mine, "2")):
        make_library(root)
        own = ("--encoder", "made", "--text", "words", "--epochs", "1", "--seed", seed)
        app(["train", *own, "--library", str(root)], result_action="return_value")
    before = {path: path.read_bytes() for path in mine.rglob("*.pt")}
    with pytest.raises(CheckpointError, match=r"made_best_r1\.pt is no training of this library") as told:
        told_again(mine, str(theirs / "checkpoints" / "made_best_r1.pt"), capsys)
    assert told.value.fix == f"Train here: antiphon train --library {mine}"
    assert {path: path.read_bytes() for path in mine.rglob("*.pt")} == before
    told_again(mine, str(mine / "checkpoints" / "made_best_r1.pt"), capsys)


@pytest.mark.parametrize("other", [["--encoder", "made"], ["--seed", "1"], ["--overwrite"], ["--sweep", "3"]])
def test_what_is_trained_again_is_told_nothing_else(tmp_path: Path, other: list[str]) -> None:
    make_library(tmp_path, train=2, val=1)
    with pytest.raises(ConfigError, match=r"Leave out all but --again made"):
        app(["train", "--again", "made", *other, "--library", str(tmp_path)], result_action="return_value")
