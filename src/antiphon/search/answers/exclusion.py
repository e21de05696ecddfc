"""Tracks that shall not be answers: by a list of ids or paths, or by artist."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address
from antiphon.library.leakage.artists import known_artist

if TYPE_CHECKING:
    from antiphon.library.tracks import Library
if TYPE_CHECKING:
    from antiphon.library.tracks import Library

LOG = logging.getLogger(__name__)
SHOWN = 3


def excluded(root: Path, lists: Sequence[Path] = (), artists: Sequence[str] = ()) -> frozenset[str]:
    """Ids of a library's tracks that lists or names of artists rule out. Lines and names that match none are named.

    Parameters
    ----------
    lists : files with an id or a path a line, paths as they stand or from the list's folder; a line that begins with #
        is none, so that a playlist is such a list.
    artists : names, whatever their case; guests ("feat. …") do not count.

    Raises
    ------
    LibraryError : a list cannot be read as text.
    """
    if not lists and not artists:
        return frozenset()
    from antiphon.library.tracks import Library  # loads pyarrow

    library = Library(root)
    found = _listed(library, lists)
    ids = library.column("track_id").tolist()
    names = [known_artist(artist) for artist in library.column("artist")] if artists else []
    for artist in artists:
        wanted = known_artist(artist)
        of_artist = {track for track, name in zip(ids, names, strict=True) if wanted and name == wanted}
        if not of_artist:
            LOG.warning("No track has the artist '%s': nothing is left out for it.", artist)
        found |= of_artist
    return frozenset(found)


def _listed(library: Library, lists: Sequence[Path]) -> set[str]:
    if not lists:
        return set()
    found: set[str] = set()
    reader = ListedTracks(library)
    for path in lists:
        lines = reader.lines(path)
        found |= {track for _, track in lines if track is not None}
        unknown = [line for line, track in lines if track is None]
        if unknown:
            more = " …" if len(unknown) > SHOWN else ""
            LOG.warning(
                "%s: %d of %d lines name no track of this library: %s%s",
                path, len(unknown), len(lines), ", ".join(unknown[:SHOWN]), more,
            )  # fmt: skip
    return found


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
