"""Files that results go to: never in the place of one that a library is made of."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.errors import ConfigError
from antiphon.library.manifest.paths.walk import LIBRARY_FILES, LIBRARY_FOLDERS

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
    if home is not None and place.relative_to(home).parts[0] in OWN:
        raise ConfigError(f"{out} is a part of the library {home}.", fix="Name another file for the result.")


ResultFile = Annotated[Path | None, Parameter(validator=keep_library)]
