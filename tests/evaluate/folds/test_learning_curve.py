"""A recipe on shares of the captions."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.cli import main
from antiphon.errors import ConfigError
from antiphon.evaluate.folds.learning_curve import LearningCurve, learning_curve
from antiphon.evaluate.folds.recipe import TrainingRecipe
from antiphon.evaluate.tables.written import written
from antiphon.library.tracks import Library
from tests.helpers.libraries.made_vectors import make_library

SHARES = (10, 20, 40, 80, 100)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("curve")
    make_library(folder, train=120, val=20, test=40, captions=1, group_size=2, noise=(2.0,))
    train(folder, "made", config=TrainConfig(epochs=0, closed_form="cca"))
    return folder


@pytest.fixture(scope="module")
def drawn(root: Path) -> tuple[LearningCurve, list[set[str]]]:
    """The curve, and the captions of train that each share was trained on."""
    seen: list[set[str]] = []
    make = TrainingRecipe.make

    def watched(self: TrainingRecipe, scratch: Path) -> Path:
        library = Library(scratch)
        trained = set(library.column("track_id")[library.tracks_in("train")])
        of_caption = zip(library.caption_column("caption_id"), library.caption_column("track_id"), strict=True)
        seen.append({caption for caption, track in of_caption if track in trained})
        return make(self, scratch)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TrainingRecipe, "make", watched)
        return learning_curve(root, root / "checkpoints" / "made_best_r1.pt", resamples=200), seen


def test_each_share_has_its_captions_and_those_of_the_smaller_ones(drawn: tuple[LearningCurve, list[set[str]]]) -> None:
    curve, seen = drawn
    assert [len(captions) for captions in seen] == [12, 24, 48, 96, 120]
    for small, large in zip(seen, seen[1:], strict=False):  # noqa: RUF007
        assert small < large
    assert [row["share"] for row in curve.figures["shares"]] == list(SHARES)
    assert [row["n_train"] for row in curve.figures["shares"]] == [12, 24, 48, 96, 120]


def test_the_same_queries_are_asked_each_time_and_gains_are_paired(drawn: tuple[LearningCurve, list[set[str]]]) -> None:
    rows = drawn[0].figures["shares"]
    assert {row["t2a"]["n_queries"] for row in rows} == {40}
    for before, row in zip(rows, rows[1:], strict=False):  # noqa: RUF007
        assert row["gain"]["difference"] == pytest.approx(row["mean"]["MRR"] - before["mean"]["MRR"])
        assert row["mean"]["ci95"][0] < row["mean"]["MRR"] < row["mean"]["ci95"][1]
    assert drawn[0].figures["rise"]["difference"] == pytest.approx(rows[-1]["mean"]["MRR"] - rows[0]["mean"]["MRR"])


def test_more_captions_are_worth_more_here_and_it_is_said(drawn: tuple[LearningCurve, list[set[str]]]) -> None:
    curve = drawn[0]
    said = "\n".join(curve.lines())
    assert curve.figures["rise"]["p"] < 0.05
    assert "From 10% to 100% of the captions MRR rises" in said
    assert "240 captioned tracks to train on in place of 120" in said
    assert "Learning curve of made: 40 captions of 40 tracks asked each time" in said


def test_it_is_written_in_every_form(drawn: tuple[LearningCurve, list[set[str]]]) -> None:
    curve = drawn[0]
    rows = list(csv.DictReader(io.StringIO(written(curve, "csv"))))
    assert [row["share"] for row in rows] == [str(share) for share in SHARES]
    assert float(rows[2]["MRR"]) == curve.figures["shares"][2]["mean"]["MRR"]
    assert "| 40% | 48 |" in written(curve, "markdown")
    assert r"40\% & 48 &" in written(curve, "latex")
    assert json.loads(written(curve, "json"))["twice"]["says"] in ("more", "little", "nothing")


def test_the_command_writes_it_to_a_file_and_goes_on_from_what_is_there(
    root: Path, drawn: tuple[LearningCurve, list[set[str]]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "curve.tex"
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", "made", "--learning-curve", "-o", str(out), "--library", str(root)])
    assert not ended.value.code
    said = capsys.readouterr()
    assert "all 5 refits are kept from before" in said.err
    assert said.out == ""
    assert out.read_text().count(r"\\") == 6


def test_a_share_with_too_few_tracks_is_left_out_and_said(tmp_path: Path) -> None:
    make_library(tmp_path, train=30, val=6, test=12, captions=1)
    train(tmp_path, "made", config=TrainConfig(epochs=0, closed_form="cca"))
    best = tmp_path / "checkpoints" / "made_best_r1.pt"
    curve = learning_curve(tmp_path, best, shares=(10, 50, 100), resamples=50)
    assert curve.figures["left_out"] == [10]
    assert "too few shares to fit a curve to. To ask every captioned track: add --folds 5." in curve.figures["verdict"]
    assert "Left out: 10%" in "\n".join(curve.lines())
    folded = learning_curve(tmp_path, best, folds=2, shares=(60, 100), resamples=50)
    assert {row["t2a"]["n_queries"] for row in folded.figures["shares"]} == {48}
    with pytest.raises(ConfigError, match="no curve"):
        learning_curve(tmp_path, best, shares=(5,))
    with pytest.raises(ConfigError, match="percent"):
        learning_curve(tmp_path, best, shares=(0, 50))
