"""Names in a query: an artist's name finds the artist, a title its track, whatever a text encoder makes of them.

A whole query that is an artist's name, a title, or both, means these tracks. Inside a longer query only an artist's
name of two words or more counts: "calm Miles Davis", but not the title "Blue" in "slow blue notes". Case, accents,
plurals and signs make no difference (:func:`antiphon.search.zero_shot.ways.words.words_of`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.zero_shot.ways.words import plain, query_words, words_of

Words = tuple[str, ...]
NAME = "name"
"""What an answer's ``by`` says where a name found it."""
INSIDE = 2
"""Words of an artist's name from which it counts inside a longer query."""


class Names:
    """The names of a library's tracks.

    Parameters
    ----------
    artists, titles : (n,) texts, "" where there are none.
    """

    def __init__(self, artists: Sequence[str], titles: Sequence[str]) -> None:
        self._n = len(artists)
        self._artists, self._titles = _Column(artists), _Column(titles)

    def found(self, query: Query) -> NDArray[np.bool_] | None:
        """(n,) the tracks that a query names; None where it names none, or is not words alone."""
        words = [tuple(words_of(part.text)) for part in query.wanted]
        places = self._whole(tuple(words_of(query.typed)))  # "Disappear without a Trace" is a title
        places = places or {place for each in words for place in self._named(each)}
        if not places or query.named:
            return None
        mask = np.zeros(self._n, bool)
        mask[sorted(places)] = True
        return mask

    def _whole(self, words: Words) -> set[int]:
        return {place for column in (self._artists, self._titles) for place in column.places(words).get(words, ())}

    def _named(self, words: Words) -> set[int]:
        artists, titles = (column.places(words) for column in (self._artists, self._titles))
        whole = {*artists.get(words, ()), *titles.get(words, ())}
        if whole:
            return whole
        inside: set[int] = set()
        for length in range(len(words) - 1, 0, -1):
            for start in range(len(words) - length + 1):
                artist = artists.get(words[start : start + length], ())
                rest = words[:start] + words[start + length :]
                both = set(artist) & set(titles.get(rest, ()))
                if both:
                    return both
                if length >= INSIDE:
                    inside |= set(artist)
            if inside:
                return inside
        return inside


def by_name_first(named: Hits, others: Hits, k: int) -> Hits:
    """The k best: what a name found, said so, then what words found; ranks counted anew."""
    both = [*(replace(hit, by=NAME) for hit in named), *others][:k]
    return Hits(replace(hit, rank=rank) for rank, hit in enumerate(both, start=1))


class _Column:
    """Names of one kind, of which only those are taken apart that share a word with a query."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        lines = [plain(name) if name else "" for name in names]
        self._lines = "\n".join(lines)
        self._ends = np.cumsum([len(line) + 1 for line in lines])

    def places(self, words: Words) -> dict[Words, list[int]]:
        """Words of a name → where it stands, of all names with a word of a query that says something."""
        telling = query_words(" ".join(words))
        if not telling:
            return {}
        hits = re.finditer("|".join(map(re.escape, telling)), self._lines)
        rows = np.searchsorted(self._ends, np.array([hit.start() for hit in hits], np.int64), side="right")
        found: dict[Words, list[int]] = {}
        for row in np.unique(rows).tolist():
            found.setdefault(tuple(words_of(self._names[row])), []).append(row)
        return found
