"""Which commands a job is made of, and what follows it, is what the library says comes next."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from antiphon.align.data.learned import learnable
from antiphon.library.ingest.recipe.options import IngestOptions
from antiphon.library.ingest.recipe.recorded import recorded
from antiphon.library.tracks import Caption, Library, Track, save_library
from antiphon.search.server.jobs import steps as asked
from antiphon.search.server.jobs.steps import follows, served_training, step_of, steps
from tests.helpers.libraries.made_vectors import make_library
from tests.helpers.web.server import songs


def test_preparing_reads_the_folder_and_listening_follows(tmp_path: Path) -> None:
    root = songs(tmp_path)
    assert list(steps("prepare", root, "/music")) == [["ingest", "/music", "--library", str(root)]]
    assert list(steps("prepare", root, None)) == [["watch", "--library", str(root), "--once"]]
    assert follows("prepare", root) == "embed"
    assert next(steps("embed", root, None)) == ["embed", "--library", str(root)]


def test_preparing_reads_a_table_of_captions_that_the_library_was_made_of_too(tmp_path: Path) -> None:
    sources = ["/music", "/home/me/captions.csv"]
    meta = {"manifest": "/music", "made_from": recorded(sources, IngestOptions())}
    root = save_library(tmp_path / "lib", [Track(track_id="a")], [], meta).root
    assert list(steps("prepare", root, "/music")) == [["ingest", *sources, "--library", str(root)]]
    assert list(steps("prepare", root, "/other")) == [["ingest", "/other", "--library", str(root)]]


def test_a_command_that_changes_nothing_is_not_run_again(tmp_path: Path) -> None:
    assert [words[0] for words in steps("embed", songs(tmp_path), None)] == ["embed"]


def test_a_library_that_was_heard_is_trained_once_and_then_indexed(tmp_path: Path) -> None:
    root = make_library(tmp_path, text="minilm").root
    assert list(steps("embed", root, None)) == [["embed", "--library", str(root)]]
    assert follows("embed", root) == "train"
    assert [words[0] for words in steps("train", root, None)] == ["train", "index"]
    assert follows("train", root) is None
    (root / "checkpoints").mkdir()
    (root / "checkpoints" / "made_best_r1.pt").touch()
    assert follows("embed", root) == "index"


def test_captions_that_came_since_are_read_before_it_learns_again(tmp_path: Path) -> None:
    library = make_library(tmp_path, text="minilm")
    root, first = library.root, library.column("track_id")[0]
    captions = [Caption(**row) for row in library.caption_table.to_pylist()]
    new = Caption(caption_id=f"{first}#9", track_id=first, text="a new description")
    save_library(root, [library.track(track_id) for track_id in library.column("track_id")], [*captions, new], {})
    assert [words[:3] for words in steps("train", root, None)] == [
        ["embed", "--text", "minilm"],
        ["train", "--library", str(root)],
        ["index", "--library", str(root)],
    ]
    provenance = root / "embeddings" / "text" / "minilm" / "provenance.json"
    provenance.write_text(provenance.read_text().replace('"computed"', '"imported"'))
    assert [words[0] for words in steps("train", root, None)] == ["train", "index"]  # nobody here can read them


Answers = Callable[[Path, str], None]


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """Let the index of a library be made from one of its checkpoints."""

    def made_from(root: Path, name: str) -> None:
        checkpoint = root / "checkpoints" / f"{name}.pt"
        checkpoint.parent.mkdir(exist_ok=True)
        monkeypatch.setattr(asked, "indexed_checkpoint", lambda _root: checkpoint)

    return made_from


def test_what_answers_is_trained_again_and_its_own_text_encoders_read_first(tmp_path: Path, answers: Answers) -> None:
    root = make_library(tmp_path, text="minilm").root
    end = ["--library", str(root)]
    answers(root, "own_serving")
    assert next(steps("train", root, None)) == ["train", *end]  # its training did not stay
    for name in ("own", "second"):
        (root / "checkpoints" / f"{name}_last.pt").touch()
    learned = learnable(Library(root), "made", "minilm")
    replace(learned, text="mpnet").write(root / "runs" / "own")
    assert list(steps("train", root, None)) == [
        ["embed", "--text", "mpnet", *end], ["train", *end, "--again", "own"], ["index", *end]
    ]  # fmt: skip
    learned.write(root / "runs" / "own")
    answers(root, "own,second_best_r1")
    assert [words[0] for words in steps("train", root, None)] == ["train", "index"]
    assert served_training(root) == "own,second"
    (root / "checkpoints" / "second_last.pt").unlink()
    assert served_training(root) == ""


def test_a_checkpoint_from_elsewhere_is_not_trained_again(tmp_path: Path, answers: Answers) -> None:
    root, other = make_library(tmp_path / "lib", text="minilm").root, tmp_path / "other"
    assert served_training(root) == "", "there is no index"
    for place in (root, other):
        (place / "checkpoints").mkdir(parents=True)
        (place / "checkpoints" / "own_last.pt").touch()
    answers(root, "own_best_r1")
    assert served_training(root) == "own"
    answers(other, "own_best_r1")
    assert served_training(root) == ""


def test_captions_are_made_and_read_before_a_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_library(tmp_path, text="minilm").root
    shutil.rmtree(root / "embeddings" / "text")
    said = iter([f"antiphon caption --library {root}", f"antiphon embed --text minilm --library {root}", "antiphon x"])
    monkeypatch.setattr(asked, "next_step", lambda _library: next(said))
    assert [words[:3] for words in steps("embed", root, None)] == [
        ["caption", "--library", str(root)],
        ["embed", "--text", "minilm"],
    ]


def test_reading_captions_is_told_from_listening() -> None:
    assert step_of(["embed", "--text", "minilm", "--library", "x"]) == "read"
    assert step_of(["embed", "--library", "x"]) == "embed"
