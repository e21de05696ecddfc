"""The queries answered best and worst, with what came first, and wrong answers whose captions say the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.tracks import Library
from antiphon.metrics.correct import Correct, correct_tracks

MOST_LOOKED_AT = 2000
"""Queries that are looked at closely; of more some that are evenly spaced."""
SHOWN = 4
"""Of each kind."""
ANSWERS = 3
"""Tracks that are shown of an answer."""
MOST_CONFUSIONS = 6
PAIRS = 20_000
"""Pairs of captions, drawn at random, that say how alike two captions are by chance."""
ALIKE = 0.99
"""Share of those pairs that two captions have to be more alike than, to count as saying the same."""
CHUNK = 256

Float32 = NDArray[np.float32]


class Answer(NamedTuple):
    """A track that came as an answer: how it is called, a caption of its own, its score, and whether it was right."""

    track_id: str
    name: str
    caption: str
    score: float
    right: bool


class Query(NamedTuple):
    """One caption that was asked: the rank of its right answer, that answer, and those that came first."""

    text: str
    rank: int
    right: Answer
    answers: tuple[Answer, ...]


class Confusion(NamedTuple):
    """A wrong answer whose own caption says nearly what was asked; ``alike`` is the captions' cosine, −1 … 1."""

    text: str
    rank: int
    right: Answer
    wrong: Answer
    alike: float


class Confusions(NamedTuple):
    """All of them, the most alike first; how many of how many misses; and from which cosine captions count as alike."""

    shown: tuple[Confusion, ...]
    found: int
    misses: int
    bound: float


@dataclass(frozen=True, eq=False)
class Questions:
    """The captions of a split, asked one by one.

    Parameters
    ----------
    library : whose titles are shown.
    vectors : of the split.
    seed : of what is drawn.
    """

    library: Library
    vectors: SplitVectors
    seed: int = 0

    @property
    def _correct(self) -> Correct:
        pairs = self.vectors.pairs
        return correct_tracks(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))

    @property
    def _ranks(self) -> NDArray[np.int64]:
        return self.vectors.ranked["t2a"]

    def best(self, count: int = SHOWN) -> tuple[Query, ...]:
        """Right at the first place, by the widest margin over the first wrong track."""
        right = _evenly(np.flatnonzero(self._ranks == 1), MOST_LOOKED_AT)
        margins = np.array([self._margin(i, scores) for i, scores in self._scores(right)])
        return self._queries(right[np.argsort(-margins, kind="stable")], count)

    def worst(self, count: int = SHOWN) -> tuple[Query, ...]:
        """With the right track furthest behind; of those at the first place none."""
        order = np.argsort(-self._ranks, kind="stable")
        return self._queries(order[self._ranks[order] > 1], count)

    def _margin(self, query: int, scores: Float32) -> float:
        own = self._own(query)
        wrong = np.delete(scores, own)
        return float(scores[own].max() - wrong.max()) if len(wrong) else 0.0

    def _own(self, query: int) -> NDArray[np.int64]:
        correct = self._correct
        return correct.indices[correct.indptr[query] : correct.indptr[query + 1]]

    def _scores(self, queries: NDArray[np.int64]) -> Iterator[tuple[int, Float32]]:
        """Each of these queries with its score for every track."""
        for start in range(0, len(queries), CHUNK):
            some = queries[start : start + CHUNK]
            yield from zip(some.tolist(), self.vectors.text[some] @ self.vectors.audio.T, strict=True)

    def _queries(self, ordered: NDArray[np.int64], count: int) -> tuple[Query, ...]:
        """The first ones in this order, no text and no track twice."""
        pairs, seen, chosen = self.vectors.pairs, set[tuple[str, int]](), list[int]()
        for query in ordered.tolist():
            keys = {("text", int(pairs.text_id[query])), ("track", int(pairs.track_of_caption[query]))}
            if len(chosen) < count and not keys & seen:
                seen |= keys
                chosen.append(query)
        return tuple(self._query(i, scores) for i, scores in self._scores(np.array(chosen, dtype=np.int64)))

    def _query(self, query: int, scores: Float32) -> Query:
        own = set(self._own(query).tolist())
        first = np.argsort(-scores, kind="stable")[:ANSWERS].tolist()
        best = max(own, key=lambda track: float(scores[track]))
        return Query(
            text=str(self.vectors.pairs.texts[query]),
            rank=int(self._ranks[query]),
            right=self._answer(best, scores, right=True),
            answers=tuple(self._answer(track, scores, right=track in own) for track in first),
        )

    def _answer(self, track: int, scores: Float32, *, right: bool, caption: int | None = None) -> Answer:
        pairs = self.vectors.pairs
        track_id = str(pairs.track_ids[track])
        shown = int(np.flatnonzero(pairs.track_of_caption == track)[0]) if caption is None else caption
        return Answer(track_id, name_of(self.library, track_id), str(pairs.texts[shown]), float(scores[track]), right)

    def confusions(self, count: int = MOST_CONFUSIONS) -> Confusions:
        """Misses whose first answer has a caption that is more alike to the query than most pairs of captions are."""
        words = _unit(self.vectors.pairs.text)
        bound = self._bound(words)
        missed = np.flatnonzero(self._ranks > 1)
        looked_at = _evenly(missed, MOST_LOOKED_AT)
        found = [each for each in self._alike(looked_at, words) if each.alike >= bound]
        found.sort(key=lambda each: -each.alike)
        return Confusions(tuple(found[:count]), len(found), len(looked_at), bound)

    def _bound(self, words: Float32) -> float:
        """The cosine that few pairs of different captions of different tracks reach."""
        pairs, rng = self.vectors.pairs, np.random.default_rng(self.seed)
        a, b = rng.integers(0, len(words), (2, PAIRS))
        apart = (pairs.track_of_caption[a] != pairs.track_of_caption[b]) & (pairs.text_id[a] != pairs.text_id[b])
        cosines = np.einsum("ij,ij->i", words[a[apart]], words[b[apart]])
        return float(np.quantile(cosines, ALIKE)) if len(cosines) else 1.0

    def _alike(self, missed: NDArray[np.int64], words: Float32) -> Iterable[Confusion]:
        owner = self.vectors.pairs.track_of_caption
        for query, scores in self._scores(missed):
            own = set(self._own(query).tolist())
            wrong = int(np.argmax(scores))
            if wrong in own:  # a tie counted against it
                continue
            theirs = np.flatnonzero(owner == wrong)
            cosines = words[theirs] @ words[query]
            nearest = int(theirs[int(np.argmax(cosines))])
            best = max(own, key=lambda track: float(scores[track]))
            yield Confusion(
                text=str(self.vectors.pairs.texts[query]),
                rank=int(self._ranks[query]),
                right=self._answer(best, scores, right=True),
                wrong=self._answer(wrong, scores, right=False, caption=nearest),
                alike=float(cosines.max()),
            )


def name_of(library: Library, track_id: str) -> str:
    """A track's artist and title, else its id."""
    track = library.track(track_id)
    return " – ".join(filter(None, (track.artist, track.title))) or track_id


def _evenly(items: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if len(items) <= most:
        return items
    return items[np.linspace(0, len(items) - 1, most).astype(np.int64)]


def _unit(vectors: NDArray[np.float16]) -> Float32:
    """Around their mean, each of length 1: what all captions share says nothing of two being alike."""
    centred = np.asarray(vectors, np.float32)
    centred = centred - centred.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    found: Float32 = centred / np.where(lengths > 0, lengths, 1)
    return found
