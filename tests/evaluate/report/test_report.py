from __future__ import annotations

import shutil
import sys

import pytest

from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.late_fusion import fuse
from antiphon.align.train import train
from antiphon.errors import CheckpointError, ConfigError
from antiphon.evaluate.report.audit import audit_section
from antiphon.evaluate.report.drawn import systems_of
from antiphon.evaluate.report.material import ReportMaterial
from antiphon.evaluate.report.origins import origins_of
from antiphon.evaluate.report.report import report
from antiphon.library.files import file_hash, read_json, write_json
from antiphon.library.judgements.file import NAME as JUDGEMENTS_FILE
from tests.helpers.libraries.hostile import FIRST, SECOND


def test_sections_stand_in_their_order(page):
    names = ("verdict", "curves", "encoders", "ranks", "map", "queries", "confusions", "data", "origins")
    places = [page.index(f'<section id="{name}"') for name in names]
    assert places == sorted(places)


def test_it_says_where_it_is_how_large_and_what_is_first_on_it(written):
    first, second = written.lines()
    assert first == written.headline
    assert str(written.path) in second
    assert f"{written.bytes / 1e6:.1f} MB" in second
    assert written.to_dict()["path"] == str(written.path)


def test_figures_that_were_kept_are_taken_and_others_are_measured_again(material, root, monkeypatch):
    kept = root / "runs" / FIRST / "test_metrics.json"
    _ = material.figures
    monkeypatch.setattr("antiphon.evaluate.report.material.evaluate", lambda *_, **__: pytest.fail("measured again"))
    assert ReportMaterial(root, [FIRST]).figures == read_json(kept)
    monkeypatch.setattr("antiphon.evaluate.report.material.evaluate", lambda *_, **__: {"measured": "again"})
    assert ReportMaterial(root, [FIRST], split="val").figures == {"measured": "again"}


def test_figures_from_before_a_retraining_are_not_taken(material, root, tmp_path, monkeypatch):
    _ = material.figures
    own = shutil.copytree(root, tmp_path / "own")
    shutil.copy(own / "checkpoints" / f"{SECOND}_best_r1.pt", own / "checkpoints" / f"{FIRST}_best_r1.pt")
    monkeypatch.setattr("antiphon.evaluate.report.material.evaluate", lambda *_, **__: {"measured": "again"})
    assert ReportMaterial(own, [FIRST]).figures == {"measured": "again"}


def test_figures_from_before_a_judgement_are_not_taken(material, root, tmp_path, monkeypatch):
    _ = material.figures
    own = shutil.copytree(root, tmp_path / "own")
    (own / JUDGEMENTS_FILE).touch()
    monkeypatch.setattr("antiphon.evaluate.report.material.evaluate", lambda *_, **__: {"measured": "again"})
    assert ReportMaterial(own, [FIRST]).figures == {"measured": "again"}


def test_all_trainings_and_their_baselines_stand_side_by_side(material):
    names = {system.name for system in systems_of(material).systems}
    assert {FIRST, SECOND} < names
    assert any(not system.trained for system in systems_of(material).systems)


def test_origins_name_what_made_the_vectors_and_the_way_back(material):
    found = origins_of(material)
    assert [row[0] for row in found.encoders[1:]] == [FIRST, "minilm"]
    facts = dict(found.checkpoint)
    assert facts["sha256"] == file_hash(material.checkpoint)
    assert facts["training tracks"] == "40"
    assert "epochs = 4" in found.changed
    assert "epochs = 4" in found.settings
    assert found.commands[0] == "antiphon ingest '<b>tracks.csv' --seed 0"
    assert f"antiphon train --encoder {FIRST} --config runs/{FIRST}/config.toml" in found.commands


def test_no_path_of_this_machine_is_on_the_page(page, root):
    assert str(root) not in page
    assert " --library " not in page


def test_fusions_and_closed_forms_have_a_page_without_curves(root, tmp_path):
    own = shutil.copytree(root, tmp_path / "own")
    train(own, FIRST, name="solved", config=TrainConfig(epochs=0, device="cpu"))
    fuse(own, [FIRST, SECOND])
    written = report(own, [f"{FIRST},{SECOND}", "solved"], audio_mb=0)
    text = written.path.read_text(encoding="utf-8")
    assert written.path == own / "report.html"
    assert f"{FIRST},{SECOND} has no curves" in text
    assert "solved has no curves" in text
    assert "<audio" not in text


def test_a_library_without_an_audit_says_so(root, page):
    assert not (root / "audit.json").exists()
    assert "What ingesting found is not known" in page


def test_an_audit_is_told_in_counts_and_sentences():
    audit = {
        "splits": {"train": {"tracks": 1200, "captions": 2400, "groups": 600}, "test": {"tracks": 9}},
        "row_wise_leak": {"tracks": 0.78},
        "leaked": {"tracks": 0.0},
        "joins": [1, 2],
        "identical_captions": {"a": 3},
        "problem_kinds": {"missing file": 2},
        "warnings": ["few"],
        "alerts": ["first"],
    }
    found = audit_section(audit)
    assert found.splits[1] == ("train", "1,200", "2,400", "600")
    assert found.splits[3] == ("test", "9", "0", "0")
    assert found.warnings == ("first", "few")
    assert "78 % of the test tracks into train; this one does so for 0 %" in " ".join(found.lines)
    assert "missing file (2)" in found.lines[-1]
    assert audit_section({"rows": 1}) is None


def test_a_damaged_audit_is_none(root, tmp_path):
    own = shutil.copytree(root, tmp_path / "own")
    (own / "audit.json").write_text("{", encoding="utf-8")
    assert ReportMaterial(own, [FIRST]).audit is None
    write_json(own / "audit.json", ["a list"])
    assert ReportMaterial(own, [FIRST]).audit is None


def test_a_training_that_is_not_there_is_an_error_before_anything_is_drawn(root, tmp_path):
    with pytest.raises(CheckpointError, match="No checkpoint 'nope'"):
        report(root, ["nope"], tmp_path / "report.html")
    assert not (tmp_path / "report.html").exists()


def test_what_would_be_refused_after_minutes_is_refused_before_them(root, tmp_path):
    with pytest.raises(ConfigError, match="is a folder, not a file"):
        report(root, [FIRST], tmp_path)
    with pytest.raises(ConfigError, match=r"page\.html"):
        report(root, [FIRST], tmp_path / "page")
    for room in (-1.0, float("nan")):
        with pytest.raises(ConfigError, match="is no room for sound"):
            report(root, [FIRST], tmp_path / "report.html", audio_mb=room)


@pytest.mark.parametrize(("package", "named"), [("matplotlib", "matplotlib"), ("jinja2", "Jinja2")])
def test_a_package_that_is_missing_is_named_with_the_command_that_brings_it(root, monkeypatch, package, named):
    for name in [name for name in sys.modules if name.split(".")[0] == package]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ConfigError, match=f"{named}, which is not installed") as refused:
        report(root, [FIRST])
    assert refused.value.fix == "pip install 'antiphon[report]'"
