"""Names as they compare: letters and digits alone, without case, accents, signs, spaces, articles and "and".

So "ac dc" is AC/DC, "sigur ros" Sigur Rós, "beatles" The Beatles. A text may be many names, one a line: what is done
to a hundred thousand of them is done to their one text, in hundredths of a second.
"""

from __future__ import annotations

import re
from functools import cache

from antiphon.captions.words.lexicon import GENRES, INSTRUMENTS, MOODS, THEMES, VOICES
from antiphon.search.zero_shot.ways.words import FILLERS, plain

Words = tuple[str, ...]
ARTIST_ARTICLE = re.compile(r"^ *(?:the|die|les|los|las) +(?=\S)|(?<=\S) +the *$", re.MULTILINE)
"""Articles that an artist goes without, also where it stands last: "Beatles, The"."""
TITLE_ARTICLE = re.compile(r"^ *the +(?=\S)", re.MULTILINE)
"""The one that a title goes without: "Die Another Day" is no German one."""
_WITHIN = frozenset("'’‘`´.")
"""Signs inside a word: R.E.M., don't. Other signs part words."""
_FOR_I = re.compile(r"!(?=\w)(?<=\w!)")


def as_words(text: str) -> str:
    """A text's words as they compare, with spaces around them; lines stay lines.

    >>> as_words("Guns N' Roses").split(), as_words("AC/DC").split(), as_words("R.E.M.")
    (['guns', 'n', 'roses'], ['ac', 'dc'], 'rem')
    """
    text = _FOR_I.sub("i", plain(text).replace("$", "s"))  # P!nk, A$AP
    for sign in set(text):
        if not (sign.isalnum() or sign in " \n"):
            text = text.replace(sign, "" if sign in _WITHIN else " ")
    return text


def key_of(words: str, article: re.Pattern[str]) -> str:
    """The key of :func:`as_words`: no spaces, no "and", no article before or behind; of lines one a line."""
    return article.sub("", words.replace(" and ", " ")).replace(" ", "")


@cache
def words_of_music() -> frozenset[str]:
    """Words that say how music sounds, or nothing: none of them is taken for a misspelt name."""
    terms = MOODS | THEMES | GENRES | INSTRUMENTS | VOICES
    return FILLERS | frozenset(as_words("\n".join(terms)).split())
