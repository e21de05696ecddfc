"""What a library's source looks like, without opening a file: names, sizes and times of modification.

Network drives (NFS, SMB) tell nobody of a change, so what is there is looked at again and again. That costs one call of
the system a file: 0.5 s for 100,000 files on this machine's own disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.ingest.recipe.recorded import LibraryRecipe
from antiphon.library.manifest.paths.walk import walk
from antiphon.library.subsonic.account import is_server
from antiphon.library.tracks import Library

Snapshot = dict[str, tuple[int, int]]
"""Path → size in bytes and time of modification in nanoseconds."""
SQLITE = ("-wal", "-journal")
"""Beside a database: what a running player has written and not yet put into it."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """Where to look.

    Parameters
    ----------
    folders : everything in them.
    files : tables and databases, and where those say which files the music is, these.
    """

    folders: tuple[Path, ...]
    files: tuple[str, ...]


def looked_at(library: Library, recipe: LibraryRecipe) -> Looked:
    """What to look at for a library: its folders of music, or its tables and databases with the files that they name.

    A server is not looked at: whoever watches asks it again now and then.
    """
    paths = [Path(source) for source in recipe.sources if not is_server(source)]
    folders = tuple(path for path in paths if path.is_dir())
    tables = [str(path) for path in paths if not path.is_dir()]
    beside = [f"{table}{ending}" for table in tables for ending in SQLITE]
    music = _music_of(library) if tables or recipe.server else []
    return Looked(folders=folders, files=(*tables, *beside, *music))


def _music_of(library: Library) -> list[str]:
    found = (split_part(library.sound_at(str(path)))[0] for path in library.column("path") if path)
    return [path for path in dict.fromkeys(found) if not is_address(path)]


def snapshot(looked: Looked) -> Snapshot:
    """Look once.

    Raises
    ------
    LibraryError : a folder of music cannot be listed, as when its disk is away.
    """
    found: Snapshot = {}
    for folder in looked.folders:
        there = walk(folder)
        if str(folder) in there.unreadable:
            raise LibraryError(f"{folder} cannot be listed: {there.unreadable[str(folder)]}.", fix="Mount it again.")
        _add(found, there.files)
    _add(found, looked.files)
    return found


def _add(found: Snapshot, paths: Iterable[str]) -> None:
    for path in paths:
        try:
            state = os.stat(path)  # noqa: PTH116 - a path may hold bytes that are no text
        except OSError:
            continue
        found[path] = (state.st_size, state.st_mtime_ns)
