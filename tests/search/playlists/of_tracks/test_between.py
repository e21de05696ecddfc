"""A path begins with one track and ends with the other, and what lies between goes from the one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from antiphon.errors import ConfigError
from antiphon.search.hits import Hit
from antiphon.search.playlists.of_tracks.between import path_between


class Arc:
    """Tracks on a quarter of a circle, in a mixed order; each of its own artist."""

    def __init__(self, n: int) -> None:
        self.angles_of = np.random.default_rng(0).permutation(np.linspace(0, np.pi / 2, n))
        self.points = np.stack([np.cos(self.angles_of), np.sin(self.angles_of)], axis=1).astype(np.float32)

    def scores_like(self, place: int) -> Any:
        return self.points @ self.points[place]

    def vectors(self, places: Sequence[int]) -> Any:
        return self.points[list(places)]

    def column(self, name: str) -> list[str]:
        return [f"{name} {place}" for place in range(len(self.points))]

    def hits(self, places: Sequence[int], scores: Any) -> list[Hit]:
        return [
            Hit(rank=rank, track_id=str(place), score=float(score), title="", artist="", path="", by="arc")
            for rank, (place, score) in enumerate(zip(places, scores, strict=True), start=1)
        ]


def test_it_walks_along_the_arc_from_one_end_to_the_other() -> None:
    arc: Any = Arc(40)
    start, end = int(arc.angles_of.argmin()), int(arc.angles_of.argmax())
    found = path_between(arc, start, end, 10)
    walked = [arc.angles_of[int(hit.track_id)] for hit in found]
    assert (found[0].track_id, found[-1].track_id, len(found)) == (str(start), str(end), 10)
    assert walked == sorted(walked)
    assert max(np.diff(walked)) < np.pi / 2 / 3
    assert len({hit.track_id for hit in found}) == 10


def test_a_small_library_gives_a_shorter_path_and_two_tracks_are_one_too() -> None:
    arc: Any = Arc(4)
    assert len(path_between(arc, 0, 1, 10)) == 4
    assert [hit.track_id for hit in path_between(arc, 2, 3, 2)] == ["2", "3"]
    with pytest.raises(ConfigError, match="to another one"):
        path_between(arc, 1, 1, 5)
    with pytest.raises(ConfigError, match="no beginning and end"):
        path_between(arc, 1, 2, 1)
