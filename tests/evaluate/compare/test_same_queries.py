"""Trainings of two libraries in one table, where both ask the same queries."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.cli import main
from antiphon.errors import LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.compare.paired import compare
from tests.helpers.libraries.made_vectors import COMPARED, make_library

SOLVED = TrainConfig(epochs=0, closed_form="cca")


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The same tracks and captions twice: once heard clearly, once not."""
    folder = tmp_path_factory.mktemp("two")
    for name, noise in (("clear", 1.0), ("noisy", 9.0)):
        make_library(folder / name, **COMPARED, names=("made",), noise=(noise,))
        train(folder / name, "made", config=SOLVED)
    return folder / "clear", folder / "noisy"


def test_both_stand_in_one_table_and_are_tested_on_the_same_queries(both: tuple[Path, Path]) -> None:
    found = compare(both[0], beside=[both[1]], resamples=100)
    assert [row.name for row in found.trained] == ["made", "made in noisy"]
    (test,) = found.tests
    assert (test["better"], test["worse"]) == ("made", "made in noisy")
    assert test["p_holm"] < 0.05
    assert {row.name for row in found.rows if row.kind == "baseline"} in (
        {"made cca", "made cca in noisy"},
        {"made ridge", "made ridge in noisy"},
        {"made cca", "made ridge in noisy"},
        {"made ridge", "made cca in noisy"},
    )
    for root, name in zip(both, ("made", "made in noisy"), strict=True):
        alone = evaluate(root, root / "checkpoints" / "made_best_r1.pt", baselines=False, resamples=0)
        (row,) = [row for row in found.rows if row.name == name]
        assert row.figures["t2a"]["MRR"] == alone["t2a"]["MRR"]


def test_the_command_takes_them_and_writes_every_form(
    both: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "table.tex"
    options = ["--with", str(both[1]), "--by", "caption-length"]
    for more in (["-o", str(out)], ["--format", "csv"], ["--json"], []):
        with pytest.raises(SystemExit) as ended:
            main(["compare", "--library", str(both[0]), *options, *more])
        assert not ended.value.code
    text = out.read_text()
    assert r"\begin{tabular" in text
    assert "made in noisy" in text
    assert r"\textbf{" in text
    said = capsys.readouterr().out
    assert "name,kind,text" in said
    assert '"slices": {' in said
    assert "made in noisy" in said


def moved(root: Path, into: Path) -> Path:
    """A copy in which a test track is in train."""
    copy = shutil.copytree(root, into)
    table = pq.read_table(copy / "tracks.parquet")
    splits = table.column("split").to_pylist()
    splits[splits.index("test")] = "train"
    place = table.column_names.index("split")
    pq.write_table(table.set_column(place, "split", [splits]), copy / "tracks.parquet")
    return copy


def reworded(root: Path, into: Path) -> Path:
    """A copy in which a test track is described otherwise."""
    copy = shutil.copytree(root, into)
    table = pq.read_table(copy / "captions.parquet")
    texts = table.column("text").to_pylist()
    texts[-1] = "something else"
    place = table.column_names.index("text")
    pq.write_table(table.set_column(place, "text", [texts]), copy / "captions.parquet")
    return copy


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (moved, r"1 track not asked for in .*other \('t100' is in train there\)"),
        (reworded, "other captions of 1 track"),
    ],
)
def test_other_queries_are_refused_with_the_reason(both: tuple[Path, Path], tmp_path: Path, change, reason) -> None:
    with pytest.raises(LibraryError, match=reason):
        compare(both[0], beside=[change(both[1], tmp_path / "other")])


def test_a_library_is_named_once(both: tuple[Path, Path]) -> None:
    with pytest.raises(LibraryError, match="named twice"):
        compare(both[0], beside=[both[0]])


def test_slices_stand_in_the_results_and_in_the_page(both: tuple[Path, Path]) -> None:
    found = compare(both[0], beside=[both[1]], by="caption-length", baselines=False, resamples=50)
    assert found.slices is not None
    assert found.slices["systems"] == ["made", "made in noisy"]
    assert (found.slices["slices"], found.slices["too_small"]) == ([], 1)  # all captions are three words long
    assert json.loads(found.to_json())["slices"]["by"] == "caption-length"
    assert any("Not shown: 1 slice by caption-length" in line for line in found.lines())
