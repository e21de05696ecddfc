"""What stands in deploy/ starts the server with options that it has, and packages that there are."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from antiphon.cli import app
from antiphon.cli.serving.serve import serve

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"


def entry_point() -> list[str]:
    """Of the container."""
    found = re.search(r"^ENTRYPOINT (\[.*\])$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert found
    return json.loads(found[1])


def unit_command() -> list[str]:
    """Of the systemd unit."""
    found = re.search(r"^ExecStart=(.*)$", (DEPLOY / "antiphon.service").read_text(), re.MULTILINE)
    assert found
    return shlex.split(found[1])


@pytest.mark.parametrize("command", [entry_point(), unit_command()], ids=["container", "systemd"])
def test_the_command_is_one_that_there_is(command):
    program, *arguments = command
    assert Path(program).name == "antiphon"
    called, bound, _ = app.parse_args(arguments, exit_on_error=False, print_error=False)
    assert called is serve
    assert bound.arguments


def test_the_container_installs_extras_that_there_are():
    extras = re.search(r"'\.\[([\w,]+)\]'", (DEPLOY / "Dockerfile").read_text())
    assert extras
    project = (ROOT / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", project, re.MULTILINE) for extra in extras[1].split(","))


def test_what_the_image_copies_is_not_ignored():
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    kept = (ROOT / ".dockerignore").read_text().split()
    names = [name for line in copied for name in line.split()]
    assert names
    assert all(f"!{name}" in kept and (ROOT / name).exists() for name in names)


def test_the_music_is_mounted_for_reading_alone():
    compose = (DEPLOY / "compose.yaml").read_text()
    assert len(re.findall(r":/music:ro$", compose, re.MULTILINE)) == 2
    assert not re.search(r":/music$", compose, re.MULTILINE)
