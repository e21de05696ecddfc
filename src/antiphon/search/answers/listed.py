"""Tracks of a library that a file lists, one a line: by id, by path, or as a playlist does."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address

if TYPE_CHECKING:
    from antiphon.library.tracks import Library


class ListedTracks:
    """Reads lists of one library's tracks.

    Parameters
    ----------
    library : whose tracks.
    """

    def __init__(self, library: Library) -> None:
        ids, paths = library.column("track_id").tolist(), library.column("path").tolist()
        known = [(track, path) for track, path in zip(ids, paths, strict=True) if path]
        self._of_name = {library.sound_at(path): track for track, path in known}
        self._of_name |= {path: track for track, path in known}
        self._of_name |= {track: track for track in ids}

    def lines(self, file: Path) -> list[tuple[str, str | None]]:
        """Each line of a file, and the id of the track that it names; None for none.

        A line is an id or a path, as it stands or from the file's folder; one that begins with # is none, so that a
        playlist is such a list.

        Raises
        ------
        LibraryError : it cannot be read as text.
        """
        return [(line, self._named(line, file)) for line in _lines(file)]

    def _named(self, line: str, file: Path) -> str | None:
        return next((self._of_name[name] for name in _readings(line, file) if name in self._of_name), None)


def _lines(file: Path) -> list[str]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LibraryError(f"{file} cannot be read as text: {error}", fix="One track id or path a line.") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _readings(line: str, file: Path) -> Iterable[str]:
    yield line
    if not is_address(line):
        yield os.path.normpath(file.absolute().parent / line)
