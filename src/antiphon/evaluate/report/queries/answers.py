"""The queries answered best and worst, with what came first, and wrong answers whose captions say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.per_query.results import QueryResults
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.judgements.judgement import Judgement, PairKey
from antiphon.library.tracks import Library
from antiphon.metrics.correct import Index
from antiphon.texts import normalised_text

SHOWN = 4
"""Of each kind."""
ANSWERS = 3
"""Tracks that are shown of an answer."""
MOST_CONFUSIONS = 6
PAIRS = 20_000
"""Pairs of captions, drawn at random, that say how alike two captions are by chance."""
ALIKE = 0.99
"""Share of those pairs that two captions have to be more alike than, to count as saying the same."""

Float32 = NDArray[np.float32]


class AnswerTrack(NamedTuple):
    """A track that came as an answer: how it is called, a caption of its own, its score, and whether it was right."""

    track_id: str
    name: str
    caption: str
    score: float
    right: bool


class AskedCaption(NamedTuple):
    """One caption that was asked: the rank of its right answer, that answer, and those that came first."""

    text: str
    rank: int
    right: AnswerTrack
    answers: tuple[AnswerTrack, ...]


class Confusion(NamedTuple):
    """A wrong answer whose own caption says nearly what was asked; ``alike`` is the captions' cosine, −1 … 1.

    ``verdict`` is what somebody said of the text and that track, "" where nobody has.
    """

    text: str
    rank: int
    right: AnswerTrack
    wrong: AnswerTrack
    alike: float
    verdict: str = ""


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
    results : of its captions as queries (:func:`antiphon.evaluate.per_query.results.query_results`).
    seed : of what is drawn.
    judged : what people said of texts and tracks.
    """

    library: Library
    vectors: SplitVectors
    results: QueryResults
    seed: int = 0
    judged: Mapping[PairKey, Judgement] = field(default_factory=dict)

    def best(self, count: int = SHOWN) -> tuple[AskedCaption, ...]:
        """Right at the first place, by the widest margin over the first wrong track."""
        right = np.flatnonzero((self.results.ranks == 1) & np.isfinite(self.results.margins))
        return self._queries(right[np.argsort(-self.results.margins[right], kind="stable")], count)

    def worst(self, count: int = SHOWN) -> tuple[AskedCaption, ...]:
        """With the right track furthest behind; of those at the first place none."""
        order = np.argsort(-self.results.ranks, kind="stable")
        known = (self.results.ranks > 1) & (self.results.correct_items >= 0)
        return self._queries(order[known[order]], count)

    def _queries(self, ordered: Index, count: int) -> tuple[AskedCaption, ...]:
        """The first ones in this order, no text and no track twice."""
        pairs, seen, chosen = self.vectors.pairs, set[tuple[str, int]](), list[int]()
        for query in ordered.tolist():
            keys = {("text", int(pairs.text_id[query])), ("track", int(pairs.track_of_caption[query]))}
            if not keys & seen:
                seen |= keys
                chosen.append(query)
            if len(chosen) == count:
                break
        return tuple(self._query(query) for query in chosen)

    def _query(self, query: int) -> AskedCaption:
        pairs = self.vectors.pairs
        scores = self.vectors.audio @ self.vectors.text[query]
        own = set(pairs.track_of_caption[pairs.text_id == pairs.text_id[query]].tolist())
        first = np.argsort(-scores, kind="stable")[:ANSWERS].tolist()
        return AskedCaption(
            text=str(pairs.texts[query]),
            rank=int(self.results.ranks[query]),
            right=self._right(query),
            answers=tuple(self._answer(track, float(scores[track]), right=track in own) for track in first),
        )

    def _right(self, query: int) -> AnswerTrack:
        best, score = int(self.results.correct_items[query]), float(self.results.correct_scores[query])
        return self._answer(best, score, right=True)

    def _answer(self, track: int, score: float, *, right: bool, caption: int | None = None) -> AnswerTrack:
        pairs = self.vectors.pairs
        track_id = str(pairs.track_ids[track])
        shown = int(self._captions_of(track)[0]) if caption is None else caption
        return AnswerTrack(track_id, name_of(self.library, track_id), str(pairs.texts[shown]), score, right)

    def confusions(self) -> Confusions:
        """Misses whose first answer has a caption that is more alike to the query than most pairs of captions are."""
        words = _unit(self.vectors.pairs.text)
        bound = self._bound(words)
        missed = np.flatnonzero((self.results.ranks > 1) & (self.results.wrong_items >= 0))
        alike = sorted(((*self._likeness(query, words), query) for query in missed.tolist()), key=lambda each: -each[0])
        found = [each for each in alike if each[0] >= bound]
        shown = tuple(self._confusion(query, caption, cosine) for cosine, caption, query in found[:MOST_CONFUSIONS])
        return Confusions(shown, len(found), len(missed), bound)

    def _bound(self, words: Float32) -> float:
        """The cosine that few pairs of different captions of different tracks reach."""
        pairs, rng = self.vectors.pairs, np.random.default_rng(self.seed)
        a, b = rng.integers(0, len(words), (2, PAIRS))
        apart = (pairs.track_of_caption[a] != pairs.track_of_caption[b]) & (pairs.text_id[a] != pairs.text_id[b])
        cosines = np.einsum("ij,ij->i", words[a[apart]], words[b[apart]])
        return float(np.quantile(cosines, ALIKE)) if len(cosines) else 1.0

    def _likeness(self, query: int, words: Float32) -> tuple[float, int]:
        """Of the first wrong track's captions the one most like the query: the cosine, and which it is."""
        theirs = self._captions_of(int(self.results.wrong_items[query]))
        cosines = words[theirs] @ words[query]
        return float(cosines.max()), int(theirs[int(np.argmax(cosines))])

    def _captions_of(self, track: int) -> Index:
        """Rows of a track's captions; these stand one after another."""
        owner = self.vectors.pairs.track_of_caption
        return np.arange(*np.searchsorted(owner, [track, track + 1]))

    def _confusion(self, query: int, caption: int, alike: float) -> Confusion:
        wrong, score = int(self.results.wrong_items[query]), float(self.results.wrong_scores[query])
        return Confusion(
            text=str(self.vectors.pairs.texts[query]),
            rank=int(self.results.ranks[query]),
            right=self._right(query),
            wrong=self._answer(wrong, score, right=False, caption=caption),
            alike=alike,
            verdict=self._verdict(str(self.vectors.pairs.texts[query]), str(self.vectors.pairs.track_ids[wrong])),
        )

    def _verdict(self, text: str, track_id: str) -> str:
        said = self.judged.get((normalised_text(text), track_id))
        return "" if said is None else said.verdict


def name_of(library: Library, track_id: str) -> str:
    """A track's artist and title, else its id."""
    track = library.track(track_id)
    return " – ".join(filter(None, (track.artist, track.title))) or track_id


def _unit(vectors: NDArray[np.float16]) -> Float32:
    """Around their mean, each of length 1: what all captions share says nothing of two being alike."""
    centred = np.asarray(vectors, np.float32)
    centred = centred - centred.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    found: Float32 = centred / np.where(lengths > 0, lengths, 1)
    return found
