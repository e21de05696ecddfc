"""Signs by which one may tell that what a query asks for is not there: a number a query, larger where more is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from antiphon.align.closed_form.kernel_cca import fit_kernel_cca
from antiphon.align.closed_form.linear_cca import fit_cca
from antiphon.arrays import Float32, Index
from antiphon.captions.words.lexicon import GENRES, INSTRUMENTS, MOODS, THEMES, VOICES, music_words, word_set
from antiphon.evaluate.typed.terms import words_in_caption
from antiphon.search.answers.fit.music import TEXTS as MUSIC
from benchmarks.answers.removed import Trial

VOCABULARY = sorted({*MUSIC, *GENRES, *INSTRUMENTS, *MOODS, *THEMES, *VOICES})
"""What may be asked of music, whatever a library has."""
TOP = 5
NEARNESS, ITSELF = 20.0, 0.9999
ASKING = word_set(
    "a;an;and;the;of;in;on;for;to;with;without;by;from;at;as;or;is;it;its;that;this;i;would;like;hear;music;song;songs;"
    "track;tracks;piece;pieces;sound;sounds;something;some;very;which;while"
)
"""Words of a query that say nothing of what is asked for."""


class Signs:
    """Signs of queries to one library.

    Parameters
    ----------
    trial : the library.
    had : train also on the tracks that were taken out: a checkpoint that was made when they were there.
    """

    def __init__(self, trial: Trial, *, had: bool) -> None:
        self._trial, pairs = trial, trial.of.pairs
        learned = np.sort(np.concatenate([trial.parts["train"], trial.gone])) if had else trial.parts["train"]
        rows = trial.captions(learned)
        owner = np.searchsorted(learned, pairs.track_of_caption[rows])
        text, audio = pairs.text[rows].astype(np.float32), pairs.audio[learned].astype(np.float32)
        self.forms = (fit_cca(text, audio, owner, dims=64), fit_kernel_cca(text, audio, owner))
        indexed = pairs.audio[trial.index].astype(np.float32)
        self._tracks = tuple(form.embed_audio(indexed) for form in self.forms)
        self._known_rows = trial.captions(trial.parts["train"])
        self.known = trial.of.read([str(each) for each in pairs.texts[self._known_rows]])
        self._own_val = self._scores_of_val()
        self._taught = trial.of.read([str(each) for each in pairs.texts[rows]])
        self._own_taught = self._scores_of_own(rows, owner, audio)

    def _scores(self, queries: Sequence[str]) -> tuple[Float32, Float32]:
        raw = self._trial.of.read(queries)
        one, two = (f.embed_text(raw) @ tracks.T for f, tracks in zip(self.forms, self._tracks, strict=True))
        return one, two

    def _scores_of_val(self) -> tuple[Float32, Float32]:
        """Captions of val as they are read, and their best scores."""
        queries = self._trial.asked("val")
        return self._trial.of.read(queries), np.mean(self._scores(queries), axis=0).max(axis=1)

    def _scores_of_own(self, rows: Index, owner: Index, audio: Float32) -> Float32:
        """Score of each caption that taught with its own track."""
        raw = self._trial.of.pairs.text[rows].astype(np.float32)
        each = [(f.embed_text(raw) * f.embed_audio(audio)[owner]).sum(axis=1) for f in self.forms]
        return np.asarray(np.mean(each, axis=0), np.float32)

    @cached_property
    def _words(self) -> list[str]:
        texts = self._trial.of.pairs.texts[self._known_rows]
        return sorted({word for text in texts for word in (*words_in_caption(str(text)), *music_words(str(text)))})

    def of(self, queries: Sequence[str]) -> dict[str, Float32]:
        """Sign → (n,) of each query."""
        read, scores = self._trial.of.read, self._scores(queries)
        raw, mean = read(queries), np.mean(scores, axis=0)
        best, near = mean.max(axis=1), raw @ self.known.T
        nearest = near.max(axis=1)
        val_raw, val_best = self._own_val
        found = {
            "best score": best,
            "best score, z": (best - mean.mean(axis=1)) / mean.std(axis=1),
            "score beyond what queries near it get": best - _expected(raw, val_raw, val_best),
            "score beyond what captions near it get that taught": best - _expected(raw, self._taught, self._own_taught),
            "margin of the best over the 10th": best - np.sort(mean, axis=1)[:, -10],
            "nearest known caption": nearest,
            "nearest caption less nearest of all music words": nearest - (raw @ read(VOCABULARY).T).max(axis=1),
            "nearest caption less nearest of all that taught": nearest - (raw @ self._taught.T).max(axis=1),
            "captions of the best five": self._of_best(near, mean),
            "captions of the best five, of the nearest": self._of_best(near, mean) - nearest,
            "linear and kernel agree": _agreement(*scores),
            "music words that captions have": np.array([self._shared(query) for query in queries], np.float32),
            "hardest music word": np.array([self._hardest(music_words(query)) for query in queries], np.float32),
            "hardest word": np.array([self._hardest(_content(query)) for query in queries], np.float32),
            "rarest word": np.array([self._rarest(query) for query in queries], np.float32),
        }
        return {name: np.asarray(values, np.float32) for name, values in found.items()}

    def _of_best(self, near: Float32, scores: Float32) -> Float32:
        """How near the captions of the best described tracks are to the query: mean of the best five."""
        tracks = np.searchsorted(self._trial.index, self._trial.of.pairs.track_of_caption[self._known_rows])
        of_track = np.full(scores.shape, -1, np.float32)
        for row, track in enumerate(tracks):
            of_track[:, track] = np.maximum(of_track[:, track], near[:, row])
        described = np.where(of_track > -1, scores, -np.inf)
        best = np.argsort(-described, axis=1)[:, :TOP]
        return np.take_along_axis(of_track, best, axis=1).mean(axis=1)

    def _shared(self, query: str) -> float:
        """Share of the words of music in a query that some known caption has."""
        asked = music_words(query)
        return float(np.mean([word in self._words for word in asked])) if asked else 1.0

    def _hardest(self, asked: Sequence[str]) -> float:
        """Of some words the one farthest from all words of known captions: how near it is."""
        if not asked:
            return 1.0
        return float((self._trial.of.read(asked) @ self._trial.of.read(self._words).T).max(axis=1).min())

    def _rarest(self, query: str) -> float:
        """Share of the known captions that have the rarest word of a query."""
        return min((self._shares.get(word, 0.0) for word in _content(query)), default=1.0)

    @cached_property
    def _shares(self) -> dict[str, float]:
        texts = self._trial.of.pairs.texts[self._known_rows]
        counts = Counter(word for text in texts for word in set(words_in_caption(str(text))))
        return {word: count / len(texts) for word, count in counts.items()}


def _content(query: str) -> list[str]:
    return [word for word in words_in_caption(query) if word not in ASKING]


def _expected(raw: Float32, known: Float32, scores: Float32) -> Float32:
    """What queries near to others get: a mean of their scores, weighed by how near they are; none is near to itself."""
    cosines = raw @ known.T
    weights = np.where(cosines > ITSELF, 0, np.exp(NEARNESS * (cosines - 1))) + 1e-12
    return np.asarray((weights * scores).sum(axis=1) / weights.sum(axis=1), np.float32)


def _agreement(one: Float32, two: Float32) -> Float32:
    """Share of the best ten of one that are the best ten of the other."""
    first, second = (np.argsort(-each, axis=1)[:, :10] for each in (one, two))
    return np.array([len(np.intersect1d(a, b)) / 10 for a, b in zip(first, second, strict=True)], np.float32)
