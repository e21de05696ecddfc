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
BRACKETS = frozenset("([")
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
        return {place for column in columns for place in column.places(words)}

    def _sung(self, words: Words) -> set[int]:
        if len(words) < LINE:
            return set()
        line = f" {' '.join(words)} "
        return {place for place, text in enumerate(self._lines) if line in text}

    def _named(self, words: Words) -> set[int]:
        """Tracks whose artist, title or album the words are, or whose artist they have in them."""
        whole = self._whole(words)
        if whole:
            return whole
        telling = frozenset(query_words(" ".join(words)))
        inside: set[int] = set()
        found = self._artists.inside(words)
        for at, (length, start) in enumerate(found):
            if inside and length < found[at - 1][0]:
                break
            name, rest = words[start : start + length], words[:start] + words[start + length :]
            if telling.isdisjoint(name):
                continue
            artist = set(self._artists.places(name))
            both = artist.intersection(self._titles.places(rest) + self._albums.places(rest))
            if both and not telling.isdisjoint(rest):
                return both
            if length >= INSIDE:
                inside |= artist
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
    """Names of one kind, each found by all of its words.

    Only names are taken apart that begin as one in a query may, and those once. Their beginnings are compared by the
    first eight bytes, in order, so that a hundred thousand names cost a question microseconds. A name that begins with
    something added, as "(Live) Heroes" does, has two.

    Parameters
    ----------
    names : (n,) texts.
    bare : takes from a name what is added to it at its end; "" where nothing is left.
    """

    def __init__(self, names: Sequence[str], bare: Callable[[str], str]) -> None:
        self._names, self._bare = names, bare
        self._groups: dict[bytes, _Group] = {}
        texts = [plain(name) if name else "" for name in names]
        more = {row: plain(bare(names[row])) for row, text in enumerate(texts) if text.lstrip()[:1] in BRACKETS}
        starts = [_LEADING.sub("", text).encode()[:KEY].ljust(KEY, b"\0") for text in (*texts, *more.values())]
        keys = np.frombuffer(b"".join(starts), ">u8")
        order = np.argsort(keys, kind="stable")
        self._keys, self._rows = keys[order].astype(np.uint64), np.array([*range(len(names)), *more], np.int32)[order]

    def places(self, words: Words) -> list[int]:
        """Rows of the names that these words are, in order."""
        return [row for row in self._group(words[0]).rows(words) if words in self._worded(row)] if words else []

    def inside(self, words: Words) -> list[tuple[int, int]]:
        """(length, start) of the names that may stand in words and are not all of them, the longest first."""
        found = [
            (length, start)
            for start, word in enumerate(words)
            for length in self._group(word).lengths
            if length < len(words) >= start + length and self._group(word).rows(words[start : start + length])
        ]
        return sorted(found, key=lambda each: (-each[0], each[1]))

    def _group(self, word: str) -> _Group:
        """The names that begin with a word; of a long one, all that begin with its first bytes."""
        key = word.encode()[:KEY]
        if key in self._groups:
            return self._groups[key]
        rows = self._beginning(key)
        group = _Group([(hash(each), len(each), row) for row in rows for each in self._worded(row)])
        if rows:  # whatever people type, no more is kept than there are beginnings of names
            self._groups[key] = group
        return group

    def _beginning(self, key: bytes) -> list[int]:
        after = [(b"\0", b"\xff")] if len(key) == KEY else AFTER
        low, high = (
            np.array([int.from_bytes((key + ends[side]).ljust(KEY, fill)[:KEY], "big") for ends in after], np.uint64)
            for side, fill in ((0, b"\0"), (1, b"\xff"))
        )
        first, last = np.searchsorted(self._keys, low, "left"), np.searchsorted(self._keys, high, "right")
        rows = (row for one, end in zip(first, last, strict=True) for row in self._rows[one:end].tolist())
        return sorted(set(rows))

    def _worded(self, row: int) -> set[Words]:
        """A name as words, whole and without what is added to it; nothing for one that has none."""
        texts = {self._names[row].casefold(), self._bare(self._names[row])}
        return {words for text in texts if (words := tuple(words_of(text)))}


class _Group:
    """Names that begin alike, found by a number that their words make.

    Parameters
    ----------
    names : (that number, how many words, the row) of each.
    """

    def __init__(self, names: Sequence[tuple[int, int, int]]) -> None:
        marks = np.array([mark for mark, _, _ in names], np.int64)
        order = np.argsort(marks, kind="stable")
        self._marks, self._rows = marks[order], np.array([row for _, _, row in names], np.int32)[order]
        self.lengths = {length for _, length, _ in names}

    def rows(self, words: Words) -> list[int]:
        """Rows of the names that these words are, in order; others whose number is the same may be among them."""
        mark = np.int64(hash(words))
        first, last = (np.searchsorted(self._marks, mark, side) for side in ("left", "right"))
        found: list[int] = self._rows[first:last].tolist()
        return found
