"""Names in queries: an artist's name finds the artist."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from antiphon.library.leakage.artists import known_artist
from antiphon.search.answers.titles import bare_title
from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.names import Names, by_name_first
from antiphon.search.queries.query import Part, Query
from antiphon.search.queries.reading import read_query
from antiphon.search.zero_shot.ways.words import query_words, words_of

COLUMNS = (
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
    assert found_by(text) == places


def found_by(text: str) -> list[int]:
    found = Names(*COLUMNS).found(read_query(text))
    return [] if found is None else found.nonzero()[0].tolist()


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
BEFORE = ("", "", "", "", "(Live) ", "[Mono] ")
ADDED = ("", "", "", " (Live)", " - 2017 Remaster", " feat. Blue", " [Mono] night")


class Slow:
    """Names in queries, found by reading all names each time."""

    def __init__(self, artists: list[str], titles: list[str], albums: list[str]) -> None:
        self.artists = [self.wordings(name, known_artist) for name in artists]
        self.titles, self.albums = ([self.wordings(name, bare_title) for name in names] for names in (titles, albums))

    @staticmethod
    def wordings(name: str, bare: Callable[[str], str]) -> set[tuple[str, ...]]:
        return {tuple(words_of(name)), tuple(words_of(bare(name)))} - {()}

    @staticmethod
    def rows(column: list[set[tuple[str, ...]]], words: tuple[str, ...]) -> set[int]:
        return {row for row, wordings in enumerate(column) if words in wordings}

    def whole(self, words: tuple[str, ...]) -> set[int]:
        return self.rows(self.artists, words) | self.rows(self.titles, words) | self.rows(self.albums, words)

    def found(self, words: tuple[str, ...]) -> set[int]:
        if self.whole(words):
            return self.whole(words)
        telling = set(query_words(" ".join(words)))
        for length in range(len(words) - 1, 0, -1):
            inside: set[int] = set()
            for start in range(len(words) - length + 1):
                name, rest = words[start : start + length], words[:start] + words[start + length :]
                artist = self.rows(self.artists, name) if telling & set(name) else set()
                both = artist & (self.rows(self.titles, rest) | self.rows(self.albums, rest))
                if both and telling & set(rest):
                    return both
                inside |= artist if length >= 2 else set()
            if inside:
                return inside
        return set()


def a_name(draw: random.Random) -> str:
    words = " ".join(draw.choices(WORDS.split(), k=draw.randint(0, 3)))
    return draw.choice(BEFORE) + words + draw.choice(ADDED)


def test_names_are_found_as_by_reading_them_all() -> None:
    draw = random.Random(0)
    columns = [[a_name(draw) for _ in range(300)] for _ in range(3)]
    names, slow = Names(*columns), Slow(*columns)
    hits = 0
    for number in range(600):
        row = draw.randrange(300)
        typed = [draw.choice(WORDS.split()) for _ in range(draw.randint(0, 2))]
        typed += [columns[0][row], columns[1][row]] if number % 2 else [draw.choice(columns)[row]]
        text = " ".join(typed)
        words = tuple(words_of(text))
        if not words:
            continue
        mask = names.found(Query(wanted=(Part(text),)))
        places = set() if mask is None else set(mask.nonzero()[0].tolist())
        assert places == slow.found(words), text
        hits += bool(places)
    assert hits > 200


@pytest.mark.parametrize("names", [[], [""], ["", "--"]])
def test_no_names_are_none(names: list[str]) -> None:
    assert Names(names, names, names).found(read_query("blue notes")) is None


def test_words_with_equal_numbers_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antiphon.search.queries.names.hash", lambda _: 7, raising=False)
    assert found_by("blue") == [1, 4]
    assert found_by("Miles Davis So What") == [0]
    assert found_by("slow blue notes") == []


def test_what_names_cost_is_paid_once_however_many_begin_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """By counting, not by the clock: the second time no name is read but the one that is asked for."""
    names = Names(["The Who"] * 1000, [f"The night {n}" for n in range(1000)], [""] * 1000)
    names.found(read_query("the night 5"))
    read: list[str] = []
    monkeypatch.setattr("antiphon.search.queries.names.words_of", lambda text: read.append(text) or words_of(text))
    mask = names.found(read_query("the night 7"))
    assert mask is not None
    assert mask.nonzero()[0].tolist() == [7]
    assert len(read) < 10


def test_what_is_kept_does_not_grow_with_what_is_typed() -> None:
    names = Names(["Extraordinary"], ["Night"], [""])
    for n in range(100):
        names.found(read_query(f"word{n} extraordinarily{n}"))
    assert [len(column._groups) for column in (names._artists, names._titles, names._albums)] == [1, 0, 0]
