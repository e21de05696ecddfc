"""How long tracks are: as their files say, or where there is none here as the library's metadata do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from antiphon.audio.duration import stated_seconds
from antiphon.errors import LibraryError
from antiphon.library.addresses import split_part
from antiphon.library.tracks import Library

FIELD = "length"
"""Seconds, where a player's database or server told them."""
ASSUMED_S = 240.0
"""Of a track where nothing is known of any."""
LONGEST_S = 86_400.0


class Lengths:
    """Each looked up once.

    Parameters
    ----------
    library : whose metadata are asked where a file is not here.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._known: dict[str, float | None] = {}

    def of(self, track_id: str, path: str) -> float | None:
        """Seconds; None for unknown."""
        if track_id not in self._known:
            found = stated_seconds(path) if path else None
            whole = not path or split_part(path)[1] is None
            self._known[track_id] = found if found or not whole else self._told.get(track_id)
        return self._known[track_id]

    @property
    def usual(self) -> float:
        """The median of those known so far, seconds: what one that is not known is counted as."""
        known = [seconds for seconds in self._known.values() if seconds]
        return float(np.median(known)) if known else ASSUMED_S

    def remarks(self, seconds: Sequence[float | None]) -> list[str]:
        """That some of a playlist's tracks are counted by a guess; nothing where none is."""
        unknown = sum(length is None for length in seconds)
        if not unknown:
            return []
        why = "the median of the others" if any(self._known.values()) else "a guess: no length is known"
        return [f"{unknown:,} of {len(seconds):,} tracks say no length: each counts as {self.usual:.0f} s, {why}."]

    @cached_property
    def _told(self) -> dict[str, float]:
        try:
            metadata = self._library.metadata
            if FIELD not in metadata or metadata.type_of(FIELD) != "number":
                return {}
            pairs = zip(metadata.track_ids, metadata.column(FIELD), strict=True)
        except LibraryError:  # damaged: a playlist can do without
            return {}
        return {i: float(s) for i, s in pairs if isinstance(s, (int, float)) and 0 < s <= LONGEST_S}
