"""How antiphon is reached: what the shell finds, else the program beside this Python."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.cli.output.invocation import called_as


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A virtual environment's bin folder below the current one, with this Python said to run from it."""
    folder = tmp_path / ".venv" / "bin"
    folder.mkdir(parents=True)
    (folder / "python").symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    return folder


def _program(folder: Path, says: str = "it is me") -> Path:
    program = folder / "antiphon"
    program.write_text(f"#!/bin/sh\necho {says}\n")
    program.chmod(0o755)
    return program


def test_the_shell_finds_it(environment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _program(environment)
    monkeypatch.setenv("PATH", f"{environment}{os.pathsep}/usr/bin")
    assert called_as() == "antiphon"


def test_the_shell_does_not_find_it(environment: Path) -> None:
    _program(environment)
    assert called_as() == ".venv/bin/antiphon"


def test_the_shell_finds_that_of_another_installation(
    environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _program(environment)
    other = tmp_path / "other"
    other.mkdir()
    monkeypatch.setenv("PATH", str(_program(other, "another").parent))
    assert called_as() == ".venv/bin/antiphon"


def test_elsewhere_the_whole_path_is_given(environment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program, elsewhere = _program(environment), tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    assert called_as() == shlex.quote(str(program))


def test_a_path_with_spaces_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "my music" / "bin"
    folder.mkdir(parents=True)
    _program(folder)
    monkeypatch.setattr(sys, "executable", str(folder / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.chdir(tmp_path)
    done = subprocess.run(called_as(), shell=True, capture_output=True, text=True, check=True)
    assert done.stdout == "it is me\n"


def test_without_a_program_python_runs_the_module(environment: Path) -> None:
    assert called_as() == ".venv/bin/python -m antiphon"
