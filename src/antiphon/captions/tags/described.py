"""A track's metadata → phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from antiphon.captions.phrases import Phrase, Slot, limited
from antiphon.captions.tags.fields import Meaning, known_fields
from antiphon.captions.tags.numbers import decade_of, key_name, pace_of
from antiphon.captions.tags.remarks import useful_labels, useful_remarks
from antiphon.captions.tags.values import words_in
from antiphon.captions.words.languages import NO_WORDS, language_name
from antiphon.captions.words.lexicon import VERSIONS, place_in_sentence, spelt
from antiphon.library.metadata.store import Value

LISTS: dict[Meaning, Slot] = {
    "style": "genre",
    "genre": "genre",
    "mood": "mood",
    "theme": "theme",
    "instrument": "instrument",
    "words": "other",
}
OLD_MUSIC = frozenset(
    {"classical", "opera", "baroque", "early music", "chamber music", "symphony", "sonata", "renaissance"}
)
"""Genres whose dates say when a piece was recorded, and not how it sounds."""
_BRACKETS = re.compile(r"[(\[]([^()\[\]]*)[)\]]|\s[-–]\s([^-–]*)$")
_LATER = re.compile(
    r"remaster|reissue|re-issue|best of|greatest|anniversary|anthology|collection|essential", re.IGNORECASE
)
_VERSION = re.compile(
    r"\b(live|remix|demo|unplugged|acoustic|instrumental|a cappella|acapella|orchestral)\b", re.IGNORECASE
)
YES = frozenset({"1", "yes", "true", "y", "t"})
NO = frozenset({"0", "no", "false", "n", "f"})


class Describer:
    """Reads tracks of a library whose metadata has these fields.

    Parameters
    ----------
    names : of the fields; those that nothing here knows are left alone.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self.fields = known_fields(names)

    def phrases(self, metadata: Mapping[str, Value | None], *, title: str = "", album: str = "") -> tuple[Phrase, ...]:
        """What a track's metadata say of its sound, what matters most first.

        Parameters
        ----------
        metadata : field → value.
        title, album : names, of which only a version that is told in brackets counts: "(live)", "(remastered 2009)".
        """
        values = {meaning: _texts(metadata, names) for meaning, names in self.fields.items()}
        listed = [
            place_in_sentence(word, slot)
            for meaning, slot in LISTS.items()
            for word in words_in(values.get(meaning, ()), genres=meaning in ("genre", "style"))
        ]
        labels = [place_in_sentence(word) for word in useful_labels(values.get("grouping", ()))]
        words = {phrase.text for phrase in (*listed, *labels)}
        found = [*listed, *_versions(values, title, album), *_voices(values, words), *labels]
        found += _numbers(values, words, f"{title} {album}")
        found += [Phrase("note", useful_remarks(text)) for text in values.get("comment", ())]
        return limited(found)


def _texts(metadata: Mapping[str, Value | None], names: Sequence[str]) -> list[str]:
    found: list[str] = []
    for name in names:
        value = metadata.get(name)
        if isinstance(value, list):
            found += value
        elif isinstance(value, float):
            found.append(f"{value:g}")
        elif value is not None:
            found.append(str(value))
    return [text for text in map(str.strip, found) if text]


def _versions(values: Mapping[Meaning, list[str]], title: str, album: str) -> Iterator[Phrase]:
    """Live, remix, acoustic …: said by the release, or in brackets behind a title."""
    for word in words_in(values.get("release", ())):
        if word in VERSIONS:
            yield Phrase("version", word)
    said = [part for name in (title, album) for match in _BRACKETS.finditer(name) for part in match.groups() if part]
    for text in said:
        for match in _VERSION.finditer(text):
            word = spelt(match[1])
            yield Phrase("voice", word) if word in ("instrumental", "a cappella") else Phrase("version", word)


def _voices(values: Mapping[Meaning, list[str]], words: set[str]) -> Iterator[Phrase]:
    """Who sings, and in which language."""
    languages = [text for value in values.get("language", ()) for text in re.split(r"[;,/|\0]", value)]
    wordless = "instrumental" in words or any(text.strip().casefold() in NO_WORDS for text in languages)
    for value in values.get("voice", ()):
        word = {"male": "male vocals", "female": "female vocals"}.get(value.casefold(), spelt(value))
        if word in YES | NO:
            continue
        phrase = place_in_sentence(word)
        if phrase.slot == "voice":
            wordless = wordless or word == "instrumental"
            yield phrase
    lyrics = " ".join(values.get("lyrics", ()))[:200].strip(" []().").casefold()
    if wordless or lyrics == "instrumental":
        yield Phrase("voice", "instrumental")
        return
    if lyrics and not {"female vocals", "male vocals"} & words:
        yield Phrase("voice", "vocals")
    for text in languages:
        if name := language_name(text):
            yield Phrase("language", name)


def _numbers(values: Mapping[Meaning, list[str]], words: set[str], names: str) -> Iterator[Phrase]:
    yield from (Phrase("decade", decade) for decade in _decades(values, words, names))
    for text in values.get("bpm", ()):
        number = re.match(r"\d+(\.\d+)?", text)
        if number and (pace := pace_of(float(number[0]), words)):
            yield Phrase("pace", pace)
    modes = values.get("mode") or [""]
    yield from (Phrase("key", key_name(text, modes[0])) for text in values.get("key", ()))


def _decades(values: Mapping[Meaning, list[str]], words: set[str], names: str) -> list[str]:
    """When the music was made, where the tags say it and not only when somebody put it out again."""
    original = [decade for text in values.get("original year", ()) if (decade := decade_of(text))]
    compiled = any(text.casefold() in YES for text in values.get("compilation", ()))
    if original or compiled or _LATER.search(names) or OLD_MUSIC & words:
        return original[:1]
    return [decade for text in values.get("year", ()) if (decade := decade_of(text))][:1]
