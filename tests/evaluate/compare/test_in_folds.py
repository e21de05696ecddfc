"""All trainings in the same folds: the same queries for all, nothing done twice, tests that know what differs."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.model import SharedSpace
from antiphon.align.train import train
from antiphon.align.training.results.divergence import Divergence
from antiphon.cli import main
from antiphon.errors import ConfigError
from antiphon.evaluate.compare.in_folds import compare_in_folds
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.folds.cross_validation import cross_validate
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.metrics.retrieval import mean_of_directions
from tests.helpers.libraries.made_vectors import make_library, write_vectors

FOLDS = 3
NAMES = ("clear", "noisy")
SOLVED = TrainConfig(epochs=0, closed_form="cca")
SMALL = TrainConfig(epochs=3, batch_size=16, epoch_steps=4, closed_form="none")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trainings of 66 tracks in 33 groups; the noisy encoder did not hear the last one."""
    folder = tmp_path_factory.mktemp("compared")
    library = make_library(
        folder, train=44, val=10, test=12, captions=(2, 1), group_size=2, names=("clear",), noise=(1.0,)
    )
    ids = library.column("track_id").tolist()
    heard = open_embedding(library, "audio", "clear").take(ids[:-1]).astype(np.float32)
    heard += 9.0 * np.random.default_rng(5).normal(size=heard.shape)
    write_vectors(folder, "audio", "noisy", ids[:-1], heard)
    for name in NAMES:
        train(folder, name, config=SOLVED)
    return folder


@pytest.fixture(scope="module")
def found(root: Path) -> tuple[Comparison, list[str]]:
    told: list[str] = []
    return compare_in_folds(root, folds=FOLDS, by="caption-length", resamples=200, tell=told.append), told


def test_every_track_that_all_have_heard_is_asked_for_by_all(found: tuple[Comparison, list[str]]) -> None:
    comparison, _ = found
    assert (comparison.n_tracks, comparison.folds, comparison.split) == (65, FOLDS, "3 folds")
    assert {row.figures["a2t"]["n_queries"] for row in comparison.rows} == {65}
    assert {row.name for row in comparison.rows} == {
        *NAMES,
        *(f"{n} {form}" for n in NAMES for form in ("ridge", "cca")),
    }
    assert "1 captioned track took no part: not every encoder has its vector." in comparison.notes


def test_the_better_encoder_is_found_and_nothing_is_claimed_of_a_split(found: tuple[Comparison, list[str]]) -> None:
    comparison, _ = found
    (test,) = comparison.tests
    assert (test["better"], test["worse"]) == NAMES
    assert test["p_holm"] < 0.05
    said = "\n".join(comparison.lines())
    assert "3 folds: 98 captions of 65 tracks (33 independent groups), the same for all; each was asked once" in said
    assert "captioned 3 folds tracks" not in said
    assert comparison.protocol.endswith("of the query's own fold.")


def test_all_that_is_ahead_is_said_before_and_each_fold_after_it(found: tuple[Comparison, list[str]]) -> None:
    _, told = found
    assert told[0].startswith("2 trainings in the same 3 folds: 6 refits of 6 to do")
    assert [line.split(":")[0] for line in told[2:5]] == [f"fold {k} of 3" for k in (1, 2, 3)]
    assert len(told) == 1 + 2 * 4


def test_what_is_kept_is_not_done_again_and_gives_the_same(root: Path, found: tuple[Comparison, list[str]]) -> None:
    told: list[str] = []
    again = compare_in_folds(root, folds=FOLDS, by="caption-length", resamples=200, tell=told.append)
    assert told[0] == "2 trainings in the same 3 folds: 0 refits of 6 to do."
    assert [row.figures for row in again.rows] == [row.figures for row in found[0].rows]
    assert again.tests == found[0].tests


def test_where_all_have_heard_everything_folds_are_those_of_evaluate(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "own", ignore=shutil.ignore_patterns("refits"))
    for folder in ("checkpoints", "runs"):
        for path in (own / folder).glob("noisy*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    alone = cross_validate(own, own / "checkpoints" / "clear_best_r1.pt", folds=FOLDS, resamples=100).figures
    told: list[str] = []
    comparison = compare_in_folds(own, folds=FOLDS, resamples=100, tell=told.append)
    assert told[0].endswith("0 refits of 3 to do.")
    row = next(row for row in comparison.rows if row.name == "clear")
    assert row.figures == {way: alone[way] for way in ("t2a", "a2t")}


def test_judged_pairs_of_a_fold_count_for_every_system_alike(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "own", ignore=shutil.ignore_patterns("refits"))
    library = Library(own)
    captions = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))
    ids = library.column("track_id").tolist()
    same = [Judgement(query=captions[a], track_id=b, verdict="same") for a, b in zip(ids[0::2], ids[1::2], strict=True)]
    append_judgements(own, same[:20])
    comparison = compare_in_folds(own, folds=2, resamples=100)
    told = comparison.judgements
    assert told is not None
    assert (told["pairs"], told["same"]) == (20, 20)
    for row in comparison.trained:
        assert mean_of_directions(told["systems"][row.name]) >= row.mean("MRR")
    (test,), (plain,) = told["tests"], comparison.tests
    assert test["MRR"]["difference"] != plain["MRR"]["difference"]
    assert len(told["baseline_tests"]) == len(comparison.baseline_tests) == 4


