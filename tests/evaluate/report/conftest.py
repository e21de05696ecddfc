"""One library and one page of it for all tests of the report."""

from __future__ import annotations

from pathlib import Path

import pytest

from antiphon.evaluate.report.material import ReportMaterial
from antiphon.evaluate.report.report import WrittenReport, report
from tests.helpers.libraries.hostile import FIRST, SECOND, hostile_library


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trainings of a library whose words try to be markup."""
    return hostile_library(tmp_path_factory.mktemp("report") / "library")


@pytest.fixture(scope="session")
def material(root: Path) -> ReportMaterial:
    """What a report is made of."""
    return ReportMaterial(root, [FIRST, SECOND])


@pytest.fixture(scope="session")
def written(root: Path, tmp_path_factory: pytest.TempPathFactory) -> WrittenReport:
    """The page about both trainings."""
    return report(root, [FIRST, SECOND], tmp_path_factory.mktemp("page") / "report.html")


@pytest.fixture(scope="session")
def page(written: WrittenReport) -> str:
    """Its text."""
    return written.path.read_text(encoding="utf-8")
