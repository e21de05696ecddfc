"""Names in a query: an artist's name finds the artist, a title its track, whatever a text encoder makes of them.

A whole query that is an artist's name, the title of a track or an album, or artist and title, means these tracks; so
does a line of lyrics, five words or more that follow one another in one track's. Inside a longer query only an artist's
name of two words or more counts: "calm Miles Davis", but not the title "Blue" in "slow blue notes". Case, accents,
plurals and signs make no difference (:func:`antiphon.search.zero_shot.ways.words.words_of`). A name also goes without
what is added to it: "Heroes" names "Heroes (2017 Remaster)", and an artist the tracks with a guest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.artists import known_artist
from antiphon.search.answers.titles import bare_title
from antiphon.search.hits import Hits
from antiphon.search.queries.query import Query
from antiphon.search.zero_shot.ways.words import plain, query_words, words_of

if TYPE_CHECKING:
    from antiphon.library.tracks import Library

Words = tuple[str, ...]
NAME = "name"
"""What an answer's ``by`` says where a name found it."""
INSIDE = 2
"""Words of an artist's name from which it counts inside a longer query."""
KEY = 8
"""Bytes of a name that are kept in order."""
AFTER = [(b"\0", b"/"), (b":", b"`"), (b"s", b"s"), (b"{", b"\xff")]
"""What may stand behind a word at the start of a name, from and to: no other letter or digit but a plural's s."""
_LEADING = re.compile(r"^[\W_]+")


LINE = 5
"""Words of a query from which it may be a line of lyrics: fewer stand in some song by chance."""
_LYRICS = re.compile(r"(^|[^a-z])lyrics")


class Names:
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
        self._artists = _Column(artists, known_artist)
        self._titles, self._albums = _Column(titles, bare_title), _Column(albums, bare_title)
        self._lyrics = lyrics

    @cached_property
    def _lines(self) -> list[str]:
        """(n,) lyrics as words with a space around each; "" where there are none."""
        return [f" {' '.join(words_of(text))} " if text else "" for text in self._lyrics()]

    def found(self, query: Query) -> NDArray[np.bool_] | None:
        """(n,) the tracks that a query names; None where it names none, or is not words alone."""
        words = [tuple(words_of(part.text)) for part in query.wanted]
        places = self._whole(tuple(words_of(query.typed)))  # "Disappear without a Trace" is a title
        places = places or {place for each in words for place in self._named(each)}
        if not places and len(words) == 1 and not query.excluded:
            places = self._sung(words[0])
        if not places or query.named or query.files:
            return None
        mask = np.zeros(self._n, bool)
        mask[sorted(places)] = True
        return mask

    def _whole(self, words: Words) -> set[int]:
        columns = (self._artists, self._titles, self._albums)
        return {place for column in columns for place in column.places(words).get(words, ())}

    def _sung(self, words: Words) -> set[int]:
        if len(words) < LINE:
            return set()
        line = f" {' '.join(words)} "
        return {place for place, text in enumerate(self._lines) if line in text}

    def _named(self, words: Words) -> set[int]:
        columns = (self._artists, self._titles, self._albums)
        artists, titles, albums = (column.places(words) for column in columns)
        whole = {*artists.get(words, ()), *titles.get(words, ()), *albums.get(words, ())}
        if whole:
            return whole
        inside: set[int] = set()
        lengths = {len(name) for name in artists if len(name) < len(words)}  # a query may have a thousand words
        for length in sorted(lengths, reverse=True):
            for start in range(len(words) - length + 1):
                artist = artists.get(words[start : start + length])
                if artist is None:
                    continue
                rest = words[:start] + words[start + length :]
                both = set(artist) & {*titles.get(rest, ()), *albums.get(rest, ())}
                if both:
                    return both
                if length >= INSIDE:
                    inside |= set(artist)
            if inside:
                return inside
        return inside


def lyrics_field(fields: Iterable[str]) -> str | None:
    """The field of metadata that holds lyrics; None where none is called so."""
    return next((name for name in fields if _LYRICS.search(name.casefold())), None)


def lyrics_of(library: Library) -> list[str]:
    """(n,) the lyrics of a library's tracks, "" where there are none; empty where none has any."""
    name = lyrics_field(library.metadata.names)
    return [] if name is None else [_as_text(value) for value in library.metadata.column(name)]


def _as_text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)


def by_name_first(named: Hits, others: Hits, k: int) -> Hits:
    """The k best: what a name found, said so, then what words found; ranks counted anew."""
    both = [*(replace(hit, by=NAME) for hit in named), *others][:k]
    return Hits(replace(hit, rank=rank) for rank, hit in enumerate(both, start=1))


class _Column:
    """Names of one kind, of which only those are taken apart that begin with a word of a query.

    A name counts where all its words are the query's, so its first is. First words are compared by the first eight
    bytes of names in order, so that a hundred thousand names cost a question microseconds.

    Parameters
    ----------
    names : (n,) texts.
    bare : takes from a name what is added to it at its end; "" where nothing is left.
    """

    def __init__(self, names: Sequence[str], bare: Callable[[str], str]) -> None:
        self._names, self._bare = names, bare
        starts = [_LEADING.sub("", plain(name)).encode()[:KEY] if name else b"" for name in names]
        keys = np.frombuffer(b"".join(start.ljust(KEY, b"\0") for start in starts), ">u8")
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order].astype(np.uint64)

    def places(self, words: Words) -> dict[Words, list[int]]:
        """Words of a name → where it stands, of all names whose words are the query's and say something."""
        telling, asked = set(query_words(" ".join(words))), set(words)
        found: dict[Words, list[int]] = {}
        for row in sorted({row for word in asked for row in self._beginning(word)}):
            whole = self._names[row]
            for name in {tuple(words_of(whole)), tuple(words_of(self._bare(whole)))}:
                if asked.issuperset(name) and not telling.isdisjoint(name):
                    found.setdefault(name, []).append(row)
        return found

    def _beginning(self, word: str) -> list[int]:
        """Rows of the names that begin with a word, or with its plural; of long words with one that begins as it."""
        start = word.encode()[:KEY]
        after = [(b"\0", b"\xff")] if len(start) == KEY else AFTER
        low, high = (
            np.array([int.from_bytes((start + ends[side]).ljust(KEY, fill)[:KEY], "big") for ends in after], np.uint64)
            for side, fill in ((0, b"\0"), (1, b"\xff"))
        )
        first, last = np.searchsorted(self._keys, low, "left"), np.searchsorted(self._keys, high, "right")
        return [row for one, end in zip(first, last, strict=True) for row in self._order[one:end].tolist()]
