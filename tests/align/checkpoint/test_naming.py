"""What trainings are called by themselves: two that differ in an encoder never replace one another."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import antiphon
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.naming import text_unasked, train_options, training_name
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.align.train_all import trainings
from antiphon.cli import app
from antiphon.errors import AntiphonWarning, ConfigError
from antiphon.library.next_step import text_for_training, text_line, unread_lines
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library, write_vectors

ALONE = TrainConfig(epochs=0)


def read_with(library: Library, name: str, captions: int | None = None) -> None:
    """Give a library vectors of another text encoder, of its first captions or of all."""
    ids = library.caption_column("caption_id").tolist()[:captions]
    write_vectors(library.root, "text", name, ids, np.random.default_rng(1).normal(size=(len(ids), 5)))


def test_trainings_on_other_text_vectors_stand_beside_one_another(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    read_with(library, "own")
    names = [train(tmp_path, "made", text=text, config=ALONE).name for text in ("minilm", "own", "minilm+own")]
    assert names == ["made", "made@own", "made@minilm+own"]
    assert all((tmp_path / "checkpoints" / f"{name}_best_r1.pt").exists() for name in names)
    assert train(tmp_path, "made", text="own", config=ALONE).finished_before


def test_a_training_keeps_its_name_when_the_library_takes_other_text_vectors_unasked(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4)
    assert text_for_training(library) == "words"
    assert train(tmp_path, "made", text="words", config=ALONE).name == "made"
    read_with(library, "minilm")
    assert text_for_training(library) == "minilm"
    assert [training_name(tmp_path, "made", text) for text in ("words", "minilm")] == ["made", "made@minilm"]
    assert [training_name(tmp_path, "other", text) for text in ("words", "minilm")] == ["other@words", "other"]


def test_a_library_that_several_have_read_is_trained_on_all_of_them_joined(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    assert text_line(library) == []
    read_with(library, "own")
    assert text_line(library) == [
        "Text: minilm. Captions were read by own, too: --text own, or side by side: --text minilm+own"
    ]
    read_with(library, "mpnet")
    assert text_for_training(library) == "minilm+mpnet"
    assert ["minilm and mpnet side by side" in line for line in text_line(library)] == [True]
    result = train(tmp_path, "made", config=ALONE)
    assert (result.name, Bundle.load(result.checkpoints["last"]).text_encoder) == ("made", "minilm+mpnet")
    assert text_unasked(tmp_path, "made", tuned=True) == "minilm"


def test_a_text_encoder_that_was_stopped_early_takes_no_captions_from_the_other(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    read_with(library, "mpnet", captions=3)
    assert text_for_training(library) == "minilm"
    assert "mpnet has read less than half of the captions, and is left out" in text_line(library)[0]
    assert unread_lines(library, ["minilm"]) == []


def test_captions_that_one_of_two_text_encoders_has_not_read_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Stopped between half and whole, it is joined, and what it lacks is lost for both: never in silence."""
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    total = len(library.caption_column("caption_id"))
    read = total - 3
    read_with(library, "mpnet", captions=read)
    assert text_for_training(library) == "minilm+mpnet"
    (said,) = unread_lines(library, ["minilm+mpnet"])
    assert said.startswith(f"mpnet has no vector of 3 of the {total} captions: they teach nothing here.")
    assert "antiphon embed --text minilm mpnet" in said
    (tmp_path / "alone.toml").write_text("epochs = 0\n")
    train_made = ["train", "--encoder", "made", "--config", str(tmp_path / "alone.toml"), "--library", str(tmp_path)]
    app(train_made, result_action="return_value")
    assert said in capsys.readouterr().err
    with pytest.warns(AntiphonWarning, match=f"mpnet has no vector of 3 of the {total} captions"):
        antiphon.open(tmp_path).train("made", config=ALONE)


def test_captions_that_imported_text_vectors_lack_are_imported_and_not_read(tmp_path: Path) -> None:
    """No encoder here is called so: the command that reads captions with it would only say that."""
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    read_with(library, "mine", captions=3)
    made_by = library.embedding_folder("text", "mine") / "provenance.json"
    made_by.write_text(json.dumps({**json.loads(made_by.read_text()), "origin": "imported"}))
    (said,) = unread_lines(library, ["mine"])
    assert "To have them too: antiphon import-embeddings mine FILE --kind text --library" in said


def test_a_training_that_goes_on_keeps_its_text_vectors(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4, text="minilm")
    few = TrainConfig(epochs=1, dim=4, hidden=4, epoch_steps=1, closed_form="none")
    assert train(tmp_path, "made", config=few).name == "made"
    read_with(library, "mpnet")
    assert train(tmp_path, "made", config=few).name == "made@minilm+mpnet"
    resumed = train(tmp_path, "made", config=replace(few, epochs=2), resume=True)
    assert (resumed.name, len(resumed.history)) == ("made", 2)


def test_every_text_encoder_is_trained_with_every_audio_encoder(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=12, val=4, names=("a", "b"), text="minilm")
    read_with(library, "own")
    wanted = [("a", "minilm"), ("b", "minilm"), ("a", "own"), ("b", "own")]
    assert trainings(tmp_path, "all", ["minilm", "own", "own"], None) == wanted
    assert trainings(tmp_path, ["b"], None, None) == [("b", "minilm")]
    with pytest.raises(ConfigError, match=r"one name for 2 trainings \(minilm, own\)"):
        trainings(tmp_path, ["a"], ["minilm", "own"], "x")


def test_a_damaged_checkpoint_keeps_its_name(tmp_path: Path) -> None:
    make_library(tmp_path, train=4, val=2)
    (tmp_path / "checkpoints").mkdir()
    (tmp_path / "checkpoints" / "made_last.pt").write_bytes(b"no checkpoint")
    assert training_name(tmp_path, "made", "words") == "made"


@pytest.mark.parametrize(
    ("name", "text", "options"),
    [
        ("muq", "minilm", "--encoder muq"),
        ("muq@mpnet", "mpnet", "--encoder muq --text mpnet"),
        ("muq", "mpnet", "--encoder muq --text mpnet"),
        ("muq-2", "minilm", "--encoder muq --name muq-2"),
    ],
)
def test_a_training_is_named_by_as_few_options_as_tell_it_apart(name: str, text: str, options: str) -> None:
    assert train_options(name, "muq", text, default_text="minilm") == options
