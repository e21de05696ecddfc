"""A text in a language that its encoder does not read: sure or silent."""

from __future__ import annotations

import unicodedata

import pytest

from antiphon import registry
from antiphon.encoders._shared.language.language import Language
from antiphon.encoders._shared.language.unread import (
    LOOKED_AT,
    _without_accents,
    language_unread,
    languages_of,
    share_unread,
)
from antiphon.encoders._shared.language.words import ENGLISH as ENGLISH_WORDS
from antiphon.encoders._shared.language.words import MUSIC_WORDS

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
        ("悲伤的钢琴", "Chinese"),
        ("сумне піаніно", "Ukrainian"),
        ("тъжно пиано", "Bulgarian"),
        ("پیانو غمگین", "Persian"),
        ("სევდიანი ფორტეპიანო", "Georgian"),
        ("nhạc nhẹ nhàng", "Vietnamese"),
        ("Klavier", "German"),
        ("ruhiges Klavier", "German"),
        ("fröhliche Gitarre", "German"),
        ("piano triste", "French, Italian, Portuguese or Spanish"),
        ("guitare joyeuse", "French"),
        ("chitarra allegra", "Italian"),
        ("violão alegre", "Portuguese"),
        ("violao alegre", "Portuguese"),
        ("vrolijke muziek", "Dutch"),
        ("wesoła gitara", "Polish"),
        ("hüzünlü piyano", "Turkish"),
        ("HÜZÜNLÜ PİYANO", "Turkish"),
        ("una cosa con sole", "Italian or Spanish"),
    ],
)
def test_other_languages_are_named(text: str, language: str) -> None:
    found = language_unread(text, ENGLISH)
    assert found is not None
    assert found.name == language
    assert language_unread(unicodedata.normalize("NFD", text), ENGLISH) == found
    read = set(found.codes) & set(SIXTEEN)
    assert (language_unread(text, SIXTEEN) is None) == bool(read), "what an encoder reads needs no word"


@pytest.mark.parametrize(
    "text",
    [
        "jazz",
        "sad piano",
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
        "bossa nova",
        "a cappella",
        "Schlager",
        "Kosmische Musik",
        "nueva canción",
        "chanson française",
        "música popular brasileira",
        "viola da gamba",
        "allegro ma non troppo",
        "opera buffa",
        "Sturm und Drang",
        "Für Elise",
        "Eine kleine Nachtmusik",
        "Così fan tutte",
        "Besame mucho",
        "the Klavier of the Kapellmeister",  # English, with a word of German
        "sad piano like Phạm Duy with strings",  # English, with a Vietnamese name
        "pian",
        "Duster",
        "solo piano recital with the Klavier pieces of Schubert",
        "warm Rhodes and Klavier layered under soft pads and brushes",
        "",
    ],
)
def test_english_names_and_short_texts_say_nothing(text: str) -> None:
    assert language_unread(text, ENGLISH) is None


def test_languages_that_share_the_words_are_named_together_and_one_that_is_read_makes_it_silent() -> None:
    assert language_unread("piano triste", ENGLISH) == Language(
        "French, Italian, Portuguese or Spanish", ("fr", "it", "pt", "es")
    )
    assert language_unread("piano triste", ("en", "it")) is None
    assert language_unread("trist piano", ENGLISH) == Language(
        "Danish, Norwegian or Romanian", ("da", "no", "nb", "ro")
    )
    assert language_unread("surullinen piano", SIXTEEN) == Language("Finnish", ("fi",))


def test_words_of_music_stand_as_they_are_looked_for_and_none_is_an_english_one() -> None:
    for listed in MUSIC_WORDS.values():
        assert all(word == _without_accents(word) and word.isalpha() and word.islower() for word in listed)
        assert not listed & (ENGLISH_WORDS | {"piano", "violin", "sad", "calm", "suave", "sombre", "solo", "choir"})


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
