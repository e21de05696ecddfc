"""Captions from phrases."""

from __future__ import annotations

from antiphon.captions.phrases import Phrase
from antiphon.captions.sentences import FURTHER, captions_of, sentence

JAZZ = [
    Phrase("genre", "jazz"),
    Phrase("mood", "melancholic"),
    Phrase("pace", "slow"),
    Phrase("instrument", "piano"),
    Phrase("instrument", "double bass"),
    Phrase("decade", "1950s"),
    Phrase("key", "A minor"),
]


def test_the_full_caption_says_everything_as_a_person_would() -> None:
    assert sentence(JAZZ) == "Slow, melancholic jazz from the fifties with piano and double bass, in A minor."


def test_what_has_no_genre_is_music_and_adjectives_do_not_stand_alone() -> None:
    assert sentence([Phrase("mood", "sad")]) == "Sad music."
    assert sentence([Phrase("genre", "electronic")]) == "Electronic music."
    assert sentence([Phrase("genre", "rock"), Phrase("genre", "pop")]) == "Rock and pop."
    assert sentence([Phrase("voice", "instrumental"), Phrase("genre", "hip-hop")]) == "Instrumental hip-hop."


def test_other_phrases_follow() -> None:
    phrases = [
        Phrase("genre", "folk"),
        Phrase("theme", "film"),
        Phrase("language", "French"),
        Phrase("key", "minor key"),
    ]
    assert sentence(phrases) == "Folk music, sung in French, in a minor key, film music."
    assert sentence([*phrases[:1], Phrase("note", "A calm one.")]) == "Folk music. A calm one."


def test_a_track_has_always_the_same_captions_and_another_has_others() -> None:
    first = captions_of("a", JAZZ)
    assert first == captions_of("a", JAZZ)
    assert len(first) == 1 + FURTHER == len(set(first))
    assert {tuple(captions_of(name, JAZZ)) for name in "abcdef"} != {tuple(first)}


def test_further_captions_say_a_part_each() -> None:
    words = {"jazz", "melancholic", "slow", "piano", "double bass", "fifties", "50s", "A minor"}
    for text in captions_of("a", JAZZ)[1:]:
        said = {word for word in words if word.casefold() in text.casefold()}
        assert 1 <= len(said) <= 5


def test_one_phrase_makes_one_caption_and_none_makes_none() -> None:
    assert captions_of("a", JAZZ[:1]) == ["Jazz."]
    assert captions_of("a", []) == []
