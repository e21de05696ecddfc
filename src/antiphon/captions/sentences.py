"""Phrases → captions, in the words of a person who looks for music.

A track gets one full sentence, and up to three further captions of some of its phrases: shorter sentences and lists of
words, as people type them. Which phrases these are is drawn by a generator whose seed is the track's id, so that a
library that is captioned again, or has grown, has the same captions.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from antiphon.captions.phrases import Phrase, Slot
from antiphon.captions.words.lexicon import ADJECTIVES

FURTHER = 3
"""Captions of some phrases, beside the full one."""
LISTED = 4
"""Words in a list, at most."""
NOUN = "music"
_DECADES = {"1950s": "fifties", "1960s": "sixties", "1970s": "seventies", "1980s": "eighties", "1990s": "nineties"}
_BEFORE: tuple[Slot, ...] = ("pace", "quality", "mood", "version")
_ARTICLES = {"steady beat": "a steady beat"}


def captions_of(track_id: str, phrases: Sequence[Phrase]) -> list[str]:
    """The captions of a track, no two alike; none where nothing is known.

    Parameters
    ----------
    phrases : those that matter most first.
    """
    if not phrases:
        return []
    drawn = random.Random(hashlib.sha256(track_id.encode("utf-8", "surrogatepass")).digest())  # nosec B311 # no secret
    made = [sentence(phrases)]
    made += _further(drawn, phrases)
    return list({text.casefold(): text for text in reversed(made)}.values())[::-1]


def _further(drawn: random.Random, phrases: Sequence[Phrase]) -> Iterator[str]:
    """Captions of some phrases: a sentence, a list, a sentence."""
    free = [phrase for phrase in phrases if phrase.slot != "note"]
    if len(free) < 2:
        return
    for number in range(FURTHER):
        some = _some(drawn, free)
        if number % 2:
            yield ", ".join(_listed(drawn, phrase) for phrase in some)
        else:
            kept = set(some)
            yield sentence([phrase for phrase in free if phrase in kept], short=drawn).rstrip(".")


def _some(drawn: random.Random, phrases: Sequence[Phrase]) -> list[Phrase]:
    """Between two and four phrases, one less than there are at most, in any order."""
    most = min(LISTED, max(1, len(phrases) - 1))
    return drawn.sample(list(phrases), drawn.randint(min(2, most), most))


def _listed(drawn: random.Random, phrase: Phrase) -> str:
    """A phrase as it stands in a list of words."""
    if phrase.slot == "decade":
        return drawn.choice([_short_decade(phrase.text), _spoken_decade(phrase.text), phrase.text])
    if phrase.slot == "theme":
        return _theme(phrase.text)
    if phrase.slot == "language":
        return f"sung in {phrase.text}"
    return phrase.text


def sentence(phrases: Sequence[Phrase], *, short: random.Random | None = None) -> str:
    """One sentence that says all of the phrases.

    Parameters
    ----------
    short : what a short caption draws its wording from; None for the full one.
    """

    def of(slot: Slot) -> list[str]:
        return [phrase.text for phrase in phrases if phrase.slot == slot]

    voices = of("voice")
    instrumental = ["instrumental"] if "instrumental" in voices else []
    before = ", ".join([text for slot in _BEFORE for text in of(slot)] + instrumental)
    decades = of("decade")
    early = decades if short is not None and short.random() < 0.5 else []  # "70s funk"
    genres = of("genre")
    noun = " ".join([*filter(None, [_together(genres)]), *([NOUN] if not genres or genres[-1] in ADJECTIVES else [])])
    words = [before, *map(_short_decade, early), noun]
    words += [f"from the {_spoken_decade(decade)}" for decade in decades if not early]
    heard = [
        *(_ARTICLES.get(text, text) for text in of("instrument")),
        *(voice for voice in voices if voice != "instrumental"),
    ]
    words += [f"with {_together(heard)}"] if heard else []
    after = [f"sung in {_together(of('language'))}"] if of("language") else []
    after += [f"in {key if len(key.split()[0]) < 3 else f'a {key}'}" for key in of("key")]
    said = " ".join(filter(None, words))
    said += "".join(f", {part}" for part in after) if heard or len(after) > 1 else "".join(f" {part}" for part in after)
    text = ", ".join([said, *map(_theme, of("theme")), *of("other")])
    return " ".join([f"{text[0].upper()}{text[1:]}.", *of("note")])


def _together(words: Sequence[str]) -> str:
    """``["a", "b", "c"]`` → "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _theme(theme: str) -> str:
    return theme if theme.endswith(NOUN) else f"{theme} {NOUN}"


def _short_decade(decade: str) -> str:
    """ "1970s" → "70s"; from 2000 on in full."""
    return decade[2:] if decade in _DECADES else decade


def _spoken_decade(decade: str) -> str:
    """ "1970s" → "seventies"; "1920s" and "2010s" are said so."""
    return _DECADES.get(decade, decade)
