"""Names in queries: an artist's name finds the artist."""

from __future__ import annotations

import pytest

from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.names import Names, by_name_first
from antiphon.search.queries.reading import read_query

NAMES = Names(
    ["Miles Davis", "Miles Davis", "Björk", "Low", "", ""],
    ["So What", "Blue", "Hunter", "Slow Piano", "Blue", "Disappear without a Trace"],
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("miles davis", [0, 1]),
        ("calm Miles Davis, no vocals", [0, 1]),
        ("Miles Davis So What", [0]),
        ("bjork", [2]),
        ("blue", [1, 4]),
        ("slow blue notes", []),
        ("low strings", []),
        ("slow sad piano", []),
        ("hunter:2 rain", [2]),
        ("disappear without a trace", [5]),
        ("jazz, no Miles Davis", []),
    ],
)
def test_what_a_query_names(text: str, places: list[int]) -> None:
    found = NAMES.found(read_query(text))
    assert ([] if found is None else found.nonzero()[0].tolist()) == places


def test_what_a_name_found_stands_first_and_says_so() -> None:
    hit = Hit(rank=1, track_id="a", score=0.1, title="", artist="", path="", by="made")
    other = Hit(rank=1, track_id="b", score=0.9, title="", artist="", path="", by="made")
    found = by_name_first(Hits([hit]), Hits([other]), 2)
    assert [(each.rank, each.track_id, each.by) for each in found] == [(1, "a", "name"), (2, "b", "made")]
    assert len(by_name_first(Hits([hit]), Hits([other]), 1)) == 1
