"""How many tracks were heard so far: counted anew while a library is listened to, and never so often that it costs."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable

from antiphon.library.next_step import tried
from antiphon.library.tracks import Library
from antiphon.search.light.record import stamps

SHARE, LEAST_S = 0.05, 2.0
"""Of the time that goes into counting, at most; and the least between two counts, seconds."""


class TracksTried:
    """Counts a library's tracks that an encoder has heard, or failed to; reads them only where files have changed."""

    def __init__(self) -> None:
        self._library: weakref.ref[Library] | None = None
        self._stamps: dict[str, str] = {}
        self._found = 0

    def __call__(self, library: Library) -> int:
        """How many there are now."""
        folders = [library.embedding_folder("audio", name) for name in library.embedded("audio")]
        seen = stamps(folder / rows for folder in folders for rows in ("rows.parquet", "rows.jsonl"))
        if self._library is None or self._library() is not library or seen != self._stamps:
            self._found = len(tried(library, "audio") & library.row_of_track.keys())
            self._library, self._stamps = weakref.ref(library), seen
        return self._found


class Heard:
    """The count of one library, whichever state of it answers.

    Parameters
    ----------
    count : a library's tracks that an encoder has heard, or failed to; None for :class:`TracksTried`.
    clock : tells the time, seconds.
    """

    def __init__(
        self,
        count: Callable[[Library], int] | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count, self._clock = count or TracksTried(), clock
        self._last = 0
        self._next = float("-inf")
        self._turn = threading.Lock()

    def of(self, library: Library) -> int:
        """How many of its tracks an encoder has heard, or failed to, a moment ago."""
        if self._clock() >= self._next and self._turn.acquire(blocking=self._next == float("-inf")):
            try:
                began = self._clock()
                self._last = min(self._count(library), len(library.row_of_track))
                ended = self._clock()
                self._next = ended + max(LEAST_S, (ended - began) / SHARE)
            finally:
                self._turn.release()
        return self._last
