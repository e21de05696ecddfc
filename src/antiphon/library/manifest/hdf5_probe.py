"""A look at an HDF5 file by a process of its own, before this one reads it.

The library that reads HDF5 can go round in circles for ever, or crash, on a file that was damaged in the right place;
neither can be caught from inside.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from antiphon.errors import ManifestError

BASE_S = 5.0
BYTES_A_SECOND = 5_000_000
"""A sound file's texts are read many times as fast as this, on any disk."""

_LOOK = """
import sys, h5py
print("ready", flush=True)
def look(name, item):
    if getattr(item, "shape", None) and item.dtype.kind in "OSV":
        item[()]
try:
    with h5py.File(sys.argv[1], "r") as file:
        file.visititems(look)
except Exception:
    pass  # whoever reads the file says what is wrong with it
"""


def require_readable(path: Path) -> None:
    """Read the structure and the texts of an HDF5 file in a process that may fail.

    Raises
    ------
    ManifestError : it crashed, or did not come to an end within 5 s and a second for every 5 MB.
    """
    command = [sys.executable, "-c", _LOOK, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        try:
            assert process.stdout is not None
            process.stdout.readline()  # starting and importing is not the file's time
            ended = process.wait(BASE_S + path.stat().st_size / BYTES_A_SECOND)
        except subprocess.TimeoutExpired:
            raise _damaged(path, "reading it does not come to an end") from None
        finally:
            process.kill()
    if ended < 0:
        raise _damaged(path, f"reading it ends in signal {-ended}")


def _damaged(path: Path, how: str) -> ManifestError:
    return ManifestError(f"{path} cannot be read as HDF5: it is damaged ({how}).", fix="Save or fetch it again.")
