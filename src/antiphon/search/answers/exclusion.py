"""Tracks that shall not be answers: by a list of ids or paths, or by artist."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.library.leakage.artists import known_artist
from antiphon.search.answers.listed import ListedTracks

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
