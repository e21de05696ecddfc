"""Which words go into which fields of a file.

``antiphon_genre``, ``antiphon_mood``, ``antiphon_instrument``  what was heard; these fields are Antiphon's own
``mood``       the moods, too, where nobody has written one: players show it
``grouping``   all words in one line, where it is asked for and nobody has written one
``antiphon_wrote``  which of the fields that are not Antiphon's own it filled, so that it may change them again, and so
                    that ingest does not take its own words for a person's
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from antiphon.captions.phrases import Phrase
from antiphon.library.tags.own import WROTE

Fields = dict[str, list[str]]
"""Field → values."""
OWN = {"genre": "antiphon_genre", "mood": "antiphon_mood", "instrument": "antiphon_instrument"}
"""Slot of a phrase → the field of its words."""
ALSO = {"quality": "mood", "voice": "instrument"}
"""Slots whose words stand among those of another."""
SHARED = ("mood", "grouping")
"""Fields that are people's, and are filled where they are empty."""


def wanted_fields(
    phrases: Sequence[Phrase],
    now: Mapping[str, Sequence[str]],
    *,
    grouping: bool,
    wrote: Mapping[str, Sequence[str]] | None = None,
) -> Fields:
    """What the fields of a file are to be; [] for one that is to go. Fields that are not in it stay as they are.

    Parameters
    ----------
    phrases : that were heard, what stands out most first.
    now : the fields that the file has.
    grouping : whether to fill that field, too.
    wrote : what Antiphon last wrote into them, where that is known: a value that is another since is a person's.
    """
    words: Fields = {slot: [] for slot in OWN}
    for phrase in phrases:
        slot = ALSO.get(phrase.slot, phrase.slot)
        if slot in words:
            words[slot].append(phrase.text)
    every = [word for slot in OWN for word in words[slot]]
    mine = {
        name for name in now.get(WROTE, ()) if wrote is None or list(wrote.get(name, ())) == list(now.get(name, ()))
    }
    shared: Fields = {"mood": words["mood"], "grouping": ["; ".join(every)] if grouping and every else []}
    free = [name for name in SHARED if not now.get(name) or name in mine]
    filled = {name: shared[name] for name in free}
    found = {OWN[slot]: list(dict.fromkeys(words[slot])) for slot in OWN} | filled
    found[WROTE] = [name for name in free if filled[name]]
    return {name: values for name, values in found.items() if values != list(now.get(name, ()))}
