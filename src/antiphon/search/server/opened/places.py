"""Where tracks lie on the map, for whoever shows tracks: nobody waits for a map to be made."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import isnan

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import AntiphonError
from antiphon.library.tracks import Library
from antiphon.search.server.opened.maps import Map

WAIT_S = 0.3
"""What the first who asks waits for a map: that of a small library, or one that was kept, is there by then."""
MapPoint = tuple[float, float]


class Places:
    """Places of tracks on the library's map.

    Parameters
    ----------
    library : whose tracks.
    make : gives the map; run once, beside everything else.
    """

    def __init__(self, library: Library, make: Callable[[], Map]) -> None:
        self._library, self._make = library, make
        self._points: NDArray[np.float32] | None = None
        self._starts = threading.Lock()
        self._begun = False

    def of(self, rows: Sequence[int]) -> list[MapPoint | None]:
        """The place of each row of ``tracks.parquet``, −1 … 1 on both axes; None where it has none, or none yet."""
        self._begin()
        if self._points is None:
            return [None] * len(rows)
        found = self._points[np.asarray(rows, np.int64)].astype(float).round(4).tolist()
        return [None if isnan(x) else (x, y) for x, y in found]

    def _begin(self) -> None:
        with self._starts:
            if self._begun:
                return
            self._begun = True
        worker = threading.Thread(target=self._learn, name="antiphon-map", daemon=True)
        worker.start()
        worker.join(WAIT_S)

    def _learn(self) -> None:
        with suppress(AntiphonError):  # no map: tracks are shown without their places
            drawn = self._make()
            row_of = self._library.row_of_track
            points = np.full((len(row_of), 2), np.nan, np.float32)
            points[[row_of[track_id] for track_id in drawn.track_ids]] = drawn.points
            self._points = points
