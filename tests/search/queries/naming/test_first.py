"""What a name found stands first, and says so."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.naming.first import by_name_first, named_first
from antiphon.search.queries.naming.names import NamedTracks


def hit(track_id: str, score: float = 0.5) -> Hit:
    return Hit(rank=1, track_id=track_id, score=score, title="", artist="", path="", by="made")


def ranked(allowed: NDArray[np.bool_], k: int) -> Hits:
    """Tracks by their number."""
    return Hits(hit(str(row)) for row in np.flatnonzero(allowed)[:k])


def test_what_a_name_found_stands_first_and_says_so() -> None:
    found = by_name_first(Hits([hit("a", 0.1)]), Hits([hit("b", 0.9)]), 2)
    assert [(each.rank, each.track_id, each.by) for each in found] == [(1, "a", "name"), (2, "b", "made")]
    assert len(by_name_first(Hits([hit("a")]), Hits([hit("b")]), 1)) == 1


def test_of_a_name_that_may_mean_something_else_few_come_first_and_the_others_where_they_rank() -> None:
    mask, allowed = np.arange(8) % 2 == 1, np.ones(8, bool)
    found = named_first(NamedTracks(mask, most=2), allowed, 6, ranked)
    assert [(each.track_id, each.by == "name") for each in found] == [
        *(("1", True), ("3", True)),
        *(("0", False), ("2", False), ("4", False), ("5", False)),
    ]
    assert [each.track_id for each in named_first(NamedTracks(mask), allowed, 5, ranked)] == ["1", "3", "5", "7", "0"]
    assert [each.track_id for each in named_first(NamedTracks(mask), ~mask, 5, ranked)] == ["0", "2", "4", "6"]
    assert [each.track_id for each in named_first(None, allowed, 2, ranked)] == ["0", "1"]
