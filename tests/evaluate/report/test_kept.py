"""Slices and folds stand on the page where they were measured, and while they are still true."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from antiphon.evaluate.compare.in_folds import compare_in_folds
from antiphon.evaluate.compare.paired import compare
from antiphon.evaluate.compare.slices import findings
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.folds.cross_validation import cross_validate
from antiphon.evaluate.report.kept import kept_folds, kept_slices
from antiphon.evaluate.report.report import report
from antiphon.library.files import read_json
from tests.helpers.libraries.hostile import FIRST, SECOND


@pytest.fixture(scope="module", autouse=True)
def small_slices() -> Iterator[None]:
    """Slices of a few tracks are shown, as those of the library are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "LEAST", 4)
        patch.setattr(findings, "FEW", 4)
        yield


@pytest.fixture(scope="module")
def measured(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library with slices by mood, and two folds of the first training."""
    own = shutil.copytree(root, tmp_path_factory.mktemp("kept") / "library")
    compare(own, by="mood", baselines=False, resamples=100).write(own)
    cross_validate(own, own / "checkpoints" / f"{FIRST}_best_r1.pt", folds=2, resamples=100)
    return own


def test_nothing_was_measured_nothing_is_shown(root: Path, page: str) -> None:
    assert kept_slices(root, "test") is None
    assert kept_folds(root, FIRST) is None
    assert 'id="folds"' not in page


def test_a_comparison_is_read_as_it_was_written(measured: Path) -> None:
    found = compare(measured, by="mood", baselines=False, resamples=100)
    kept = Comparison.from_dict(read_json(measured / "comparison.json"))
    assert (kept.slices, kept.tests, kept.warnings) == (found.slices, found.tests, found.warnings)
    assert [row.figures for row in kept.rows] == [row.figures for row in found.rows]


def test_folds_of_one_training_stand_beside_its_baselines(measured: Path) -> None:
    found = kept_folds(measured, FIRST)
    assert found is not None
    assert {system.name for system in found.systems.systems} == {FIRST, "ridge", "cca"}
    assert "in 2 grouped folds" in found.lines[0]
    assert kept_folds(measured, SECOND) is None


def test_the_page_shows_folds_and_slices_of_all_trainings(measured: Path) -> None:
    compare_in_folds(measured, folds=2, by="mood", resamples=100).write(measured)
    text = report(measured, [FIRST], audio_mb=0).path.read_text(encoding="utf-8")
    assert '<section id="folds">' in text
    assert "Every captioned track asked, in grouped folds" in text
    found = kept_folds(measured, FIRST)
    assert found is not None
    assert {FIRST, SECOND} < {system.name for system in found.systems.systems}
    assert found.differences is not None
    assert {row[0] for row in found.differences.rows} == {FIRST, SECOND}
    assert text.count("<h3>Differences of MRR</h3>") == 2  # on the split, and in folds
    for each in (kept_slices(measured, "test"), found.slices):
        assert each is not None
        assert len(each.table.rows) == 3
        assert "chance" in each.table.headings
    assert text.count("By mood: MRR of slices of the queries") == 2


def test_what_was_measured_before_a_training_or_a_caption_changed_is_not_shown(measured: Path, tmp_path: Path) -> None:
    own = shutil.copytree(measured, tmp_path / "own")
    (own / "captions.parquet").touch()
    assert (kept_folds(own, FIRST), kept_slices(own, "test")) == (None, None)
    other = shutil.copytree(measured, tmp_path / "other")
    shutil.copy(other / "checkpoints" / f"{SECOND}_best_r1.pt", other / "checkpoints" / f"{FIRST}_best_r1.pt")
    assert (kept_folds(other, FIRST), kept_slices(other, "test")) == (None, None)
