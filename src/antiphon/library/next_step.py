"""The command that leads on from what a library has to a search that was trained on it.

Whoever tells a person what to do next asks here, so that no message names a command that would only send him on.
"""

from __future__ import annotations

import shlex
from pathlib import Path

from antiphon.library.tracks import Library

TEXT_ENCODER = "minilm"
"""What captions are read with where nobody says otherwise."""


def next_step(library: Library) -> str:
    """What to run next: the sound is described first, then there have to be captions, then they are read."""
    root = library.root
    if not library.embedded("audio"):
        return command("embed", root) if any(library.column("path")) else command("import-embeddings NAME FILE", root)
    if not library.caption_table.num_rows:
        return command("caption", root)
    if not library.embedded("text"):
        return command(f"embed --text {TEXT_ENCODER}", root)
    return command("train", root)


def command(words: str, root: Path) -> str:
    """A command on a library, as it is typed: ``command("train", Path("my lib"))`` → ``antiphon train -l 'my lib'``."""
    return f"antiphon {words}" + ("" if root == Path() else f" --library {shlex.quote(str(root))}")
