"""Names in queries: an artist's name finds the artist, also where it is misspelt; descriptions name nothing."""

from __future__ import annotations

import random

import pytest

from antiphon.search.queries.naming.keys import as_words, words_of_music
from antiphon.search.queries.naming.names import FEW, TrackNames
from antiphon.search.queries.reading import read_query


def named(names: TrackNames, text: str) -> list[int]:
    found = names.found(read_query(text))
    return [] if found is None else found.mask.nonzero()[0].tolist()


NAMES = TrackNames(
    ["Miles Davis", "Miles Davis", "Björk", "Low", "", ""],
    ["So What", "Blue", "Hunter", "Slow Piano", "Blue", "Disappear without a Trace"],
    ["Kind of Blue", "", "Homogenic", "", "Kind of Blue", ""],
    lambda: ["", "", "If travel is searching,\nand home has been found", "", "", "I won't walk the long road at night"],
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
        ("wont walk the long road", [5]),
        ("walk the long road at night, no drums", []),
    ],
)
def test_what_a_query_names(text: str, places: list[int]) -> None:
    assert named(NAMES, text) == places


LONG = TrackNames(
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
        ("underr presure", [2]),
        ("bowie heros", [0, 1]),
    ],
)
def test_a_name_goes_without_what_is_added_to_it(text: str, places: list[int]) -> None:
    assert named(LONG, text) == places


ROWS = """
AC/DC|Back in Black|Back in Black
Jay-Z|99 Problems|The Black Album
The Beatles|Yesterday|Help!
Sigur Rós|Svefn-g-englar|Ágætis byrjun
Radiohead|Karma Police|OK Computer
Guns N' Roses|Sweet Child O' Mine|
Simon & Garfunkel|The Sound of Silence|
R.E.M.|Losing My Religion|
P!nk|So What|
Röyksopp|Eple|
Кино|Группа крови|
坂本龍一|戦場のメリークリスマス|
Tchaikovsky, Pyotr Ilyich|Swan Lake: Scene|
Pink Floyd|Time|The Dark Side of the Moon
Jimi Hendrix|Purple Haze|
Pharrell Williams|Happy|
Donna Summer|Hot Stuff|
Beatles, The|Help!|
""".strip().splitlines()
WELL_KNOWN = TrackNames(*zip(*(row.split("|") for row in ROWS), strict=True))


@pytest.mark.parametrize(
    ("text", "artists"),
    [
        ("acdc", ["AC/DC"]),
        ("ac dc back in black", ["AC/DC"]),
        ("jayz", ["Jay-Z"]),
        ("jay z", ["Jay-Z"]),
        ("beetles", ["The Beatles", "Beatles, The"]),
        ("beatles", ["The Beatles", "Beatles, The"]),
        ("the beatles yesterday", ["The Beatles"]),
        ("yesterday by the beetles", ["The Beatles"]),
        ("beatels yesteday", ["The Beatles"]),
        ("songs by johann beatles", []),
        ("some songs by pink floid", ["Pink Floyd"]),
        ("sigur ros", ["Sigur Rós"]),
        ("agaetis byrjun", ["Sigur Rós"]),
        ("radio head", ["Radiohead"]),
        ("radiohed karma police", ["Radiohead"]),
        ("guns and roses", ["Guns N' Roses"]),
        ("simon and garfunkle", ["Simon & Garfunkel"]),
        ("rem", ["R.E.M."]),
        ("pink", ["P!nk"]),
        ("royksopp", ["Röyksopp"]),
        ("кино", ["Кино"]),
        ("група крови", ["Кино"]),
        ("坂本龍一", ["坂本龍一"]),
        ("戦場のメリークリスマス", ["坂本龍一"]),
        ("pyotr ilyich tchaikovsky", ["Tchaikovsky, Pyotr Ilyich"]),
        ("chaikovsky", []),
        ("tchaikovsky", ["Tchaikovsky, Pyotr Ilyich"]),
        ("dark side of the moon", ["Pink Floyd"]),
        ("hendrix", ["Jimi Hendrix"]),
        ("floyd pink", ["Pink Floyd"]),
        ("calm jimi hendrixx", ["Jimi Hendrix"]),
        ("happy", ["Pharrell Williams"]),
        ("happy pharrell williams", ["Pharrell Williams"]),
        ("summer", []),
        ("dark side piano", []),
        ("hot summer", []),
        ("time for a slow dance", []),
    ],
)
def test_names_are_found_as_people_write_them(text: str, artists: list[str]) -> None:
    assert [ROWS[row].split("|")[0] for row in named(WELL_KNOWN, text)] == artists


@pytest.mark.parametrize(
    ("text", "most"), [("happy", FEW), ("hendrix", FEW), ("jimi hendrix", None), ("so what", None)]
)
def test_a_name_that_may_mean_something_else_names_few_answers(text: str, most: int | None) -> None:
    found = WELL_KNOWN.found(read_query(text))
    assert found is not None
    assert found.most == most


def test_a_work_beside_its_artist_is_found_as_from_all_artists_that_have_the_part() -> None:
    draw = random.Random(0)
    some = ["blue", "night", "bus", "love", "john", "river", "The", "(Live)"]
    artists, titles = ([" ".join(draw.choices(some, k=draw.randint(1, 3))) for _ in range(300)] for _ in range(2))
    names, hits = TrackNames(artists, titles, [""] * 300), 0
    column = names._artists
    for _ in range(300):
        artist, titled = (
            tuple(draw.choices(("blue", "night", "bus", "love", "john"), k=draw.randint(1, 2))) for _ in range(2)
        )
        meant = set(column.exact(column.key(artist)))
        if not words_of_music().issuperset(artist):
            parts = column.in_part(artist)
            meant.update(name for name in parts if len(titled) > 1 or as_words(name).split()[0] != artist[0])
        works = {title for each in names._works for title in each.exact(each.key(titled))}
        slowly = {row for row in range(300) if artists[row] in meant and titles[row] in works}
        assert names._exact_works_of(artist, titled) == slowly, (artist, titled)
        hits += bool(slowly)
    assert hits > 30
