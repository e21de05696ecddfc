"""Words of music and their places."""

from __future__ import annotations

import pytest

from antiphon.captions.words.languages import language_name
from antiphon.captions.words.lexicon import place_in_sentence, speaks_of_music, spelt


@pytest.mark.parametrize(
    ("written", "word"),
    [("Hip_Hop", "hip-hop"), ("RnB", "R&B"), ("acousticguitar", "acoustic guitar"), ("  Deep   House ", "deep house")],
)
def test_words_are_spelt_as_people_do(written: str, word: str) -> None:
    assert spelt(written) == word


@pytest.mark.parametrize(
    ("word", "slot"),
    [
        ("piano", "instrument"),
        ("sad", "mood"),
        ("bossa nova", "genre"),
        ("film", "theme"),
        ("slow", "pace"),
        ("zzz", "other"),
    ],
)
def test_a_word_finds_its_place(word: str, slot: str) -> None:
    assert place_in_sentence(word).slot == slot


def test_the_field_decides_where_no_list_knows_the_word() -> None:
    assert place_in_sentence("smoky", "mood").slot == "mood"
    assert place_in_sentence("zeuhl", "genre").slot == "genre"


def test_a_text_speaks_of_music_by_whole_words() -> None:
    assert speaks_of_music("Played on a double bass")
    assert not speaks_of_music("A harpoon for the popular rocket")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("fra", "French"),
        ("fr", "French"),
        ("French", "French"),
        ("pt-BR", "Portuguese"),
        ("und", ""),
        ("xx", ""),
        ("", ""),
    ],
)
def test_languages_are_known_by_code_and_name(text: str, name: str) -> None:
    assert language_name(text) == name
