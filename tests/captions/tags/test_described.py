"""What metadata say of a track's sound, as phrases."""

from __future__ import annotations

import pytest

from antiphon.captions.phrases import Phrase
from antiphon.captions.tags.described import Describer
from antiphon.captions.tags.fields import known_fields


def phrases(title: str = "", album: str = "", **metadata: object) -> dict[str, list[str]]:
    """Slot → words."""
    found: dict[str, list[str]] = {}
    for phrase in Describer(list(metadata)).phrases(metadata, title=title, album=album):  # type: ignore[arg-type]
        found.setdefault(phrase.slot, []).append(phrase.text)
    return found


def test_every_kind_of_field_finds_its_place() -> None:
    assert phrases(
        genre=["(17)", "Jazz;Other"],
        mood=["Melancholic"],
        instruments=["doublebass", "piano"],
        originalyear=1959,
        bpm=92.0,
        initial_key="Am",
        language="fra",
        comment="Ripped by EAC. A smoky night in a small club.",
    ) == {
        "genre": ["rock", "jazz"],
        "mood": ["melancholic"],
        "instrument": ["double bass", "piano"],
        "language": ["French"],
        "decade": ["1950s"],
        "pace": ["mid-tempo"],
        "key": ["A minor"],
        "note": ["A smoky night in a small club."],
    }


def test_junk_alone_says_nothing() -> None:
    junk = {"genre": ["Other", "Unknown", "misc"], "comment": " 0000021F 0000020D", "mood": "5 stars", "key": "off"}
    assert Describer(list(junk)).phrases(junk) == ()


@pytest.mark.parametrize("name", ["mood/theme", "Mood_Theme", "MOODTHEME"])
def test_names_of_fields_are_known_however_they_are_written(name: str) -> None:
    assert known_fields(["artist", name]) == {"mood": [name]}


def test_tags_of_data_sets_that_name_their_category_are_sorted_by_what_they_say() -> None:
    tags = ["genre---newage", "instrument---electricguitar", "mood/theme---film", "mood/theme---calm"]
    assert phrases(tags=tags) == {
        "genre": ["new age"],
        "instrument": ["electric guitar"],
        "theme": ["film"],
        "mood": ["calm"],
    }


@pytest.mark.parametrize(
    ("names", "metadata"),
    [
        ({"title": "Song (Remastered 2009)"}, {"year": 2009}),
        ({"album": "Greatest Hits of the Sixties"}, {"year": 1998}),
        ({}, {"year": 1998, "compilation": "1"}),
        ({}, {"year": 1998, "genre": "Classical"}),
    ],
)
def test_the_year_of_a_later_edition_is_no_decade_of_the_music(
    names: dict[str, str], metadata: dict[str, object]
) -> None:
    assert "decade" not in phrases(**names, **metadata)
    assert phrases(**names, **metadata, originaldate="1967-05-26")["decade"] == ["1960s"]


def test_music_without_words_is_in_no_language() -> None:
    assert phrases(language="zxx") == {"voice": ["instrumental"]}
    assert phrases(tags="Instrumental", language="eng") == {"voice": ["instrumental"]}
    assert phrases(lyrics="[Instrumental]", language="en") == {"voice": ["instrumental"]}


def test_a_version_is_told_by_brackets_and_the_rest_of_a_name_is_not() -> None:
    assert phrases(title="Sad Piano Song (Live at the Apollo)", genre="Soul") == {
        "genre": ["soul"],
        "version": ["live"],
    }
    assert phrases(title="Live and Let Die", genre="Rock") == {"genre": ["rock"]}


def test_a_finer_genre_says_the_general_one() -> None:
    assert phrases(genre=["Rock", "Indie Rock"])["genre"] == ["indie rock"]


def test_a_library_without_known_fields_has_nothing_to_say() -> None:
    describer = Describer(["isrc", "replaygain_track_gain", "composer"])
    assert describer.fields == {}
    assert describer.phrases({"composer": "Bach"}) == ()


def test_words_that_contradict_one_another_are_not_said_together() -> None:
    assert phrases(tags=["fast", "slow", "fast"]) == {"pace": ["fast"]}
    assert Phrase("voice", "vocals") not in Describer(["tags"]).phrases({"tags": ["instrumental", "vocals"]})
