"""Files that results go to: into a folder that is there, and never in the place of one that a library is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.errors import ConfigError
from antiphon.library.commands import require_folder_of
from antiphon.library.manifest.paths.walk import LIBRARY_FILES, LIBRARY_FOLDERS, PLAYLISTS

MARK = "library.json"
OWN = frozenset({*LIBRARY_FILES, *LIBRARY_FOLDERS, "audio"})
"""What a library is made of, by the first name below its folder; ``audio`` holds sound that a table brought along."""


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
    if home is None or (place.parent == home / PLAYLISTS and place.suffix.casefold() in (".m3u", ".m3u8")):
        return  # a playlist is made to be written again
    if place.relative_to(home).parts[0] in OWN:
        raise ConfigError(f"{out} is a part of the library {home}.", fix="Name another file for the result.")


def in_a_folder(_: object, out: Path | None) -> None:
    """Refuse a result whose folder is not there, before anything is computed; for ``validator`` of an option.

    Raises
    ------
    ConfigError : it is not.
    """
    if out is not None:
        require_folder_of(out)


RESULT_OPTION = Parameter(validator=(keep_library, in_a_folder))
"""Of an option that names a result's file."""
ResultFile = Annotated[Path | None, RESULT_OPTION]
OutFile = Annotated[Path | None, Parameter(name=["--out", "-o"]), RESULT_OPTION]
"""The file that a command's result goes to."""
