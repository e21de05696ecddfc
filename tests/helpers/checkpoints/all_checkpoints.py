"""Tiny checkpoints for encoders whose real weights no test may need.

An encoder of a model brings a file ``NAME.py`` into this folder with a dictionary ``CHECKPOINTS``: encoder
name → a function that writes a tiny checkpoint of the model's own format into a folder and returns what ``--weights``
would be given. The contract test finds it there.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Factory = Callable[[Path], Any]


def all_checkpoints(folder: Path = HERE) -> dict[str, Factory]:
    """Encoder name → factory, from every file of this folder that has some."""
    found: dict[str, Factory] = {}
    for path in sorted(folder.glob("*.py")):
        module = importlib.import_module(f"{__package__}.{path.stem}") if path.stem != "__init__" else None
        for name, factory in getattr(module, "CHECKPOINTS", {}).items():
            if name in found:
                raise ValueError(f"{path} has a second checkpoint for '{name}'")
            found[name] = factory
    return found
