"""The relative that is the reason for a move."""

from __future__ import annotations

from antiphon.library.leakage.groups import Join
from antiphon.library.leakage.relatives import Relatives


def join(a: str, b: str, reason: str) -> Join:
    return Join(a=a, b=b, reason=reason, evidence="")


def test_a_relative_of_the_same_artist_or_group_comes_first() -> None:
    relatives = Relatives(["a", "b", "c"], ["artist:x", "artist:x", "g"], [join("a", "c", "same file content")])
    assert relatives.nearest("a", {"b", "c"}.__contains__) == ("b", "same artist")
    assert relatives.nearest("a", {"c"}.__contains__) == ("c", "same file content")


def test_joins_in_a_row_are_all_named_and_the_shortest_way_is_taken() -> None:
    ids = ["a", "b", "c", "d"]
    joins = [join("a", "b", "identical caption"), join("b", "c", "same file content"), join("c", "d", "near")]
    relatives = Relatives(ids, [f"track:{i}" for i in ids], [*joins, join("a", "nobody", "x")])
    assert relatives.nearest("a", {"c", "d"}.__contains__) == ("c", "identical caption and same file content")
    assert relatives.nearest("a", {"zzz"}.__contains__) == ("", "")
