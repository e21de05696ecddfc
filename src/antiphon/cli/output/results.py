"""Files that results go to: never in the place of one that a library is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.errors import ConfigError

MARK = "library.json"
OWN = frozenset(
    {
        *(MARK, "tracks.parquet", "captions.parquet", "made_captions.parquet", "metadata.parquet", "splits.parquet"),
        *("files.parquet", "audit.json", "judgements.jsonl", "tags_before.jsonl", "embeddings", "checkpoints", "index"),
        *("runs", "logs", "players", "playlists", "audio"),
    }
)
"""What a library is made of, by the first name below its folder."""


def keep_library(_: object, out: Path | None) -> None:
    """Refuse a result's file that is a library's own; for ``validator`` of an option.

    Raises
    ------
    ConfigError : it is one.
    """
    if out is None or not out.is_file():
        return
    place = out.resolve()
    home = next((folder for folder in place.parents if (folder / MARK).is_file()), None)
    if home is not None and place.relative_to(home).parts[0] in OWN:
        raise ConfigError(f"{out} is a part of the library {home}.", fix="Name another file for the result.")


ResultFile = Annotated[Path | None, Parameter(validator=keep_library)]
