"""Lists of words in fields, cleaned."""

from __future__ import annotations

import pytest

from antiphon.captions.tags.values import words_in
from antiphon.captions.words.id3_genres import GENRES, without_numbers


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("Rock;Pop", ["rock", "pop"]),
        ("Hip-Hop/Rap", ["hip-hop"]),
        ("R&B/Soul", ["R&B", "soul"]),
        ("pop/rock", ["pop rock"]),
        ("Folk, World, & Country", ["folk", "world", "country"]),
        ("(17)", ["rock"]),
        ("17", ["rock"]),
        ("(17)(4)Eurodisco", ["rock", "disco", "eurodisco"]),
        ("(255)", []),
        ("genre---triphop", ["trip-hop"]),
        ("ROCK", ["rock"]),
        ("Unknown", []),
        ("misc | Other | n/a", []),
        ("www.example.com", []),
        ("Рок", ["рок"]),
    ],
)
def test_genres_are_cleaned_one_by_one(value: str, words: list[str]) -> None:
    assert words_in([value], genres=True) == words


def test_numbers_are_genres_only_in_a_field_of_genres() -> None:
    assert words_in(["17"]) == []


def test_a_word_counts_once_however_it_is_written() -> None:
    assert words_in(["Hip Hop", "hiphop", "HIP-HOP"]) == ["hip-hop"]


def test_the_table_of_numbers_is_that_of_id3() -> None:
    assert len(GENRES) == 192
    assert (GENRES[0], GENRES[79], GENRES[80], GENRES[147], GENRES[191]) == (
        "Blues",
        "Hard Rock",
        "Folk",
        "Synthpop",
        "Psybient",
    )
    assert without_numbers("(RX)Techno") == ["Remix", "Techno"]
