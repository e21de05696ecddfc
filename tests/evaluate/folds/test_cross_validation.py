"""A recipe in grouped folds: nothing leaks, nothing is lost, nothing of the library is changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.cli import main
from antiphon.errors import ConfigError
from antiphon.evaluate.folds import refit_all as running
from antiphon.evaluate.folds.cross_validation import CrossValidation, cross_validate
from antiphon.evaluate.folds.described import CaptionedLibrary
from antiphon.evaluate.folds.recipe import TrainingRecipe, training_recipe
from antiphon.evaluate.folds.refit import Cell, Refit, refit, refits_folder
from antiphon.evaluate.folds.refit_all import work_ahead
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library

FOLDS = 3
SOLVED = TrainConfig(epochs=0, closed_form="cca")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("folds")
    make_library(folder, train=44, val=10, test=12, captions=(2, 1), group_size=2, noise=(5.0,))
    train(folder, "made", config=SOLVED)
    return folder


def best(root: Path) -> Path:
    return root / "checkpoints" / "made_best_r1.pt"


def content(root: Path) -> dict[str, str]:
    """Every file but those of refits, by its hash."""
    files = [path for path in root.rglob("*") if path.is_file() and "refits" not in path.parts]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def found(root: Path) -> tuple[CrossValidation, list[str], list[Library]]:
    """The result, what was told, and the libraries that the recipe was trained in."""
    seen: list[Library] = []
    make = TrainingRecipe.make

    def watched(self: TrainingRecipe, scratch: Path) -> Path:
        library = Library(scratch)
        assert library.track_table.num_rows
        seen.append(library)
        return make(self, scratch)

    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingRecipe, "make", watched)
        before = content(root)
        result = cross_validate(root, best(root), folds=FOLDS, resamples=200, tell=told.append)
        assert content(root) == before
    return result, told, seen


def test_every_captioned_track_is_asked_for_once_and_no_group_is_on_two_sides(root: Path, found: Any) -> None:
    _, _, seen = found
    tested: list[str] = []
    for library in seen:
        of_split = {split: set(library.column("group")[library.column("split") == split]) for split in ("train", "val")}
        test = library.column("split") == "test"
        assert not (of_split["train"] | of_split["val"]) & set(library.column("group")[test])
        assert not of_split["train"] & of_split["val"]
        tested += library.column("track_id")[test].tolist()
    assert sorted(tested) == sorted(Library(root).column("track_id"))


def test_figures_are_those_of_all_queries_together(root: Path, found: Any) -> None:
    result = found[0].figures
    refits = [refit_of(root, fold) for fold in range(FOLDS)]
    for way in ("t2a", "a2t"):
        ranks = np.concatenate([each.ranks["trained"][way] for each in refits])
        assert result[way]["n_queries"] == len(ranks)
        assert result[way]["MRR"] == pytest.approx(np.mean(1 / ranks))
        assert result[way]["ci95"]["MRR"][0] < result[way]["MRR"] < result[way]["ci95"]["MRR"][1]
        assert result[way]["n_groups"] == 33
    ridge, both = result["baselines"]["ridge"], [np.mean(1 / _all(refits, "ridge", way)) for way in ("t2a", "a2t")]
    gain = ridge["training_minus_baseline"]["mean"]["MRR"]["difference"]
    assert gain == pytest.approx((result["t2a"]["MRR"] + result["a2t"]["MRR"]) / 2 - np.mean(both))
    assert [each["n_test"] for each in result["of_folds"]] == [22, 22, 22]


def _all(refits: list[Refit], system: str, way: str) -> np.ndarray:
    return np.concatenate([each.ranks[system][way] for each in refits])


def refit_of(root: Path, fold: int) -> Refit:
    path = refits_folder(root, "made") / f"fold{fold + 1}of{FOLDS}_share100_seed0.json"
    return Refit.from_dict(json.loads(path.read_text())["refit"])


def test_judged_pairs_of_a_fold_count_beside_the_figures_without(root: Path, tmp_path: Path) -> None:
    own = shutil.copytree(root, tmp_path / "own", ignore=shutil.ignore_patterns("refits"))
    library = Library(own)
    captions = dict(zip(library.caption_column("track_id"), library.caption_column("text"), strict=True))
    partner: dict[int, str] = {}
    judged = []
    for track, group in zip(library.column("track_id"), library.group_numbers(library.column("track_id")), strict=True):
        if other := partner.setdefault(int(group), "" if group in partner else track):
            judged += [] if other == track else [Judgement(query=captions[track], track_id=other, verdict="same")]
    append_judgements(own, judged[:9])
    result = cross_validate(own, best(own), folds=FOLDS, resamples=0)
    told = result.figures["judgements"]
    assert (told["pairs"], told["same"], told["different"]) == (9, 9, 0)  # groups stay whole: each pair is in one fold
    for way in ("t2a", "a2t"):
        assert told[way]["MRR"] >= result.figures[way]["MRR"]
    assert any(line.startswith("With 9 judged pairs (9 same, ") for line in result.lines())
    assert "with judgements" not in result.figures["baselines"]


def test_it_says_how_long_it_takes_before_it_starts_and_after_each_fold(found: Any) -> None:
    told = found[1]
    assert told[0].startswith("made is refitted 3 times")
    assert "The library stays as it is." in told[0]
    assert [line.split(":")[0] for line in told[1:]] == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert told[1].endswith("left")


def test_nothing_but_results_is_left(root: Path, found: Any) -> None:
    names = sorted(path.name for path in refits_folder(root, "made").iterdir() if path.name != ".lock")
    assert names == [*(f"fold{k}of3_share100_seed0.json" for k in (1, 2, 3)), "folds.json"]


def test_what_is_finished_is_kept_and_what_was_stopped_goes_on(
    root: Path, found: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", symlinks=True)
    (refits_folder(copy, "made") / "fold2of3_share100_seed0.json").unlink()

    def stopped(*_: Any) -> Refit:
        raise KeyboardInterrupt

    monkeypatch.setattr(running, "refit", stopped)
    with pytest.raises(KeyboardInterrupt, match="2 refits of made kept"):
        cross_validate(copy, best(copy), folds=FOLDS)
    done: list[str] = []
    monkeypatch.setattr(running, "refit", lambda *args: done.append(str(args[2].cell)) or refit(*args))
    again = cross_validate(copy, best(copy), folds=FOLDS, resamples=200)
    assert done == ["fold 2 of 3"]
    assert again.figures["t2a"] == found[0].figures["t2a"]
    told: list[str] = []
    cross_validate(copy, best(copy), folds=FOLDS, resamples=100, tell=told.append)
    assert told == ["made: all 3 refits are kept from before."]


def test_other_vectors_are_other_folds_and_the_same_in_a_new_file_are_not(
    root: Path, found: Any, tmp_path: Path
) -> None:
    copy = shutil.copytree(root, tmp_path / "copy", copy_function=shutil.copyfile)
    cell = [Cell(fold=0, folds=FOLDS)]

    def ahead() -> int:
        recipe = training_recipe(copy, best(copy))
        return work_ahead(CaptionedLibrary.by(Library(copy), recipe.encoder, recipe.text), recipe, cell).left

    file = copy / "embeddings" / "audio" / "made" / "vectors.npy"
    assert file.stat().st_mtime_ns != (root / file.relative_to(copy)).stat().st_mtime_ns
    assert ahead() == 0
    numbers = bytearray(file.read_bytes())
    numbers[-2] ^= 1
    file.write_bytes(numbers)
    assert ahead() == 1


def test_the_command_prints_the_table_and_refuses_what_means_nothing(
    root: Path, found: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "made", "--folds", "3", "--library", str(root)) == 0
    said = capsys.readouterr()
    assert "made in 3 grouped folds: 99 captions of 66 tracks (33 independent groups)" in said.out
    assert "all 3 refits are kept" in said.err
    assert "Training" in said.out
    assert run("evaluate", "made", "--folds", "3", "--json", "--library", str(root)) == 0
    assert json.loads(capsys.readouterr().out)["folds"] == 3
    assert run("evaluate", "made", "--folds", "3", "--split", "val", "--library", str(root)) == 1
    assert "--split has no meaning there" in capsys.readouterr().err
    for few in (["--folds", "1"], ["--learning-curve", "--folds", "0"]):
        assert run("evaluate", "made", *few, "--library", str(root)) == 1
        assert f"--folds is {few[-1]}: 2 or more are needed" in capsys.readouterr().err


@pytest.mark.parametrize(("typed", "fix"), [(["1,7"], "--k 1 7"), (["1", "few"], "--k 1 5 10")])
def test_numbers_that_are_none_are_answered_with_what_to_type(
    root: Path, typed: list[str], fix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("evaluate", "made", "--k", *typed, "--library", str(root)) == 1
    said = capsys.readouterr().err
    assert f"not '{' '.join(typed)}'" in said
    assert fix in said


def run(*words: str) -> int:
    """The exit code of a command."""
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    return int(ended.value.code or 0)


@pytest.mark.parametrize(("folds", "said"), [(1, "2 or more are needed"), (34, "33 groups")])
def test_folds_that_groups_cannot_fill_are_refused(root: Path, folds: int, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        cross_validate(root, best(root), folds=folds)


def test_a_recipe_is_what_was_asked_for_and_not_what_the_data_chose(root: Path) -> None:
    (member,) = training_recipe(root, best(root)).members
    trained = Bundle.load(best(root)).config
    assert trained.batch_size == 44
    assert (member.config.batch_size, member.config.dropout, member.config.hubness) == (None, None, None)
    assert (member.config.epochs, member.config.closed_form) == (0, "cca")
    assert member.config.caption_kinds == "human"


def test_a_setting_that_was_asked_for_stays(tmp_path: Path) -> None:
    make_library(tmp_path, train=20, val=6, test=6)
    train(tmp_path, "made", config=replace(SOLVED, batch_size=7, dropout=0.1))
    (member,) = training_recipe(tmp_path, best(tmp_path)).members
    assert (member.config.batch_size, member.config.dropout, member.config.temperature) == (7, 0.1, None)


def test_a_fusion_is_refitted_with_its_members(tmp_path: Path) -> None:
    make_library(tmp_path, train=30, val=10, test=10, names=("one", "two"), noise=(0.5, 2.0))
    for name in ("one", "two"):
        train(tmp_path, name, config=SOLVED)
    fuse(tmp_path, ["one", "two"])
    found = cross_validate(tmp_path, tmp_path / "checkpoints" / "one,two_best_r1.pt", folds=2, resamples=100).figures
    assert found["name"] == "one,two"
    assert found["t2a"]["n_queries"] == 100
    assert found["t2a"]["MRR"] > 3 * found["t2a"]["chance"]["MRR"]
