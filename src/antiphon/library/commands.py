"""How messages name a library, the commands on it, and a folder that is wanting, so that fixes can be typed as they
stand."""

from __future__ import annotations

import shlex
from pathlib import Path

from antiphon.errors import ConfigError

RESERVED = ("all", "last")
"""Words that commands take in the place of an encoder's or a training's name."""


def as_typed(root: Path | str) -> str:
    """A library's folder as it was typed; the current folder, which nobody typed, in full."""
    return str(Path(root).resolve()) if Path(root) == Path() else str(root)


def command(words: str, root: Path | str) -> str:
    """A command on a library, as it is typed: ``antiphon train --library 'my lib'``; none is named for this folder."""
    return f"antiphon {words}" + ("" if Path(root) == Path() else f" --library {shlex.quote(str(root))}")


def require_folder_of(out: Path) -> None:
    """Refuse a place for a result whose folder is not there: a slip, or a disk that is away, makes no folder.

    Raises
    ------
    ConfigError : it is not there, or no folder.
    """
    folder = out.absolute().parent
    if folder.is_dir():
        return
    name = out.parent if out.parent != Path() else folder
    if folder.exists():
        raise ConfigError(f"{name} is no folder, so {out} cannot be written.", fix="Name a file in a folder.")
    raise ConfigError(
        f"The folder {name} is not there, so {out} cannot be written.", fix=f"mkdir -p {shlex.quote(str(name))}"
    )
