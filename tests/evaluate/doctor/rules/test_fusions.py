"""The training doctor on fusions: what is true of something that was put together and has no curves."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.errors import LibraryError
from antiphon.evaluate.benchmark import evaluate
from antiphon.evaluate.doctor.diagnose import Diagnosis, diagnose
from antiphon.evaluate.doctor.gather import diagnosable
from tests.helpers.libraries.made_vectors import COMPARED, make_library

QUICK = TrainConfig(epochs=1, dim=8, hidden=8, epoch_steps=4, precision="float32", device="cpu")
NAME = "clear,other"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("fused") / "library"
    make_library(root, **COMPARED, names=("clear", "other"), noise=(0.5, 0.5))
    for name in ("clear", "other"):
        train(root, name, config=QUICK)
    fuse(root, ["clear", "other"])
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    """A copy of the library, its trainings and their fusion."""
    return shutil.copytree(made, tmp_path / "library")


def titles(found: Diagnosis, severity: str) -> list[str]:
    return [finding.title for finding in found.findings if finding.severity == severity]


def rewrite(root: Path, **changes: object) -> None:
    path = root / "runs" / NAME / "fusion.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_fusion_has_standing_and_findings_but_no_curves(root: Path) -> None:
    assert diagnosable(root) == ["clear", NAME, "other"]
    found = diagnose(root, NAME)
    assert found.lines()[0].startswith(f"{NAME}, a fusion: ")
    notes = titles(found, "note")
    assert "A fusion is put together from trainings, so it has no curves of its own" in notes
    assert "There is no test result yet" in notes
    everything = " ".join(finding.title + finding.evidence for finding in found.findings)
    assert "Val t2a R@1 is" in everything
    assert "val split is small (40 tracks)" in everything
    assert "epoch" not in everything


def test_its_test_result_is_read(root: Path) -> None:
    kept = evaluate(root, root / "checkpoints" / f"{NAME}_best_r1.pt", resamples=50)
    found = diagnose(root, NAME)
    assert "There is no test result yet" not in titles(found, "note")
    assert kept["baselines"]
    assert not [f for f in found.findings if f.command.startswith("antiphon train")]
    assert any("baseline" in f.title or "measurably beat" in f.title or "worse than" in f.title for f in found.findings)


def test_a_part_that_was_trained_again_is_named(root: Path) -> None:
    assert not [title for title in titles(diagnose(root, NAME), "warning") if "changed since" in title]
    made = (root / "checkpoints" / f"{NAME}_best_r1.pt").stat().st_mtime
    other = root / "checkpoints" / "other_best_r1.pt"
    os.utime(other, (made + 5, made + 5))
    assert not [title for title in titles(diagnose(root, NAME), "warning") if "again" in title], "copied, not trained"
    told = json.loads((root / "runs" / NAME / "fusion.json").read_text())
    told["member_checksums"]["other"] = "0" * 64
    (root / "runs" / NAME / "fusion.json").write_text(json.dumps(told))
    assert "Trained again after this fusion was made: other" in titles(diagnose(root, NAME), "warning")


@pytest.mark.parametrize(
    ("fused", "severity", "title"),
    [
        (0.5, "good", "The fusion is ahead of each of its members on val"),
        (0.4, "warning", "The fusion is not ahead of clear alone on val"),
    ],
)
def test_it_is_compared_with_its_best_part(root: Path, fused: float, severity: str, title: str) -> None:
    rewrite(root, val_mrr=fused, alone_mrr={"clear": 0.4, "other": 0.3})
    assert title in titles(diagnose(root, NAME), severity)


def test_a_member_without_weight_is_named(root: Path) -> None:
    rewrite(root, weights=[1.0, 0.0])
    finding = next(f for f in diagnose(root, NAME).findings if "Almost no weight" in f.title)
    assert finding.title.endswith(": other")
    assert finding.command == f"antiphon index checkpoints/clear_best_r1.pt --library {root}"


def test_a_damaged_report_says_how_to_make_it_anew(root: Path) -> None:
    (root / "runs" / NAME / "fusion.json").write_text("{")
    with pytest.raises(LibraryError, match=r"cannot be read.*\n.*antiphon fuse clear other"):
        diagnose(root, NAME)
