"""One way from words to tracks that needs no training here.

Conventions. A way scores the tracks of a library in the order of ``tracks.parquet``. Scores are in spreads: 0 is the
average of the tracks that the way knows, 1 a standard deviation above it, held within ±``MOST``. NaN stands for a track
that it knows nothing of.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
MOST = 4.0
"""Spreads beyond which one way cannot outvote the others."""


class Way(Protocol):
    """A way to answer."""

    @property
    def name(self) -> str:
        """What an answer's ``by`` says: ``"muq-mulan"``, ``"sound tags"``, ``"machine captions"``, ``"metadata"``."""

    @property
    def title(self) -> str:
        """What it goes by, in a sentence: "what MusiCNN heard"."""

    @property
    def weight(self) -> float:
        """How much its scores count beside those of other ways."""

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,) the tracks it can find."""

    def scores(self, text: str) -> Float32:
        """(n,) float32, in spreads; NaN where it knows nothing of the track.

        Parameters
        ----------
        text : the query, not blank.
        """


def in_spreads(values: NDArray[np.floating]) -> Float32:
    """(n,) scores by how far they stand out from their mean; NaN stays NaN, and scores that are all alike become 0."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.full(len(values), np.nan, np.float32)
    spread = float(known.std(dtype=np.float64))
    centred = values - known.mean(dtype=np.float64)
    found = centred / spread if spread > 1e-6 else centred * 0
    return np.asarray(np.clip(found, -MOST, MOST), np.float32)


def in_matches(shares: Float32) -> Float32:
    """(n,) shares of a query's words, 0 … 1, as scores of a way by words: ``MOST`` for all; NaN for none."""
    return np.where(shares > 0, MOST * shares, np.nan).astype(np.float32)
