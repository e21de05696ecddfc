"""What playlists are made from: a library's tracks, with how well they answer and what they have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import Hit
from antiphon.search.queries.query import Query

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]


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
