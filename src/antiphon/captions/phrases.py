"""What is known of a track, as words with their place in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

Slot = Literal[
    "pace",
    "quality",
    "mood",
    "genre",
    "version",
    "decade",
    "instrument",
    "voice",
    "language",
    "key",
    "theme",
    "other",
    "note",
]
"""``quality``: how it sounds (quiet, bright). ``version``: live, remix. ``other``: words that fit nowhere else.
``note``: a sentence of somebody, as it stands."""
MOST: dict[Slot, int] = {
    "pace": 1,
    "quality": 3,
    "mood": 3,
    "genre": 3,
    "version": 2,
    "decade": 1,
    "instrument": 6,
    "voice": 2,
    "language": 2,
    "key": 1,
    "theme": 3,
    "other": 4,
    "note": 1,
}
"""How many phrases of a slot take part: the first ones."""


class Phrase(NamedTuple):
    """A word or a few, and what they say something about.

    Parameters
    ----------
    slot : what it is; it decides the place in a sentence.
    text : as it stands in a list: "piano", "A minor", "1970s".
    """

    slot: Slot
    text: str


def limited(phrases: Iterable[Phrase]) -> tuple[Phrase, ...]:
    """Each phrase once, those that contradict an earlier one left out, and no more of a slot than ``MOST``."""
    found = [phrase for phrase in phrases if phrase.text]
    kept: list[Phrase] = []
    counts: dict[Slot, int] = {}
    for phrase in sorted(without_general(found), key=lambda phrase: phrase.text == "vocals"):
        if counts.get(phrase.slot, 0) >= MOST[phrase.slot]:
            continue
        if any(said(phrase.text, other.text) for other in kept):
            continue
        kept.append(phrase)
        counts[phrase.slot] = counts.get(phrase.slot, 0) + 1
    return tuple(kept)


OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (frozenset({"slow"}), frozenset({"fast", "up-tempo", "upbeat"})),
    (frozenset({"loud"}), frozenset({"quiet", "soft"})),
    (frozenset({"bright"}), frozenset({"dark"})),
    (frozenset({"sparse"}), frozenset({"busy"})),
    (frozenset({"instrumental"}), frozenset({"vocals", "female vocals", "male vocals", "a cappella", "choir"})),
    (frozenset({"happy", "cheerful"}), frozenset({"sad"})),
    (
        frozenset({"steady beat", "beats", "drums", "dance", "techno", "house", "hip-hop", "funk", "punk", "metal"}),
        frozenset({"beatless"}),
    ),
    (frozenset({"minor key"}), frozenset({"major key"})),
)
"""Words that are not said of one track; the one that comes first stands."""


IMPLIED: dict[str, frozenset[str]] = {
    "vocals": frozenset({"female vocals", "male vocals", "choir", "a cappella"}),
    "steady beat": frozenset({"beats"}),
    "soft": frozenset({"quiet"}),
    "quiet": frozenset({"soft"}),
}
"""What need not be said beside these words."""


def without_general(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Phrases without genres that a finer one names already: "indie rock" says rock and indie."""
    genres = [phrase.text.casefold() for phrase in phrases if phrase.slot == "genre"]

    def named(text: str) -> bool:
        return any(text != other and f" {text} " in f" {other} " for other in genres)

    return [phrase for phrase in phrases if not (phrase.slot == "genre" and named(phrase.text.casefold()))]


def said(text: str, before: str) -> bool:
    """Whether a phrase adds nothing to an earlier one, or contradicts it."""
    a, b = text.casefold(), before.casefold()
    return (
        a == b
        or b in IMPLIED.get(a, ())
        or any((a in one and b in two) or (b in one and a in two) for one, two in OPPOSITES)
    )
