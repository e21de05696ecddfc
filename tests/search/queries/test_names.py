"""Names in queries: an artist's name finds the artist."""

from __future__ import annotations

import random

import pytest

from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.names import Names, _Column, by_name_first
from antiphon.search.queries.reading import read_query
from antiphon.search.zero_shot.ways.words import query_words, words_of

NAMES = Names(
    ["Miles Davis", "Miles Davis", "Björk", "Low", "", ""],
    ["So What", "Blue", "Hunter", "Slow Piano", "Blue", "Disappear without a Trace"],
    ["Kind of Blue", "", "Homogenic", "", "Kind of Blue", ""],
    lambda: ["", "", "If travel is searching,\nand home has been found", "", "", "I walk the long road alone at night"],
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
        (f"{'piano ' * 900}Miles Davis{' rain' * 90}", [0, 1]),
        ("slow sad piano", []),
        ("hunter:2 rain", [2]),
        ("disappear without a trace", [5]),
        ("jazz, no Miles Davis", []),
        ("kind of blue", [0, 4]),
        ("Miles Davis - Kind of Blue", [0]),
        ("a kind of blue mood", []),
        ("home has been found", []),
        ("Searching and home has been found", [2]),
        ("the long road alone at night", [5]),
        ("long road alone at night, no drums", []),
    ],
)
def test_what_a_query_names(text: str, places: list[int]) -> None:
    found = NAMES.found(read_query(text))
    assert ([] if found is None else found.nonzero()[0].tolist()) == places


LONG = Names(
    ["David Bowie", "David Bowie", "Queen feat. David Bowie", "Various Artists"],
    ["Heroes (2017 Remaster)", "Heroes - Live in Rome", "Under Pressure [Mono]", "Heroes and Villains"],
    ["Heroes (Deluxe Edition)", "Stage", "", ""],
)


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("heroes", [0, 1]),
        ("Heroes - Live in Rome", [1]),
        ("heroes 2017 remaster", [0]),
        ("David Bowie - Heroes", [0, 1]),
        ("queen", [2]),
        ("under pressure", [2]),
        ("various artists", [3]),
        ("live in Rome", []),
    ],
)
def test_a_name_goes_without_what_is_added_to_it(text: str, places: list[int]) -> None:
    found = LONG.found(read_query(text))
    assert ([] if found is None else found.nonzero()[0].tolist()) == places


def test_what_a_name_found_stands_first_and_says_so() -> None:
    hit = Hit(rank=1, track_id="a", score=0.1, title="", artist="", path="", by="made")
    other = Hit(rank=1, track_id="b", score=0.9, title="", artist="", path="", by="made")
    found = by_name_first(Hits([hit]), Hits([other]), 2)
    assert [(each.rank, each.track_id, each.by) for each in found] == [(1, "a", "name"), (2, "b", "made")]
    assert len(by_name_first(Hits([hit]), Hits([other]), 1)) == 1


WORDS = """the a of blue Blues night nights Beyoncé 夜 夜明 don't (I can't) bus buses 19 1999 guitars extraordinary
extraordinarily s ss -- _x Ünder under naïve o ö"""


class TestWhichNamesAQueryCanMean:
    @staticmethod
    def slowly(names: list[str], words: tuple[str, ...]) -> dict[tuple[str, ...], list[int]]:
        """All of whose words are the query's, one of them a word that says something: name by name."""
        found: dict[tuple[str, ...], list[int]] = {}
        for row, name in enumerate(names):
            each = tuple(words_of(name))
            if each and set(each) <= set(words) and set(each) & set(query_words(" ".join(words))):
                found.setdefault(each, []).append(row)
        return found

    def test_are_found_as_by_reading_them_all(self):
        draw = random.Random(0)
        names = [" ".join(draw.choices(WORDS.split(), k=draw.randint(0, 3))) for _ in range(400)]
        column = _Column(names, str)
        for _ in range(500):
            words = tuple(words_of(" ".join(draw.choices(WORDS.split(), k=draw.randint(1, 4)))))
            assert column.places(words) == self.slowly(names, words), words

    @pytest.mark.parametrize("names", [[], [""], ["", "--"]])
    def test_no_names_are_none(self, names):
        assert _Column(names, str).places(("blue",)) == {}
