"""Where the published package runs: an environment with TensorFlow, for it wants another numpy than Antiphon."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REQUIREMENTS = ("tensorflow-cpu==2.15.1", "librosa==0.10.2.post1", "soundfile>=0.12")
"""The last TensorFlow with ``tf.compat.v1.layers``, which the package is written in; Python 3.9 to 3.11."""
OWN = "ANTIPHON_MUSICNN_REFERENCE"
"""Environment variable that names the Python of such an environment, where there is one already."""


def python_with_tensorflow(folder: Path) -> tuple[Path, str]:
    """The environment's Python, made in ``folder`` unless there is one; and why there is none, or ""."""
    if OWN in os.environ:
        return Path(os.environ[OWN]), ""
    python = folder / "bin" / "python"
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "venv", folder],
        [python, "-m", "pip", "install", "--quiet", *REQUIREMENTS],
    )
    for command in commands:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
            return python, said[0] if said else f"{command[0]} ended with {done.returncode}"
    return python, ""
