"""The command move-paths: music that was moved as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from antiphon.cli.output.console import JsonOption, LibraryOption, say, say_json
from antiphon.library.ingest.move_paths import move_paths as move


def move_paths(
    old: str,
    new: Path,
    /,
    *,
    write: Annotated[bool, Parameter(negative="")] = False,
    json: JsonOption = False,
    library: LibraryOption = Path(),
) -> None:
    """Let a library know that a folder of music is elsewhere now: another disk, mount point or machine.

    Tracks stay who they are, with vectors, captions, splits and trainings. Without --write it only counts which files
    are where they would be. (Files that were renamed or sorted one by one are followed by ingest and watch themselves.)

    Parameters
    ----------
    old
        The folder as the library has it.
    new
        Where it is now.
    write
        Write the new paths into the library. Without it nothing is written: what would change is counted.
    json
        Print the counts as JSON.
    library
        The library's folder.
    """
    found = move(library, old, str(new), write=write)
    if json:
        say_json(found.to_dict())
    else:
        say(found.lines())
