"""What playlists are made from: a library's tracks, with how well they answer and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError, LibraryError
from antiphon.search.hits import Hit
from antiphon.search.queries.named import nearest_name
from antiphon.search.queries.query import Query
from antiphon.texts import normalised_text

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
SHOWN = 5


class Source(Protocol):
    """Tracks of one library, each under its place, 0 … n−1."""

    def scores(self, queries: Sequence[Query], where: str | None = None) -> Float32:
        """(queries, n) how well each track answers each query; −inf for one that a filter does not allow, or of which
        nothing is known."""

    def scores_like(self, place: int, where: str | None = None) -> Float32:
        """(n,) how like one track the others are; −inf likewise."""

    def angles(self, queries: Sequence[Query]) -> NDArray[np.float64]:
        """(queries − 1,) radians from each query to the next."""

    def vectors(self, places: Sequence[int]) -> Float32:
        """(places, d) of unit length; d is 0 where there is no shared space."""

    def allowed(self, where: str | None) -> Mask:
        """(n,) which tracks a filter allows."""

    def hits(self, places: Sequence[int], scores: Float32) -> list[Hit]:
        """Tracks as answers, in this order."""

    def column(self, name: str) -> list[str]:
        """(n,) track_id, title, artist or path of each."""

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside a playlist."""


def angles_between(queries: NDArray[np.floating]) -> NDArray[np.float64]:
    """(n − 1,) radians from each of (n, d) vectors to the next."""
    unit = queries.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    found: NDArray[np.float64] = np.arccos(np.clip((unit[1:] * unit[:-1]).sum(axis=1), -1, 1))
    return found


def find_track(source: Source, named: str) -> int:
    """The place of a track by its id, its title, or "artist - title", whatever the case.

    Raises
    ------
    LibraryError : there is none.
    ConfigError : several are called so.
    """
    ids = source.column("track_id")
    if named in ids:
        return ids.index(named)
    wanted = normalised_text(named)
    titles, artists = source.column("title"), source.column("artist")
    called = [
        place
        for place, (title, artist) in enumerate(zip(titles, artists, strict=True))
        if title
        and wanted in {normalised_text(f"{artist}{mark}{title}") for mark in (" - ", " – ")} | {normalised_text(title)}
    ]
    if not called:
        near = nearest_name(named, [*ids, *filter(None, titles)])
        fix = f"Did you mean '{near}'?" if near else f'Look for it: antiphon search "{named}"'
        raise LibraryError(f"No track has the id or the title '{named}'.", fix=fix)
    if len(called) > 1:
        some = "; ".join(f"{ids[place]} ({artists[place] or 'no artist'})" for place in called[:SHOWN])
        more = f" and {len(called) - SHOWN} more" if len(called) > SHOWN else ""
        raise ConfigError(f"{len(called)} tracks are called '{named}': {some}{more}.", fix=f"--radio {ids[called[0]]}")
    return called[0]
