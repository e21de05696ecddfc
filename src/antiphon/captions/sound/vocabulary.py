"""What the 100 tags of MusiCNN's two models mean, synonyms put together: the words of captions from sound.

``msd:`` are the tags of the Million Song Dataset's model (genres, moods, decades), ``mtt:`` those of MagnaTagATune's
(instruments, voices, pace), as ``antiphon embed --encoder musicnn`` keeps them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from antiphon.arrays import Float32
from antiphon.captions.phrases import Phrase, Slot

_SAME = {
    "rock": "msd:rock mtt:rock",
    "pop": "msd:pop mtt:pop",
    "electronic": "msd:electronic msd:electronica mtt:electronic",
    "dance": "msd:dance mtt:dance",
    "ambient": "msd:ambient mtt:ambient",
    "country": "msd:country mtt:country",
    "metal": "msd:metal msd:heavy_metal mtt:metal",
    "alternative rock": "msd:alternative msd:alternative_rock",
    "indie": "msd:indie",
    "classical": "mtt:classical mtt:classic",
    "progressive rock": "msd:Progressive_rock",
    "hip-hop": "msd:Hip-Hop",
    "house": "msd:House",
    "R&B": "msd:rnb",
    "chill": "msd:chill msd:chillout",
    "mellow": "msd:Mellow",
    "guitar": "msd:guitar mtt:guitar",
    "synthesizer": "mtt:synth",
    "beats": "mtt:beat mtt:beats",
    "choir": "mtt:choir mtt:choral",
    "vocals": "mtt:vocal mtt:vocals mtt:voice mtt:singing",
    "female vocals": (
        "msd:female_vocalists msd:female_vocalist mtt:female mtt:woman mtt:female_vocal mtt:female_voice"
    ),
    "male vocals": "msd:male_vocalists mtt:male mtt:man mtt:male_vocal mtt:male_voice",
    "instrumental": "msd:instrumental mtt:no_vocals mtt:no_vocal mtt:no_voice",
    "1960s": "msd:60s",
    "1970s": "msd:70s",
    "1980s": "msd:80s",
    "1990s": "msd:90s",
    "2000s": "msd:00s",
    "slow": "mtt:slow",
    "soft": "mtt:soft",
    "quiet": "mtt:quiet",
    "sexy": "msd:sexy",
    "Indian": "mtt:indian",
}
"""Word → its tags (with ``_`` for a space), where they are called otherwise or there are several."""
_SLOTS: dict[Slot, str] = {
    "pace": "slow;fast",
    "quality": "loud;quiet;soft",
    "mood": "beautiful;chill;mellow;sexy;catchy;sad;happy;weird;acoustic",
    "decade": "1960s;1970s;1980s;1990s;2000s",
    "voice": "vocals;female vocals;male vocals;instrumental;choir",
    "instrument": "guitar;piano;violin;synthesizer;strings;drums;beats;harpsichord;flute;sitar;harp;cello",
    "theme": "party",
    "genre": (
        "rock;pop;alternative rock;indie;electronic;dance;jazz;metal;classic rock;soul;indie rock;folk;punk;oldies;"
        "blues;hard rock;ambient;experimental;hip-hop;country;easy listening;funk;electro;progressive rock;R&B;"
        "indie pop;house;classical;techno;Indian;opera;new age"
    ),
    "version": "solo",
}
WORDS: tuple[Phrase, ...] = tuple(Phrase(slot, word) for slot, words in _SLOTS.items() for word in words.split(";"))


def tags_of_word(word: str) -> tuple[str, ...]:
    """The tags, with their model's name, that say a word of ``WORDS``."""
    listed = tuple(tag.replace("_", " ") for tag in _SAME.get(word, "").split())
    return listed or (f"msd:{word}", f"mtt:{word}")


def word_strengths(names: Sequence[str], standardised: Float32) -> tuple[tuple[Phrase, ...], Float32]:
    """Strengths of words from those of tags.

    Parameters
    ----------
    names : (t,) of the tags.
    standardised : (n, t) how far each tag stands out in each track, in standard deviations.

    Returns
    -------
    words : (w,) those that any of the tags says.
    strengths : (n, w) mean over a word's tags.
    """
    at = {name: column for column, name in enumerate(names)}
    columns = {word: [at[tag] for tag in tags_of_word(word.text) if tag in at] for word in WORDS}
    known = tuple(word for word in WORDS if columns[word])
    strengths = [standardised[:, columns[word]].mean(axis=1) for word in known]
    return known, np.stack(strengths, axis=1) if known else np.empty((len(standardised), 0), np.float32)
