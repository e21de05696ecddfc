"""What .ci/security.py says of the pinned packages, by answers that were made: no database is asked."""

from __future__ import annotations

import importlib.util
import io
import json
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

FILE = Path(__file__).parents[1] / ".ci" / "security.py"
HOLE = {"id": "PYSEC-2023-228", "fix_versions": ["23.3"], "aliases": ["CVE-2023-5752", "GHSA-mq26-g339-26xf"]}
SOUND = {"name": "numpy", "version": "2.0.0", "vulns": []}
HOLED = {"name": "pip", "version": "23.2.1", "vulns": [HOLE]}
UNKNOWN = {"name": "torch", "skip_reason": "Dependency not found on PyPI"}
UNREACHED = SimpleNamespace(stdout="", stderr="Traceback\nConnectionError: no route to host\n")


@pytest.fixture
def linter() -> ModuleType:
    spec = importlib.util.spec_from_file_location("security_check", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def answering(linter: ModuleType, monkeypatch: pytest.MonkeyPatch, probe: Any, **by: Any) -> None:
    """PyPI answers the probe with this, and pip-audit with these for each service; None for no JSON at all."""

    def opened(_url: str, timeout: float) -> io.BytesIO:
        assert timeout > 0
        if isinstance(probe, OSError):
            raise probe
        return io.BytesIO(json.dumps(probe).encode())

    def run(command: list[str], **_: object) -> SimpleNamespace:
        packages = by.get(command[command.index("--vulnerability-service") + 1])
        return UNREACHED if packages is None else SimpleNamespace(stdout=json.dumps({"dependencies": packages}))

    monkeypatch.setattr(linter.urllib.request, "urlopen", opened)
    monkeypatch.setattr(linter.subprocess, "run", run)


KNOWS = {"vulnerabilities": [{"id": "PYSEC-2023-228"}]}


def test_a_known_hole_is_an_error_and_says_what_fixes_it(
    linter: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answering(linter, monkeypatch, KNOWS, pypi=[SOUND, HOLED, UNKNOWN])
    assert linter.known_holes() == 1
    told = capsys.readouterr()
    assert "pip 23.2.1: PYSEC-2023-228, fixed in 23.3" in told.err
    assert "does not know 1 of 3 packages: torch" in told.out


@pytest.mark.parametrize("name", ["PYSEC-2023-228", "CVE-2023-5752"])
def test_a_hole_that_was_accepted_with_a_reason_is_none_by_any_of_its_names(
    linter: ModuleType, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    answering(linter, monkeypatch, KNOWS, pypi=[HOLED])
    linter.ACCEPTED[name] = "pip is not run here"
    assert linter.known_holes() == 0


@pytest.mark.parametrize("mirror", [{"info": {}}, {"vulnerabilities": []}, [], OSError("no route")])
def test_a_mirror_without_data_is_passed_over_and_the_next_is_asked(
    linter: ModuleType, monkeypatch: pytest.MonkeyPatch, mirror: Any
) -> None:
    answering(linter, monkeypatch, mirror, pypi=[SOUND], osv=[HOLED])
    assert linter.known_holes() == 1


@pytest.mark.parametrize("osv", [None, [UNKNOWN]], ids=["unreached", "knows nothing"])
def test_where_nobody_can_be_asked_it_says_that_nothing_was_checked(
    linter: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], osv: Any
) -> None:
    answering(linter, monkeypatch, OSError("no route"), osv=osv)
    assert linter.known_holes() == 0
    told = capsys.readouterr()
    assert "checked nothing" in told.err
    assert "no route" in told.err
    assert told.out == ""
