"""Queries as people type them, made of a split's captions and metadata; the same library gives the same queries.

Tracks are drawn by a hash of their ids, and each gives at most one query of a kind. What counts as correct:

===========  ===================================  =============================================================
kind         for example                          correct
===========  ===================================  =============================================================
caption      a whole caption of the track         the track, and every track with a caption of identical text
tags         sad, jazz, piano                     every track that carries all of these tags
two_words    sad piano                            every track whose captions hold both words
question     Do you have any sad jazz with piano? as tags
exclusion    piano, no drums                      every track that carries the first tag and not the second
===========  ===================================  =============================================================

A track carries what its metadata and captions name (:mod:`antiphon.evaluate.typed.terms`); one that nobody called sad
counts as not sad, so figures are lower than the answers are good. A query that more than half of the tracks answer is
no test and is left out, and so is a text that was made before.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from antiphon.captions.sentences import sentence
from antiphon.captions.words.lexicon import music_words, place_in_sentence
from antiphon.evaluate.typed.terms import Carried, words_in_caption
from antiphon.library.pairs import Pairs
from antiphon.metrics.correct import Correct, correct_tracks

TAGS = 3
"""Tags of a query, at most."""
COMMON = 0.5
"""Share of the tracks that answer a query, or of captions that hold a word, from which it tells nothing."""
LEAST_LETTERS = 3
"""Of a word that says something where no word of music is known."""
OFTEN_BESIDE = 5
"""An exclusion names one of so many tags that most often stand beside the wanted one, so that they would come up; where
none does, one of so many that most tracks carry."""
LOOKED_AT = 500
"""Tracks in which it is looked what stands beside a tag."""
QUESTIONS = ("Do you have any {}?", "Can you find me some {}?", "Is there any {} here?")


class TypedQuery(NamedTuple):
    """One query.

    Parameters
    ----------
    text : what is typed.
    caption : row of the whole caption of the track that it was made of.
    correct : rows of the correct tracks, one at least.
    plain : of an exclusion, what is wanted, without the exclusion.
    excluded : of an exclusion, rows of the tracks that are not wanted.
    """

    text: str
    caption: int
    correct: frozenset[int]
    plain: str = ""
    excluded: frozenset[int] = frozenset()


@dataclass(frozen=True, eq=False)
class Source:
    """What queries are made of.

    Parameters
    ----------
    pairs : of the split.
    terms, words : what its tracks carry.
    """

    pairs: Pairs
    terms: Carried
    words: Carried

    @property
    def n(self) -> int:
        """Tracks."""
        return len(self.pairs.track_ids)

    @cached_property
    def of_caption(self) -> Correct:
        """Correct tracks of each whole caption."""
        return correct_tracks(self.pairs.track_of_caption, self.pairs.text_id, self.n)

    @cached_property
    def _beside(self) -> dict[str, list[str]]:
        return {}

    def beside(self, term: str) -> list[str]:
        """Other terms of the tracks that carry one, the most frequent first."""
        if term not in self._beside:
            tracks = sorted(self.terms.holders[term])[:LOOKED_AT]
            counts = Counter(other for track in tracks for other in self.terms.of_track[track])
            self._beside[term] = [other for other, _ in counts.most_common() if other != term]
        return self._beside[term]

    @cached_property
    def frequent(self) -> list[str]:
        """Terms, those of most tracks first."""
        holders = self.terms.holders
        return sorted(holders, key=lambda term: (-len(holders[term]), term))


def make_queries(source: Source, most: int) -> dict[str, list[TypedQuery]]:
    """At most so many queries of each kind, kind → queries."""
    pairs = source.pairs
    order = sorted(range(len(pairs.caption_ids)), key=lambda row: _hash(str(pairs.caption_ids[row])))
    first: dict[int, int] = {}
    for row in order:
        first.setdefault(int(pairs.track_of_caption[row]), row)
    return {kind: _some(source, make, first.values(), most) for kind, make in MAKERS.items()}


def _some(
    source: Source, make: Callable[[Source, int], TypedQuery | None], captions: Collection[int], most: int
) -> list[TypedQuery]:
    """The first ``most`` that can be made, no two of one text."""
    found: dict[str, TypedQuery] = {}
    for caption in captions:
        query = make(source, caption)
        if query is not None and 0 < len(query.correct) <= max(1, COMMON * source.n):
            found.setdefault(query.text.casefold(), query)
        if len(found) == most:
            break
    return list(found.values())


def _caption(source: Source, row: int) -> TypedQuery:
    first, stop = source.of_caption.indptr[row : row + 2]
    return TypedQuery(str(source.pairs.texts[row]), row, frozenset(source.of_caption.indices[first:stop].tolist()))


def _tags(source: Source, row: int) -> TypedQuery | None:
    terms = _drawn_terms(source, row)
    return TypedQuery(", ".join(terms), row, source.terms.all_of(terms)) if terms else None


def _question(source: Source, row: int) -> TypedQuery | None:
    terms = _drawn_terms(source, row)
    if not terms:
        return None
    said = sentence([place_in_sentence(term, "instrument") for term in terms]).rstrip(".")
    template = QUESTIONS[int(_hash(said)[:8], 16) % len(QUESTIONS)]
    return TypedQuery(template.format(f"{said[0].lower()}{said[1:]}"), row, source.terms.all_of(terms))


def _drawn_terms(source: Source, row: int) -> list[str]:
    """Up to three of the track's tags, in the order in which they were found."""
    track = int(source.pairs.track_of_caption[row])
    telling = [term for term in source.terms.of_track[track] if _tells(source.terms, term, source.n)]
    return _drawn(telling, TAGS, str(source.pairs.caption_ids[row]))


