"""The command line as a user meets it: start-up time, exit codes, streams."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from antiphon.cli import COMMANDS
from antiphon.library.vectors.store import open_vectors
from tests.helpers.checkpoints.mert import write_mert
from tests.helpers.checkpoints.muq import write_muq
from tests.helpers.documentation.commands import run
from tests.helpers.libraries.tone_library import make


def test_help_imports_neither_torch_nor_any_other_heavy_library() -> None:
    code = (
        "import sys\nfrom antiphon.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'numpy', 'pyarrow', 'librosa', 'transformers', 'sentence_transformers'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name in COMMANDS:
        assert name in done.stdout


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    done = run(name, "--help")
    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


def test_a_missing_library_is_exit_code_1_and_names_the_fix(tmp_path: Path) -> None:
    done = run("search", "slow sad piano", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "antiphon" in done.stderr
    assert "Traceback" not in done.stderr


def test_ctrl_c_while_python_loads_the_command_line_is_a_sentence() -> None:
    code = (
        "import sys\nfrom antiphon.__main__ import main\n"
        "class Stop:\n    def find_spec(self, name, *rest):\n"
        "        if name == 'cyclopts': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Stop())\nmain()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "Stopped before anything was begun.\n")


def test_an_unknown_option_is_exit_code_2() -> None:
    done = run("train", "--no-such-option")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--minutes", "5"), "--minutes ends a sweep"),
        (("--sweep", "3", "--resume"), "A sweep carries on by itself"),
    ],
)
def test_options_that_would_do_nothing_are_refused(tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    done = run("train", "--encoder", "muq", *options, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr


def test_several_models_are_embedded_from_folders_of_their_own_in_one_command(tmp_path: Path) -> None:
    weights = [f"{name}={write(tmp_path / name)}" for name, write in (("mert", write_mert), ("muq", write_muq))]
    root = make(tmp_path, a=1.0, b=2.0)
    done = run("embed", "--encoder", "mert", "muq", "--weights", *weights, "--device", "cpu", cwd=root)
    assert done.returncode == 0, done.stderr
    for name in ("mert", "muq"):
        folder = root / "embeddings" / "audio" / name
        made = json.loads((folder / "provenance.json").read_text())
        assert made["source"] == str(tmp_path / name)
        assert set(open_vectors(folder).ids) == {"a", "b"}
