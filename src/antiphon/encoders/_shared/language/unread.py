"""Whether a text is in a language that a text encoder was not trained to read; only where the evidence is strong.

Three kinds of evidence count:

- **Letters.** Most are of a script in which none of the encoder's languages is written, or some of Vietnamese alone.
- **Function words** ("und", "mit", "für"), for languages in Latin script: two different ones of one language, more than
  of any other and than English ones, in a text of three words or more. Words that names and English have too ("la",
  "van", "die", "in") count only beside one that they do not have.
- **Words of music** ("Klavier", "triste", "guitarra") that English has not: one is enough, if no English function word
  stands beside it, and it is not one of many words.

Languages that share the words of a text ("piano triste") are named together. What has none of the three, such as "jazz"
or the title of a song, says nothing: a false word costs more than a missing one. How often each happens:
``docs/experiments/languages.md``.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence, Set

from antiphon.encoders._shared.language.language import Language, one_of
from antiphon.encoders._shared.language.letters import by_letters
from antiphon.encoders._shared.language.words import ENGLISH, FUNCTION_WORDS, IN_NAMES, MUSIC_WORDS
from antiphon.registry import EncoderCard

LEAST_WORDS, LEAST_FOUND = 3, 2
ONE_IN = 3
"""Words of a language among so many words of a text count, where one of them is a word of music."""
LOOKED_AT = 1000
MANY = 0.1
"""Share of texts from which on it is said of them all."""


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
    >>> language_unread("piano triste", ("en",)).name
    'French, Italian, Portuguese or Spanish'
    >>> language_unread("jazz", ("en",))
    """
    if not reads:
        return None
    plain = unicodedata.normalize("NFC", text.casefold())
    found = by_letters(plain) or _by_words(plain)
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


def _by_words(text: str) -> Language | None:
    """The language in Latin script whose words a text has, if it has enough of them; or those that have as many."""
    words = re.findall(r"[^\W\d_]+", text)
    here = set(words)
    of_each = {language: here & listed for language, listed in FUNCTION_WORDS.items()}
    counts = Counter({language: len(mine) for language, mine in of_each.items() if mine - IN_NAMES})
    most = max(counts.values(), default=0)
    if len(words) >= LEAST_WORDS and most >= LEAST_FOUND and most > len(here & ENGLISH):
        return one_of([language for language, count in counts.items() if count == most])
    return _by_music_words(words, of_each)


def _by_music_words(words: Sequence[str], small: Mapping[Language, Set[str]]) -> Language | None:
    """The language that a word of music is of, with what small words of it stand beside."""
    plain = {word: _without_accents(word) for word in words}
    counts: Counter[Language] = Counter()
    for language, listed in MUSIC_WORDS.items():
        music = {word for word in plain if plain[word] in listed}
        own = music | small.get(language, set())
        if music and not (set(words) & ENGLISH) - own and ONE_IN * len(own) >= len(words):
            counts[language] = len(own)
    most = max(counts.values(), default=0)
    return one_of([language for language, count in counts.items() if count == most]) if most else None


def _without_accents(word: str) -> str:
    """
    >>> _without_accents("fröhlich"), _without_accents("wesoła")
    ('frohlich', 'wesola')
    """
    parts = unicodedata.normalize("NFKD", word.replace("ł", "l").replace("ı", "i"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
