"""Words of queries and of what is written about tracks, and how well they match. No model, any language.

A word is a run of letters and digits, without case and accents, an English plural as its singular; in scripts without
spaces every character is a word. A word that few tracks have counts more: log(1 + n / tracks with it).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Float32 = NDArray[np.float32]
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORD = re.compile(f"[{_UNSPACED}]|[^\\W_{_UNSPACED}]+")
_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"}
"""Letters that are no letter with a mark to Unicode, as keyboards without them write them."""
_FILLERS = """
a an and any are as at be but by for from good has have i in is it its like me music my no not of on or piece please
play some something song sound sounding sounds that the this to track tune very want with you
"""
FILLERS = frozenset(_FILLERS.split())
"""Words of a query that say nothing of the music; they count where there are no others."""


def words_of(text: str) -> list[str]:
    """The words of a text, in order.

    >>> words_of("Beyoncé: Guitars & 夜")
    ['beyonce', 'guitar', '夜']
    """
    return [_singular(word) for word in _WORD.findall(plain(text))]


def plain(text: str) -> str:
    """A text without case and accents."""
    folded = text.casefold()
    if folded.isascii():
        return folded
    apart = unicodedata.normalize("NFKD", folded)
    for mark in filter(unicodedata.combining, set(apart)):
        apart = apart.replace(mark, "")
    for letter, written in _LETTERS.items():
        apart = apart.replace(letter, written)
    return unicodedata.normalize("NFC", apart)


def _singular(word: str) -> str:
    plural = len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def query_words(text: str) -> list[str]:
    """The different words of a query that say something, in order; all of them where none does.

    >>> query_words("a calm piano for the evening")
    ['calm', 'piano', 'evening']
    """
    found = list(dict.fromkeys(words_of(text)))
    return [word for word in found if word not in FILLERS] or found


class WordIndex:
    """Which items have which words, and where.

    Parameters
    ----------
    n : number of items.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._items: dict[str, dict[int, float]] = {}

    def add(self, texts: Iterable[tuple[int, str]], weight: float = 1.0) -> None:
        """Take texts in, (item, text) each; a word that an item has in several places counts where it weighs most."""
        seen: dict[str, frozenset[str]] = {}
        for item, text in texts:
            words = seen.get(text)
            if words is None:  # artists and genres stand in many rows
                words = seen[text] = frozenset(words_of(text))
            for word in words:
                places = self._items.setdefault(word, {})
                places[item] = max(weight, places.get(item, 0.0))

    def match(self, text: str) -> Float32:
        """(n,) float32 in 0 … 1: how much of a query each item has, rare words counting more."""
        found = np.zeros(self.n, np.float32)
        whole = 0.0
        for word in query_words(text):
            places = self._items.get(word, {})
            rarity = float(np.log1p(self.n / max(1, len(places))))
            whole += rarity
            if places:
                found[np.fromiter(places, np.int64)] += rarity * np.fromiter(places.values(), np.float32)
        return np.asarray(found / (whole or 1.0), np.float32)
