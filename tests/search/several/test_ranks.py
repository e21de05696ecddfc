"""Rankings that are summed by their ranks, beside a loop over all tracks."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.naming.first import NAME
from antiphon.search.several.ranks import by_ranks

TRACKS = [f"t{number}" for number in range(12)]
RANKING = st.lists(st.sampled_from(TRACKS), unique=True, max_size=12)


def ranking(tracks: list[str], named: frozenset[str] = frozenset()) -> Hits:
    order = [*(each for each in tracks if each in named), *(each for each in tracks if each not in named)]
    return Hits(
        Hit(rank=rank, track_id=each, score=-rank, title="", artist="", path="", by=NAME if each in named else "own")
        for rank, each in enumerate(order, start=1)
    )


def slow(rankings: list[list[str]]) -> dict[str, float]:
    """Every track that any ranking has, with the sum of 1 / (60 + rank)."""
    found = {}
    for track in TRACKS:
        ranks = [each.index(track) + 1 for each in rankings if track in each]
        if ranks:
            found[track] = math.fsum(1 / (60 + rank) for rank in ranks)
    return found


@given(rankings=st.lists(RANKING, min_size=1, max_size=4), k=st.integers(min_value=1, max_value=15))
def test_scores_are_those_of_a_loop_and_the_best_come_first(rankings: list[list[str]], k: int) -> None:
    hits, expected = by_ranks(list(map(ranking, rankings)), k, by="a,b"), slow(rankings)
    assert len(hits) == min(k, len(expected))
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert {hit.by for hit in hits} <= {"a,b"}
    for hit in hits:
        assert hit.score == pytest.approx(expected[hit.track_id], abs=1e-6)
    worst = min((hit.score for hit in hits), default=0)
    left_out = [score for track, score in expected.items() if track not in {hit.track_id for hit in hits}]
    assert all(score <= worst + 1e-6 for score in left_out)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_equal_scores_stand_as_the_first_ranking_has_them() -> None:
    hits = by_ranks([ranking(["t1", "t2"]), ranking(["t2", "t1"])], 2, by="both")
    assert [hit.track_id for hit in hits] == ["t1", "t2"]


def test_what_a_name_found_stays_first_and_says_so() -> None:
    named = frozenset({"t7", "t8"})
    hits = by_ranks([ranking(["t1", "t7", "t8"], named), ranking(["t8", "t1", "t7"], named)], 3, by="both")
    assert [(hit.track_id, hit.by) for hit in hits] == [("t7", NAME), ("t8", NAME), ("t1", "both")]
