"""What ``train`` refuses at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.libraries.made_vectors import make_library

ASK = """
import sys
from antiphon.cli import main
try:
    main(["train", *sys.argv[1:]])
except SystemExit as ended:
    print(ended.code, "torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--encoder", "musicnn", "mcnn"], "Did you mean 'musicnn'?"),
        (["--encoder", "musicnn+yam"], "no audio vectors called 'yam' (it has: musicnn)"),
        (["--text", "wrods"], "Did you mean 'words'?"),
    ],
)
def test_a_name_without_vectors_is_refused_before_torch_is_loaded(tmp_path: Path, words: list[str], said: str) -> None:
    make_library(tmp_path, names=("musicnn",), train=4, val=2)
    command = [sys.executable, "-c", ASK, *words, "--library", str(tmp_path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ran.stdout.splitlines()[-1] == "1 False", ran.stderr
    assert said in ran.stderr
