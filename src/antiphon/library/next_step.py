"""The command that leads on from what a library has to a search that was trained on it.

Whoever tells a person what to do next asks here, so that no message names a command that would only send him on.
"""

from __future__ import annotations

from antiphon.errors import EmbeddingError
from antiphon.library.commands import command
from antiphon.library.tracks import Kind, Library
from antiphon.library.vectors.rows import read_rows

__all__ = ["TEXT_ENCODER", "command", "next_step"]

TEXT_ENCODER = "minilm"
"""What captions are read with where nobody says otherwise."""


def next_step(library: Library) -> str:
    """What to run next.

    The sound has to be described, all of it; then there have to be captions; then they have to be read; then trainings
    learn from both.
    """
    root = library.root
    encoders = library.embedded("audio")
    sounding = library.column("track_id")[library.column("path") != ""].tolist()
    if sounding and not set(sounding) <= _tried(library, "audio"):
        return command(" ".join(["embed", *(["--encoder", *encoders] if encoders else [])]), root)
    if not encoders:
        return command("import-embeddings NAME FILE", root)
    captions = library.caption_column("caption_id").tolist()
    if not captions:
        return command("caption", root)
    if not set(captions) <= _tried(library, "text"):
        return command(f"embed --text {TEXT_ENCODER}", root)
    return command("train", root)


def _tried(library: Library, kind: Kind) -> set[str]:
    """Ids of what any encoder has read or heard, or has failed to."""
    found: set[str] = set()
    for name in library.embedded(kind):
        try:
            found.update(row.id for row in read_rows(library.embedding_folder(kind, name)) if row.status != "stale")
        except EmbeddingError:  # damaged: whoever asks for these vectors is told
            continue
    return found
