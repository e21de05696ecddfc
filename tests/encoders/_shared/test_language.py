"""A text in a language that its encoder does not read: sure or silent."""

from __future__ import annotations

import pytest

from antiphon import registry
from antiphon.encoders._shared.language import LOOKED_AT, language_unread, languages_of, share_unread

ENGLISH = ("en",)
SIXTEEN = registry.find("use-multilingual", "text").card.languages


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ein ruhiges Klavier für einen regnerischen Abend", "German"),
        ("una canción alegre con guitarra para bailar", "Spanish"),
        ("une chanson triste avec un piano et des violons", "French"),
        ("musica lenta per una serata con il pianoforte", "Italian"),
        ("uma canção alegre com violão para dançar", "Portuguese"),
        ("een rustig lied voor bij het ontbijt", "Dutch"),
        ("muzyka, która jest dla dzieci i nie przeszkadza", "Polish"),
        ("en lugn sång för kvällen med piano och fiol", "Swedish"),
        ("平静的钢琴", "Chinese"),
        ("静かなピアノ", "Japanese"),
        ("잔잔한 피아노", "Korean"),
        ("спокойное пианино", "Russian"),
        ("بيانو هادئ", "Arabic"),
        ("ήρεμο πιάνο", "Greek"),
        ("เปียโนช้า ๆ", "Thai"),
        ("J-POP 静かな夜のピアノ曲", "Japanese"),
    ],
)
def test_other_languages_are_named(text: str, language: str) -> None:
    found = language_unread(text, ENGLISH)
    assert found is not None
    assert found.name == language
    read = set(found.codes) & set(SIXTEEN)
    assert (language_unread(text, SIXTEEN) is None) == bool(read), "what an encoder reads needs no word"


@pytest.mark.parametrize(
    "text",
    [
        "jazz",
        "sad piano",
        "ruhiges Klavier",  # sure only for who knows German: two words say nothing
        "la la la",
        "De La Soul",
        "Charles de Gaulle in the rain",
        "Die Antwoord live",
        "die with a smile",
        "Café del Mar",
        "Los Lobos La Bamba",
        "Van Halen en vivo",
        "Sigur Rós",
        "beats per minute",
        "music by von Karajan and the Berlin orchestra",
        "a song about 桜 and spring in Japan",
        "♫ 128 bpm!",
        "",
    ],
)
def test_english_names_and_short_texts_say_nothing(text: str) -> None:
    assert language_unread(text, ENGLISH) is None


def test_two_languages_with_the_same_words_are_not_told_apart() -> None:
    assert language_unread("una cosa con sole", ENGLISH) is None  # as many words of Spanish as of Italian


def test_where_an_encoders_languages_are_not_known_nothing_is_said() -> None:
    minilm, unknown = (registry.find(name, "text").card for name in ("minilm", "clap-text"))
    assert language_unread("静かなピアノ", unknown.languages) is None
    assert languages_of([minilm]) == ENGLISH
    assert languages_of([minilm, unknown]) == ()
    assert languages_of([]) == ()
    assert set(languages_of([minilm, registry.find("use-multilingual").card])) == set(SIXTEEN)


def test_of_many_texts_a_tenth_in_another_language_is_said_and_fewer_are_not() -> None:
    german, english = "ein ruhiges Klavier für den Abend", "a calm piano for the evening"
    assert share_unread([german, english, english, "静かなピアノ", german], ENGLISH) == ("German", 3 / 5)
    assert share_unread([german] + [english] * 19, ENGLISH) is None
    assert share_unread([german] * 10 * LOOKED_AT, ENGLISH) == ("German", 1.0)
    assert share_unread([german], SIXTEEN) is None
    assert share_unread([], ENGLISH) is None
