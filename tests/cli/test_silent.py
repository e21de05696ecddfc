"""What Antiphon and the packages beneath it tell others while it works: nothing, nor do processes that it starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.libraries.sounds import sweep, write

WATCH = """
import os, sys

def note(event, arguments):
    if event == "socket.connect":
        address = arguments[1]
        if isinstance(address, tuple) and not str(address[0]).startswith(("127.", "::1", "::ffff:127.")):
            told(event, address)
    elif event == "socket.getaddrinfo" and arguments[0] not in (None, "", "localhost", "127.0.0.1", "::1"):
        told(event, arguments[0])

def told(*what):
    with open(os.environ["TOLD"], "a") as file:
        print(*what, file=file)

sys.addaudithook(note)
"""
"""Read by each Python as it starts. What a package does without Python it does not see: see test_sentence.py."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A person's own: no variable keeps a package offline or quiet."""
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    (tmp_path / "home").mkdir()
    paths = os.pathsep.join([str(tmp_path / "watch"), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": paths,
        "HOME": str(tmp_path / "home"),
        "TOLD": str(tmp_path / "told"),
    }


@pytest.mark.slow
def test_who_connects_elsewhere_is_seen(environment: dict[str, str], tmp_path: Path) -> None:
    ask = "import socket\ntry: socket.create_connection(('nowhere.invalid', 9), 0.1)\nexcept OSError: pass"
    subprocess.run([sys.executable, "-c", ask], env=environment, check=True)
    assert "nowhere.invalid" in (tmp_path / "told").read_text()


@pytest.mark.slow
def test_the_way_from_sounds_to_a_report_asks_nobody(environment: dict[str, str], tmp_path: Path) -> None:
    rows = ["audio,caption"]
    for number in range(24):
        write(tmp_path / f"{number}.wav", sweep(1.0, 8_000, channels=1, level=0.1 + 0.03 * number), 8_000)
        rows.append(f"{number}.wav,a {'loud' if number % 2 else 'quiet'} tone that swells {number} times")
    (tmp_path / "tracks.csv").write_text("\n".join(rows))
    for command in (
        ["ingest", "tracks.csv", "--library", "lib"],
        ["search", "loud tone", "--library", "lib"],
        ["embed", "--library", "lib"],
        ["train", "--epochs", "2", "--library", "lib"],
        ["evaluate", "--library", "lib"],
        ["index", "--library", "lib"],
        ["search", "loud tone", "--library", "lib"],
        ["report", "--library", "lib"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "antiphon", *command], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, (command, done.stderr)
    assert not (tmp_path / "told").exists()
    assert not list((tmp_path / "home").rglob("*onnxruntime*"))
