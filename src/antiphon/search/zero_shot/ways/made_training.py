"""A training on captions that Antiphon made itself, as one way among those that need none."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from antiphon.search.zero_shot.ways.trained import Trained
from antiphon.search.zero_shot.ways.way import Float32, in_spreads


class MadeTraining:
    """What a checkpoint says that no person's caption has taught.

    Parameters
    ----------
    searcher : with the checkpoint and its index.
    """

    weight = 1.0

    def __init__(self, searcher: Trained) -> None:
        self.name = searcher.name
        self.title = f"the training {searcher.name}"
        self._searcher = searcher

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Rows of the index's tracks in the library; one that left since has −1."""
        row_of = self._searcher.library.row_of_track
        return np.array([row_of.get(track_id, -1) for track_id in self._searcher.track_ids], np.int64)

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """(n,) the tracks of the index."""
        found = np.zeros(len(self._searcher.library.row_of_track), bool)
        found[self._places[self._places >= 0]] = True
        return found

    def scores(self, text: str) -> Float32:
        """(n,) float32, in spreads; NaN for tracks that the index lacks."""
        return in_spreads(self.placed(self._searcher.scores(text)))

    def placed(self, values: Float32) -> Float32:
        """(n,) what is known of the index's tracks, each in its track's row of the library; NaN elsewhere."""
        found = np.full(len(self.known), np.nan, np.float32)
        here = self._places >= 0
        found[self._places[here]] = values[here]
        return found
