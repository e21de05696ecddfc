"""Versions of one song by their titles."""

import pytest

from antiphon.search.answers.titles import bare_title, song_of


@pytest.mark.parametrize(
    "version",
    [
        "Heroes (2017 Remaster)",
        "Heroes - Remastered 2011",
        "Heroes - 2011 - Remaster",
        "HEROES (radio edit)",
        "Heroes - mono",
        "Heroes [Live in Rome 1984]",
        "Heroes - Live at Earl's Court",
        "Heroes (live) - Single Version",
        "Heroes (feat. Nobody) [Digitally Remastered]",
        "Heroes ft. Nobody",
        "Heroes (Take 3)",
        "Heroes (Band's Version)",
    ],
)
def test_a_version_is_its_song(version: str) -> None:
    assert bare_title(version) == "heroes"


@pytest.mark.parametrize(
    "title",
    ["Live and Let Die", "Live", "1984", "Part 1 - Dawn", "Heroes (Someone Remix)", "Sonata No. 2: II. Largo", "Edit"],
)
def test_what_is_no_version_keeps_its_title(title: str) -> None:
    assert bare_title(title) == title.casefold()


def test_a_song_is_of_an_artist_and_both_have_to_be_known() -> None:
    assert song_of("Heroes (Live)", "Band feat. Guest") == song_of("heroes", "BAND") != song_of("heroes", "Other")
    assert song_of("", "Band") == song_of("Heroes", "Unknown Artist") == ""
