"""Wrong types and values are told in one sentence, by errors that ``except TypeError`` catches too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import antiphon
from antiphon.errors import ArgumentError, CheckpointError, ConfigError, LibraryError

Call = Callable[[antiphon.Library], Any]

WRONG: list[tuple[str, Call]] = [
    (r"The library's folder has to be a path.*not 3 \(int\)", lambda _: antiphon.open(3)),  # type: ignore[arg-type]
    (r"The library's folder has to be a path.*not None", lambda _: antiphon.open(None)),  # type: ignore[arg-type]
    (r"The library's folder has to be a path.*bytes", lambda _: antiphon.open(b"lib")),  # type: ignore[arg-type]
    ("The library's folder is empty", lambda _: antiphon.open("")),
    (r"The manifest has to be a path.*dict", lambda lib: antiphon.ingest({"caption": []}, lib.root)),  # type: ignore[arg-type]
    (r"The checkpoint has to be a path.*float", lambda _: antiphon.load(0.5)),  # type: ignore[arg-type]
    (r"The checkpoint has to be a path.*int", lambda lib: lib.evaluate(3)),  # type: ignore[arg-type]
    (r"The query has to be text, not \['slow'\]", lambda lib: lib.search(["slow"])),  # type: ignore[arg-type]
    ("The query is empty", lambda lib: lib.search(" \n")),
    (r"k has to be a whole number of at least 1, not 2\.5", lambda lib: lib.search("slow", k=2.5)),  # type: ignore[arg-type]
    (r"k has to be a whole number of at least 1, not 0", lambda lib: lib.search("slow", k=0)),
    (r"k has to be a whole number of at least 1, not True", lambda lib: lib.search("slow", k=True)),
    (r"The track's id has to be text", lambda lib: lib.similar(1)),  # type: ignore[arg-type]
    (r"seed has to be a whole number of at least 0, not 'a'", lambda lib: lib.compare(seed="a")),  # type: ignore[arg-type]
    (r"seed has to be a whole number of at least 0, not -1", lambda lib: lib.folds(seed=-1)),
    (r"seed has to be a whole number.*1\.5", lambda lib: antiphon.ingest("t.csv", lib.root, seed=1.5)),  # type: ignore[arg-type]
    (r"model has to be what antiphon.load", lambda lib: lib.nearest(np.ones(8), "one")),  # type: ignore[arg-type]
    (r"encoders has to be a name or a list of names, not 3", lambda lib: lib.embed(3)),  # type: ignore[arg-type]
    (r"text has to be text, not None", lambda lib: lib.embed(text=["minilm", None])),  # type: ignore[list-item]
    (r"jobs has to be a whole number", lambda lib: lib.embed("timbre", jobs="two")),  # type: ignore[arg-type]
    (r"weights has to be a dict", lambda lib: lib.embed("muq", weights="/models/muq")),  # type: ignore[arg-type]
    (r"kind is 'audio' or 'text', not 'sound'", lambda lib: lib.vectors("one", kind="sound")),  # type: ignore[arg-type]
    (r"kind is 'audio' or 'text'", lambda lib: lib.import_embeddings("x", "x.npz", kind=1)),  # type: ignore[arg-type]
    (r"The file of vectors has to be a path", lambda lib: lib.import_embeddings("x", np.ones(3))),  # type: ignore[arg-type]
    (r"The encoder's name has to be text", lambda lib: lib.train(["one"])),  # type: ignore[arg-type]
    (r"config has to be a path", lambda lib: lib.train("one", config={"epochs": 3})),  # type: ignore[arg-type]
    (r"A fusion takes a list of encoders, not 'one'", lambda lib: lib.fuse("one")),
    (r"shares has to be a list of numbers, not 'ab'", lambda lib: lib.fuse(["one", "two"], shares="ab")),  # type: ignore[arg-type]
    (r"shares has to be a list of numbers", lambda lib: lib.fuse(["one", "two"], shares=[1, None])),  # type: ignore[list-item]
    (r"The training's name has to be text", lambda lib: lib.diagnose(None)),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("message", "call"), WRONG, ids=[message[:60] for message, _ in WRONG])
def test_a_wrong_type_says_so(library: antiphon.Library, message: str, call: Call) -> None:
    with pytest.raises(ArgumentError, match=message) as told:
        call(library)
    assert isinstance(told.value, TypeError)
    assert isinstance(told.value, antiphon.AntiphonError)
    assert len(told.value.problem.splitlines()) == 1


def test_a_long_value_is_cut_short_in_the_message() -> None:
    with pytest.raises(ArgumentError) as told:
        antiphon.open(list(range(1000)))  # type: ignore[arg-type]
    assert len(str(told.value)) < 200


@pytest.mark.parametrize("give", [str, Path])
def test_text_and_paths_do_the_same(made: Path, give: Callable[[Path], Any]) -> None:
    library = antiphon.open(give(made))
    file = made / "checkpoints" / "one_best_r1.pt"
    assert antiphon.load(give(file)).name == "one_best_r1"
    assert library.model(give(file)).path == library.model("one").path == file


def test_a_folder_below_home_may_be_written_with_a_tilde(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(made.parent))
    assert len(antiphon.open(f"~/{made.name}")) == 62


def test_a_missing_library_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="antiphon ingest MUSIC --library DIR"):
        antiphon.open(tmp_path / "nowhere")


def test_a_missing_checkpoint_lists_what_there_is(library: antiphon.Library, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"No checkpoint 'three'.*one_best_r1\.pt"):
        library.search("slow piano", checkpoint="three")
    with pytest.raises(CheckpointError, match="No checkpoint"):
        antiphon.load(tmp_path / "none.pt")


def test_an_unknown_split_or_setting_names_the_valid_ones(library: antiphon.Library) -> None:
    with pytest.raises(ConfigError, match="'train', 'val' or 'test', not 'tset'"):
        library.evaluate("one", split="tset")
    with pytest.raises(ConfigError, match="Did you mean 'epochs'"):
        library.train("one", epoch=3)
