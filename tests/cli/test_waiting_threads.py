"""Threads of models that wait give up their core."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from antiphon.cli import main
from antiphon.embed.loading import threads_wait_asleep


def test_what_the_user_says_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    threads_wait_asleep()
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    threads_wait_asleep()
    assert os.environ["OMP_WAIT_POLICY"] == "ACTIVE"


def test_embed_says_so_before_torch_is_loaded() -> None:
    """Later nobody would read it."""
    shown = "import sys, antiphon.cli.embedding; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("said", "load", "wanted"),
    [
        ({}, 0.1, "10000"),
        ({}, 64.0, "0"),
        ({"OMP_WAIT_POLICY": "ACTIVE"}, 64.0, None),
        ({"GOMP_SPINCOUNT": "7"}, 64.0, "7"),
    ],
)
def test_every_command_lets_threads_sleep_soon_unless_the_user_said_how_they_wait(
    monkeypatch: pytest.MonkeyPatch, said: dict[str, str], load: float, wanted: str | None
) -> None:
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.setenv(name, "")  # so that it is put back, whatever is set here
        monkeypatch.delenv(name)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    with pytest.raises(SystemExit):
        main(["--version"])
    assert os.environ.get("GOMP_SPINCOUNT") == wanted
