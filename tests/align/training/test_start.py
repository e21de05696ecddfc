"""The same command again carries on, and nothing is replaced in silence."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.align.train_all import named, train_all
from antiphon.errors import CheckpointError, ConfigError, EmbeddingError
from antiphon.library.vectors.store import Row, VectorWriter, open_vectors
from tests.helpers.libraries.made_vectors import make_library

CONFIG = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2, closed_form="none", hubness="none")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    make_library(root, names=("made", "other"))
    train(root, "made", text="words", config=CONFIG)
    return root


@pytest.fixture
def library(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "copy")
    return tmp_path / "copy"


def files(root: Path) -> dict[str, bytes]:
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_a_finished_training_is_left_as_it_is(library: Path) -> None:
    before = files(library)
    again = train(library, "made", text="words", config=CONFIG)
    assert again.finished_before
    assert (len(again.history), again.best_epoch) == (2, Bundle.load(again.checkpoints["best_r1"]).epoch)
    assert files(library) == before


def test_a_history_that_lacks_its_last_epoch_is_completed_by_the_same_command(library: Path) -> None:
    """As after a kill between the last checkpoint and the last line."""
    path = library / "runs" / "made" / "history.jsonl"
    whole = path.read_text()
    path.write_text(whole[: whole.rindex('{"epoch"')])
    train(library, "made", text="words", config=CONFIG)
    assert path.read_text() == whole


def test_where_it_runs_makes_no_other_training_of_it(library: Path) -> None:
    assert train(library, "made", text="words", config=replace(CONFIG, memory_gb=0.5, device="cpu")).finished_before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"config": replace(CONFIG, lr=2e-3)}, r"lr: 0\.\d+ there, 0\.002 now"),
        ({"config": replace(CONFIG, epochs=3)}, "epochs: 2 there, 3 now"),
        ({"encoder": "other", "name": "made"}, "encoder: made there, other now"),
    ],
)
def test_another_training_of_the_same_name_is_refused(library: Path, change: dict[str, object], said: str) -> None:
    before = files(library)
    options = {"encoder": "made", "text": "words", "config": CONFIG, **change}
    with pytest.raises(ConfigError, match=rf"(?s)called 'made' already \(finished\).*{said}") as caught:
        train(library, **options)  # type: ignore[arg-type]
    assert all(way in str(caught.value) for way in ("--name", "--resume", "--overwrite"))
    assert files(library) == before


def test_vectors_that_were_made_anew_make_another_training_of_it(library: Path) -> None:
    folder = library / "embeddings" / "audio" / "made"
    stored = open_vectors(folder)
    with VectorWriter(folder, stored.provenance) as writer:
        writer.write([Row("t000", "ok")], np.zeros((1, stored.matrix.shape[1])))
    with pytest.raises(ConfigError, match="vectors: other numbers"):
        train(library, "made", text="words", config=CONFIG)
    with pytest.raises(CheckpointError, match="other vectors"):
        train(library, "made", text="words", config=replace(CONFIG, epochs=3), resume=True)


def test_more_epochs_overwriting_and_a_name_are_the_ways_on(library: Path) -> None:
    longer = replace(CONFIG, epochs=3)
    (library / "runs" / "made" / "test_metrics.json").write_text("{}")
    beside = train(library, "made", text="words", name="made-3", config=longer)
    assert (beside.name, beside.encoder, beside.begun_after) == ("made-3", "made", 0)
    assert (library / "runs" / "made-3" / "history.jsonl").exists()
    assert train(library, "made", text="words", config=longer, resume=True).begun_after == 2
    anew = train(library, "made", text="words", config=replace(CONFIG, seed=5), overwrite=True)
    assert (anew.begun_after, anew.config.seed) == (0, 5)
    assert not (library / "runs" / "made" / "test_metrics.json").exists()


def test_resume_and_overwrite_exclude_one_another(library: Path) -> None:
    with pytest.raises(ConfigError, match="Give one of them"):
        train(library, "made", text="words", resume=True, overwrite=True)


def test_a_damaged_checkpoint_is_named_with_the_way_out(library: Path) -> None:
    (library / "checkpoints" / "made_last.pt").write_bytes(b"torn")
    with pytest.raises(CheckpointError, match="--overwrite"):
        train(library, "made", text="words", config=CONFIG)


def test_a_checkpoint_from_before_names_is_called_like_its_encoder(library: Path) -> None:
    path = library / "checkpoints" / "made_last.pt"
    state = torch.load(path, weights_only=True)
    del state["run"], state["training"]["content"]
    torch.save(state, path)
    assert Bundle.load(path).run == "made"
    assert train(library, "made", text="words", config=CONFIG).finished_before
    del state["training"]
    torch.save(state, path)
    with pytest.raises(ConfigError, match="an earlier version of Antiphon made it"):
        train(library, "made", text="words", config=CONFIG)


def test_one_name_is_for_one_training(library: Path) -> None:
    with pytest.raises(ConfigError, match="one name for 2 trainings"):
        train_all(library, ["made", "other"], text="words", name="x", config=CONFIG)
    assert named(library, "all", None) == ["made", "other"]
    assert named(library, ["made"], "x") == ["made"]


@pytest.mark.parametrize("side", ["audio", "text"])
def test_vectors_that_are_all_alike_are_found_before_training(library: Path, side: str) -> None:
    name = {"audio": "made", "text": "words"}[side]
    folder = library / "embeddings" / side / name
    stored = open_vectors(folder)
    with VectorWriter(folder, stored.provenance) as writer:
        writer.write([Row(i, "ok") for i in stored.ids], np.ones((len(stored.ids), stored.matrix.shape[1])))
    with pytest.raises(EmbeddingError, match=rf"All \d+ training vectors of '{name}' are the same"):
        train(library, "made", text="words", config=CONFIG, overwrite=True)
