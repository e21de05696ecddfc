"""How messages name a library, and the commands on it, so that they can be typed as they stand."""

from __future__ import annotations

import shlex
from pathlib import Path

RESERVED = ("all", "last")
"""Words that commands take in the place of an encoder's or a training's name."""


def place(root: Path | str) -> str:
    """A library's folder as it was typed; the current folder, which nobody typed, in full."""
    return str(Path(root).resolve()) if Path(root) == Path() else str(root)


def command(words: str, root: Path | str) -> str:
    """A command on a library, as it is typed: ``antiphon train --library 'my lib'``; none is named for this folder."""
    return f"antiphon {words}" + ("" if Path(root) == Path() else f" --library {shlex.quote(str(root))}")
