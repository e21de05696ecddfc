"""What a library has learned anew takes its place whole, and what it had learned before is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.data.learned import all_learned
from antiphon.align.train import train
from antiphon.align.training.results import replacing
from antiphon.errors import ConfigError
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library

CONFIG = TrainConfig(epochs=2, dim=8, hidden=8, epoch_steps=2, closed_form="none", hubness="none")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("library")
    make_library(root)
    train(root, "made", text="words", config=CONFIG)
    (root / "runs" / "made" / "test_metrics.json").write_text("{}")
    return root


@pytest.fixture
def library(finished: Path, tmp_path: Path) -> Path:
    """One whose training knows nothing of what was judged since."""
    root = tmp_path / "copy"
    shutil.copytree(finished, root)
    opened = Library(root)
    first, second = opened.column("track_id")[opened.tracks_in("train")][:2].tolist()
    words = dict(zip(opened.caption_column("track_id"), opened.caption_column("text"), strict=True))[first]
    append_judgements(root, [Judgement(query=words, track_id=second, verdict="same")])
    return root


def files(root: Path) -> dict[str, bytes]:
    """Of a training, where a library has them."""
    every = (*root.glob("checkpoints/*"), *root.glob("runs/made/*"), *root.glob("logs/**/*"))
    kept = (path for path in every if path.is_file() and path.name != ".lock")
    return {str(path.relative_to(root)): path.read_bytes() for path in kept}


def anew(root: Path, **more: object) -> Path | None:
    return train(root, "made", text="words", config=CONFIG, again=True, **more).kept  # type: ignore[arg-type]


def test_where_nothing_has_changed_nothing_is_learned_anew(finished: Path) -> None:
    before = files(finished)
    assert anew(finished) is None
    assert files(finished) == before


def test_the_new_training_takes_the_place_and_the_one_before_comes_back_by_copying(library: Path) -> None:
    before = files(library)
    with pytest.raises(ConfigError, match="as it is now: the same command with --overwrite"):
        train(library, "made", text="words", config=CONFIG)
    assert files(library) == before
    kept = anew(library)
    assert kept == library / "runs" / "made" / "before"
    assert files(kept) == before
    now = files(library)
    assert now["checkpoints/made_last.pt"] != before["checkpoints/made_last.pt"]
    assert "runs/made/test_metrics.json" not in now
    assert not (library / "runs" / "made" / "again").exists()
    assert anew(library) is None  # it has learned of that
    assert files(library) == now
    shutil.copytree(kept, library, dirs_exist_ok=True)
    assert files(library) == now | before


def test_while_it_is_at_work_and_after_it_was_stopped_the_one_before_stands(library: Path) -> None:
    before = files(library)

    def stop(_: object) -> None:
        assert files(library) == before
        assert (library / "runs" / "made" / "again" / "logs" / "tensorboard").is_dir()  # where curves are watched
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="goes on from there"):
        anew(library, on_epoch=stop)
    assert files(library) == before
    epochs: list[int] = []
    assert anew(library, on_epoch=lambda record: epochs.append(record.epoch)) is not None
    assert epochs == [2]
    assert all_learned(library)


def test_a_crash_between_two_files_leaves_the_rest_to_who_comes_next(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files(library)
    with monkeypatch.context() as crashing:
        crashing.setattr(replacing, "finish_taking_place", lambda *_: None)
        anew(library)
    apart = library / "runs" / "made" / "again"
    (apart / "checkpoints" / "made_best_r1.pt").replace(library / "checkpoints" / "made_best_r1.pt")
    whole = Bundle.load(checkpoint_paths(library, "made")["best_r1"])
    assert anew(library) is None
    assert Bundle.load(checkpoint_paths(library, "made")["last"]).train_ids == whole.train_ids
    assert files(library / "runs" / "made" / "before") == before
    assert not apart.exists()


def test_what_a_strangers_library_says_moves_no_file_of_others(library: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("mine")
    apart = library / "runs" / "made" / "again"
    apart.mkdir()
    paths = f'["{other}", "logs/tensorboard/made/../../../../other"]'
    (apart / replacing.MOVES).write_text(f'{{"come": [], "go": {paths}}}')
    replacing.finish_taking_place(library, "made")
    assert other.read_text() == "mine"