def test_the_command_writes_the_table_beside_that_of_the_split(
    root: Path, found: tuple[Comparison, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("compare", "--folds", "3", "--format", "latex", "--library", str(root)) == 0
    assert "\\caption{Systems compared in 3 grouped folds, " in capsys.readouterr().out
    kept = json.loads((root / "comparison_folds.json").read_text())
    assert (kept["folds"], kept["n_tracks"]) == (3, 65)
    assert not (root / "comparison.json").exists()
    assert run("compare", "--folds", "3", "--split", "val", "--library", str(root)) == 1
    assert "--split has no meaning there" in capsys.readouterr().err


def test_a_column_that_is_not_there_is_refused_before_anything_is_trained(root: Path) -> None:
    with pytest.raises(ConfigError, match="no column 'genre'"):
        compare_in_folds(root, folds=7, by="genre", tell=lambda said: pytest.fail(said))


def run(*words: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


def test_a_training_that_diverged_is_named_and_does_not_stop_the_others(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "copy")
    Divergence(epoch=2, step=1, steps=5, lr=10.0, temperature=0.1).write(tmp_path / "copy" / "runs" / "noisy")
    comparison = compare_in_folds(tmp_path / "copy", folds=FOLDS, baselines=False, resamples=20)
    assert [row.name for row in comparison.rows] == ["clear"]
    note = next(note for note in comparison.notes if note.startswith("noisy took no part"))
    assert "its training diverged in epoch 2, in step 1 of 5" in note
    assert "antiphon diagnose noisy" in note


def test_a_fusion_whose_member_diverged_is_left_out_with_it(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "copy")
    train(own, "clear", name="third", config=SOLVED)
    fuse(own, ["clear", "noisy"])
    fuse(own, ["clear", "third"])
    Divergence(epoch=2, step=1, steps=5, lr=10.0, temperature=0.1).write(own / "runs" / "noisy")
    comparison = compare_in_folds(own, folds=FOLDS, baselines=False, resamples=20)
    assert {row.name for row in comparison.trained} == {"clear", "third", "clear,third"}
    note = next(note for note in comparison.notes if note.startswith("clear,noisy took no part"))
    assert "its member noisy diverged in epoch 2, in step 1 of 5. What to change: antiphon diagnose noisy" in note


def test_a_refit_that_diverges_says_whose_it_is_and_nothing_of_what_is_saved(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, plain, calls = shutil.copytree(root, tmp_path / "copy"), SharedSpace.loss, []
    train(own, "clear", name="heads", config=SMALL)
    fuse(own, ["clear", "heads"])

    def broken(self: SharedSpace, *args: Any, **kwargs: Any) -> Any:
        calls.extend([kwargs] if self.training else [])
        return plain(self, *args, **kwargs) * (float("nan") if len(calls) > SMALL.epoch_steps * 3 // 2 else 1.0)

    monkeypatch.setattr(SharedSpace, "loss", broken)
    for name, said in (("heads", ""), ("clear,heads", "heads: ")):
        calls.clear()
        with pytest.raises(
            ConfigError, match=rf"Refit of {name}, fold 1 of 3: {said}Training diverged in ep"
        ) as caught:
            cross_validate(own, checkpoint_paths(own, name)["best_r1"], folds=FOLDS, resamples=20)
        assert "saved" not in str(caught.value)
        assert "Train heads with other settings. Lower lr (now" in str(caught.value.fix)


def test_a_refit_that_is_refused_says_whose_and_which(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_args: object) -> None:
        raise ConfigError("Training diverged in epoch 1, in step 2 of 5.", fix="Lower lr (now 10).")

    monkeypatch.setattr("antiphon.evaluate.folds.refit_all.refit", refused)
    with pytest.raises(ConfigError, match=r"^Refit of clear, fold 1 of 4: Training diverged.*\n.*Lower lr"):
        compare_in_folds(root, folds=4, baselines=False)


def test_trainings_that_are_called_after_their_text_encoder_are_refitted_too(tmp_path: Path) -> None:
    """Such a name is one that training gives itself and nobody may ask for: ``clear@other``."""
    library = make_library(tmp_path, train=44, val=10, test=12, names=("clear",), noise=(1.0,), text="minilm")
    ids = library.caption_column("caption_id").tolist()
    write_vectors(tmp_path, "text", "other", ids, np.random.default_rng(1).normal(size=(len(ids), 8)))
    for text in ("minilm", "other"):
        train(tmp_path, "clear", text=text, config=SOLVED)
    comparison = compare_in_folds(tmp_path, folds=2, baselines=False, resamples=20)
    assert {row.name: row.text for row in comparison.rows} == {"clear": "minilm", "clear@other": "other"}
    (test,) = comparison.tests
    assert (test["better"], test["worse"]) == ("clear", "clear@other")
    for taken in ("other@clear", "clear@minilm@other"):
        with pytest.raises(ConfigError, match="cannot be the name of a training"):
            train(tmp_path, "clear", text="other", name=taken, config=SOLVED)
