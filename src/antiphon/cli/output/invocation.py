"""How this program was called, so that commands it prints can be typed as they stand."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path


def called_as() -> str:
    """``antiphon`` where the shell finds it, else what reaches it from the current folder: ``.venv/bin/antiphon``.

    The program beside the Python that runs this comes first. One of the same name that the shell would find may belong
    to another installation.
    """
    program = Path(sys.executable).parent / "antiphon"
    on_path = shutil.which("antiphon")
    if not program.is_file():
        return shlex.join([_from_here(Path(sys.executable)), "-m", "antiphon"])
    if on_path and Path(on_path).samefile(program):
        return "antiphon"
    return shlex.quote(_from_here(program))


def _from_here(path: Path) -> str:
    """A path as one would type it: below the current folder without what leads to that."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith(os.pardir) else relative
