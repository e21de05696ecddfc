"""The names of a library's tracks, and which of them a query is.

A whole query that is an artist's name, the title of a track or an album, or both in either order, with "by" or without,
means these tracks; so does a line of lyrics. Inside a longer query only an artist's name of two words or more counts:
"calm Miles Davis", but not the title "Blue" in "slow blue notes". A name also goes without what is added to it:
"Heroes" names "Heroes (2017 Remaster)", and an artist the tracks with a guest.

Where nothing is named so, a name of five letters may have one that is wrong, one of nine two; not where all words of
the query say how music sounds. Titles that say so too ("happy"), and a part of an artist's name ("Hendrix"), may mean
something else: they name few answers, and what the words mean follows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.artists import known_artist
from antiphon.search.answers.titles import bare_title
from antiphon.search.queries.naming.column import Column, alike
from antiphon.search.queries.naming.keys import ARTIST_ARTICLE, TITLE_ARTICLE, Words, as_words, words_of_music
from antiphon.search.queries.naming.lyrics import Lyrics
from antiphon.search.queries.query import Query

INSIDE = 2
"""Words of an artist's name from which it counts inside a longer query."""
ORDERED = 4
"""Words of an artist's name up to which they may stand in any order."""
TYPED = 10
"""Words of a query up to which it may be a title beside an artist, or a misspelt name."""
PART = 4
"""Letters of a part of an artist's name from which it names the artist."""
FEW = 3
"""Answers that come first for a name that may mean something else."""
BY = "by"
_ASKING = "play song songs music track tracks album albums something anything some more all the"
ASKING = frozenset(_ASKING.split())
"""Words before "by" that ask for an artist."""


class NamedTracks(NamedTuple):
    """The tracks that a query names.

    Parameters
    ----------
    mask : (n,) which they are.
    most : how many of them come first; None for all.
    """

    mask: NDArray[np.bool_]
    most: int | None = None


