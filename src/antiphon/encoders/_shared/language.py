"""Whether a text is in a language that a text encoder was not trained to read; only where the evidence is strong.

Two kinds of evidence count:

- **Script.** Most letters are of a script in which none of the encoder's languages is written. That is sure.
- **Function words** ("und", "mit", "für"), for languages in Latin script: two different ones of one language, more than
  of any other and than English ones, in a text of three words or more. Words that names and English have too ("la",
  "van", "die", "in") count only beside one that they do not have.

A short text in Latin script, such as "jazz" or "ruhiges Klavier", says nothing: a false word costs more than a missing
one. How often each happens: ``docs/experiments/languages.md``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from antiphon.registry import EncoderCard


class Language(NamedTuple):
    """What a text is written in: its name for people, and the ISO 639-1 codes of the languages that it can be."""

    name: str
    codes: tuple[str, ...]


CHINESE, JAPANESE = Language("Chinese", ("zh", "ja")), Language("Japanese", ("ja",))
SCRIPTS = {
    "ARABIC": Language("Arabic", ("ar",)),
    "CJK": CHINESE,
    "CYRILLIC": Language("Russian", ("ru",)),
    "DEVANAGARI": Language("Hindi", ("hi",)),
    "GREEK": Language("Greek", ("el",)),
    "HANGUL": Language("Korean", ("ko",)),
    "HEBREW": Language("Hebrew", ("he",)),
    "HIRAGANA": JAPANESE,
    "KATAKANA": JAPANESE,
    "THAI": Language("Thai", ("th",)),
}
"""First word of a letter's name in Unicode → the language that is usually written so."""


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


_LISTS = {
    Language("Dutch", ("nl",)): "een het van voor niet zijn naar maar ook bij en met op te is uit de die",
    Language("French", ("fr",)): "le la les une des et avec pour dans sur du au aux est qui que pas très sans ce cette "
    "où ou mais par en un de",
    Language("German", ("de",)): "und der das mit für ein eine einem einen einer eines von zu zum zur im ist nicht auf "
    "bei wie ohne aber sehr nach aus den dem des wird durch oder sich auch die in",
    Language("Italian", ("it",)): "il lo gli una con che del della dello dei delle nel nella sono molto senza ma anche "
    "più e al alla di un la per",
    Language("Polish", ("pl",)): "się nie jest dla przez oraz jak który która z ze na do w i ale bez od",
    Language("Portuguese", ("pt",)): "um uma com para por que mais muito sem não em dos das à ao como e o do no na de",
    Language("Spanish", ("es",)): "el la los las una unos con para por del que como muy más pero sin en es su al y de",
    Language("Swedish", ("sv",)): "och med för ett på av som är inte till en i från utan",
    Language("Turkish", ("tr",)): "ve bir için ile çok bu gibi",
}
FUNCTION_WORDS = {language: _words(listed) for language, listed in _LISTS.items()}
"""Frequent small words."""
ENGLISH = _words("the and with of for a an to that by from is are in on at it this as or not but like")
IN_NAMES = _words(
    "de la el le en met van i do no na in is per die e y al te op di ma bu un du des les los las das den al"
)
"""Those of :data:`FUNCTION_WORDS` that English texts, titles and names contain: they do not count alone."""
LEAST_WORDS, LEAST_FOUND = 3, 2
LOOKED_AT = 1000
MANY = 0.1
"""Share of texts from which on it is said of them all."""
MOST = 0.5
"""Share of a text's letters beyond which it is in a script."""


def languages_of(cards: Iterable[EncoderCard]) -> tuple[str, ...]:
    """What one of several text encoders reads; () where that is not known of one of them, or there is none."""
    each = [card.languages for card in cards]
    return tuple(dict.fromkeys(code for codes in each for code in codes)) if all(each) else ()


def language_unread(text: str, reads: Collection[str]) -> Language | None:
    """The language of a text if an encoder does not read it; None where it does, or where that is not sure.

    Parameters
    ----------
    text : a query or a caption.
    reads : ISO 639-1 codes of the encoder's languages; none where they are not known.

    >>> language_unread("ein ruhiges Klavier für den Abend", ("en",)).name
    'German'
    >>> language_unread("ein ruhiges Klavier für den Abend", ("en", "de"))
    >>> language_unread("平静的钢琴", ("en",)).name
    'Chinese'
    >>> language_unread("jazz", ("en",))
    """
    if not reads:
        return None
    found = (None if text.isascii() else _by_script(text)) or _by_function_words(text)
    return None if found is None or set(found.codes) & set(reads) else found


def share_unread(texts: Sequence[str], reads: Collection[str]) -> tuple[str, float] | None:
    """Of many texts, the language most often met that an encoder does not read, and the share of texts in such ones.

    Parameters
    ----------
    texts : captions; of more than a thousand every so many-th is looked at.
    reads : as for :func:`language_unread`.

    Returns
    -------
    Name and share, 0 … 1; None below a tenth, which may be titles and names.
    """
    sample = texts[:: 1 + len(texts) // LOOKED_AT]
    looks = (language_unread(text, reads) for text in sample)
    found = Counter(language.name for language in looks if language is not None)
    if not found or found.total() < MANY * len(sample):
        return None
    return found.most_common(1)[0][0], found.total() / len(sample)


def _by_script(text: str) -> Language | None:
    """The language of most letters, if they are in another script than Latin."""
    letters = [SCRIPTS.get(unicodedata.name(letter, "").split(" ")[0]) for letter in text if letter.isalpha()]
    kinds = Counter(kind for kind in letters if kind is not None)
    if not kinds or kinds.total() <= MOST * len(letters):
        return None
    return JAPANESE if JAPANESE in kinds else kinds.most_common(1)[0][0]


def _by_function_words(text: str) -> Language | None:
    """The language whose function words a text has, if there are enough of them and no other has as many."""
    words = re.findall(r"[^\W\d_]+", text.casefold())
    here = set(words)
    of_each = {language: here & listed for language, listed in FUNCTION_WORDS.items()}
    counts = Counter({language: len(mine) for language, mine in of_each.items() if mine - IN_NAMES})
    (best, most), (_, second) = (*counts.most_common(2), (None, 0), (None, 0))[:2]
    enough = len(words) >= LEAST_WORDS and most >= LEAST_FOUND and most > max(second, len(here & ENGLISH))
    return best if enough else None