def _two_words(source: Source, row: int) -> TypedQuery | None:
    text = str(source.pairs.texts[row])
    known = {word for phrase in music_words(text) for word in phrase.casefold().split()}
    words = list(dict.fromkeys(words_in_caption(text)))
    telling = [w for w in words if len(w) >= LEAST_LETTERS and _tells(source.words, w, source.n)]
    music = [word for word in words if word in known]
    two = _drawn(music if len(music) >= 2 else telling, 2, str(source.pairs.caption_ids[row]))
    return TypedQuery(" ".join(two), row, source.words.all_of(two)) if len(two) == 2 else None


def _exclusion(source: Source, row: int) -> TypedQuery | None:
    pairs, terms = source.pairs, source.terms
    own = terms.of_track[int(pairs.track_of_caption[row])]
    seed = str(pairs.caption_ids[row])
    for wanted in _by_hash(own, seed):
        others = (term for term in source.beside(wanted) if term not in own and not _overlap(term, wanted))
        often = list(islice(others, OFTEN_BESIDE)) or [
            term for term in source.frequent[:OFTEN_BESIDE] if term not in own
        ]
        for unwanted in _by_hash(often, seed):
            excluded = terms.holders[unwanted]
            return TypedQuery(f"{wanted}, no {unwanted}", row, terms.holders[wanted] - excluded, wanted, excluded)
    return None


MAKERS: dict[str, Callable[[Source, int], TypedQuery | None]] = {
    "caption": _caption,
    "tags": _tags,
    "two_words": _two_words,
    "question": _question,
    "exclusion": _exclusion,
}
CORRECT = {
    "caption": "the caption's track, and every track with a caption of identical text",
    "tags": "every track that carries all of these tags",
    "two_words": "every track whose captions hold both words",
    "question": "every track that carries all of the tags in it",
    "exclusion": "every track that carries the first tag and not the second",
}
"""Kind → what counts as correct."""


def _tells(carried: Carried, term: str, n: int) -> bool:
    return len(carried.holders[term]) <= max(1, COMMON * n)


def _overlap(one: str, other: str) -> bool:
    """Whether two tags share a word: "guitar" and "acoustic guitar"."""
    return not set(words_in_caption(one)).isdisjoint(words_in_caption(other))


def _drawn(terms: Sequence[str], most: int, seed: str) -> list[str]:
    """At most so many, drawn by a hash, in their own order."""
    kept = set(list(_by_hash(terms, seed))[:most])
    return [term for term in terms if term in kept]


def _by_hash(terms: Sequence[str], seed: str) -> Iterator[str]:
    return iter(sorted(terms, key=lambda term: _hash(f"{seed}\0{term}")))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