class TrackNames:
    """The names of a library's tracks.

    Parameters
    ----------
    artists, titles, albums : (n,) texts, "" where there are none.
    lyrics : gives (n,) texts; asked where a query may be a line of them.
    """

    def __init__(
        self,
        artists: Sequence[str],
        titles: Sequence[str],
        albums: Sequence[str],
        lyrics: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self._n = len(artists)
        self._artists = Column(artists, known_artist, ARTIST_ARTICLE)
        self._works = tuple(Column(names, bare_title, TITLE_ARTICLE) for names in (titles, albums))
        self._lyrics = Lyrics(lyrics)

    def found(self, query: Query) -> NamedTracks | None:
        """The tracks that a query names; None where it names none, or is not words alone."""
        if query.named or query.files:
            return None
        typed, parts = _words(query.typed), [_words(part.text) for part in query.wanted]
        rows = self._whole(typed) or self._with_artist(typed, Column.exact)  # "Disappear without a Trace"
        if rows:
            return self._named(rows, FEW if self._says_how(typed) else None)
        rows = {row for words in parts for row in self._said(words)}
        if rows or len(parts) != 1:
            return self._named(rows)
        words = parts[0]
        sung = set() if query.excluded else self._lyrics.sung(words)
        return self._named(sung) or self._misspelt(words) or self._named(self._in_part(words), FEW)

    def _named(self, rows: set[int], most: int | None = None) -> NamedTracks | None:
        if not rows:
            return None
        mask = np.zeros(self._n, bool)
        mask[sorted(rows)] = True
        return NamedTracks(mask, most)

    def _says_how(self, words: Words) -> bool:
        """Whether all words say how music sounds, and are no artist's name."""
        return words_of_music().issuperset(words) and not self._artists.exact(self._artists.key(words))

    def _said(self, words: Words) -> set[int]:
        """Tracks that a part of a query names; no title that says how music sounds."""
        if self._says_how(words):
            return set()
        return (
            self._whole(words)
            or self._in_any_order(words)
            or self._with_artist(words, Column.exact)
            or self._inside(words, Column.exact)
        )

    def _misspelt(self, words: Words) -> NamedTracks | None:
        """Tracks that words name but for a letter or two; titles where one of the words is no word at all."""
        if len(words) > TYPED or words_of_music().issuperset(words):
            return None
        artists = _rows(self._artists, words, Column.near)
        if artists or all(map(self._is_word, words)):
            return self._named(artists)
        works = {row for column in self._works for row in _rows(column, words, Column.near)}
        with_artist = set() if works else self._with_artist(words, Column.near) or self._inside(words, Column.near)
        return self._named(works, FEW if len(words) == 1 else None) or self._named(with_artist)

    def _is_word(self, word: str) -> bool:
        """Whether a word says how music sounds, or stands in a name."""
        return word in words_of_music() or any(column.says(word) for column in (self._artists, *self._works))

    def _whole(self, words: Words) -> set[int]:
        return {row for column in (self._artists, *self._works) for row in _rows(column, words, Column.exact)}

    def _with_artist(self, words: Words, ask: _Ask) -> set[int]:
        """Titles and albums beside their artist, in either order; and an artist behind "by"."""
        for left, behind in _splits(words):
            by = left[-1] == BY
            work = left[:-1] if by else left
            if by and ASKING.issuperset(work) and (rows := _rows(self._artists, behind, ask)):
                return rows
            for artist, titled in ((behind, work), (work, behind)):
                rows = self._works_of(artist, titled, ask) if artist and titled else set()
                if rows:
                    return rows
        return set()

    def _works_of(self, artist: Words, titled: Words, ask: _Ask) -> set[int]:
        """Tracks of a title or an album by an artist, who may be named in part where that says enough."""
        if ask is Column.exact:
            return self._exact_works_of(artist, titled)
        names = set(_names(self._artists, artist, Column.exact) or _names(self._artists, artist, ask))
        if not words_of_music().issuperset(artist):
            names.update(
                name for name in self._artists.in_part(artist) if len(titled) > 1 or _words(name)[0] != artist[0]
            )
        rows = {row for name in names for row in self._artists.rows[name]}
        found: set[int] = set()
        for column in self._works if rows else ():
            own = {column.names[row] for row in rows}
            key = column.key(titled)
            meant = own.intersection(column.exact(key)) or set(column.near(key, own))
            found |= {row for row in rows if column.names[row] in meant}
        return found

    def _exact_works_of(self, artist: Words, titled: Words) -> set[int]:
        """The same where no letter is wrong: few tracks have a title, and any number of artists a part of a name."""
        rows = {row for column in self._works for row in _rows(column, titled, Column.exact)}
        if not rows:
            return rows
        names = {self._artists.names[row] for row in rows}
        meant = names.intersection(_names(self._artists, artist, Column.exact))
        if not words_of_music().issuperset(artist):
            meant.update(
                name
                for name in names - meant
                if self._artists.has_part(name, artist) and (len(titled) > 1 or _words(name)[0] != artist[0])
            )
        return {row for row in rows if self._artists.names[row] in meant}

    def _inside(self, words: Words, ask: _Ask) -> set[int]:
        """Tracks of the artists whose names of several words stand in a query, the longest names first."""
        for length in self._artists.lengths:
            if INSIDE <= length < len(words):
                spans = {words[start : start + length] for start in range(len(words) - length + 1)}
                names = {name for span in spans for name in self._word_by_word(span, ask)}
                if names:
                    return {row for name in names for row in self._artists.rows[name]}
        return set()

    def _word_by_word(self, span: Words, ask: _Ask) -> list[str]:
        """Artists whose names are a span word by word; none of a span that says how music sounds."""
        if words_of_music().issuperset(span):
            return []
        names = _names(self._artists, span, ask)
        if ask is Column.exact:
            return [name for name in names if _words(name) == span]
        return [] if all(map(self._is_word, span)) else [name for name in names if alike(span, _words(name))]

    def _in_any_order(self, words: Words) -> set[int]:
        if not INSIDE <= len(words) <= ORDERED:
            return set()
        return {row for each in permutations(words) for row in _rows(self._artists, each, Column.exact)}

    def _in_part(self, words: Words) -> set[int]:
        """Tracks of the artists whose names begin or end with words."""
        if len("".join(words)) < PART or len(words) > ORDERED or words_of_music().issuperset(words):
            return set()
        return {row for name in self._artists.in_part(words) for row in self._artists.rows[name]}


_Ask = Callable[[Column, str], list[str]]
"""Column.exact or Column.near."""


def _words(text: str) -> Words:
    return tuple(as_words(text).split())


def _names(column: Column, words: Words, ask: _Ask) -> list[str]:
    return ask(column, column.key(words))


def _rows(column: Column, words: Words, ask: _Ask) -> set[int]:
    return {row for name in _names(column, words, ask) for row in column.rows[name]}


def _splits(words: Words) -> Iterator[tuple[Words, Words]]:
    if len(words) <= TYPED:
        for at in range(1, len(words)):
            yield words[:at], words[at:]
