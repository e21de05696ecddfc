"""A question to a playlist."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.library import commands
from antiphon.library.tracks import Library
from antiphon.search.answers.exclusion import excluded
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import Hits, top
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.lengths import Lengths
from antiphon.search.playlists.path import Terrain, find_path, target_weights
from antiphon.search.playlists.question import Question
from antiphon.search.playlists.sources.source import Source
from antiphon.search.playlists.varied import shaken, varied
from antiphon.search.queries.named import place_named, track_named
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query
from antiphon.texts import normalised_text

Float32 = NDArray[np.float32]
SHORTEST_S = 90.0
"""A track's length, by which the number of tracks that may be chosen among is reckoned."""
POOL = 4
"""Tracks among which variety chooses, for each that is wanted; and at least ``LEAST_POOL``."""
LEAST_POOL = 50
MOST_ON_PATHS = 5000
"""Tracks, those that answer some stop best, that a path is looked for among."""
SAMPLE = 24
ATTEMPTS = 6


class PlaylistMaker:
    """Makes playlists of one library; what one question loads stays loaded for the next.

    Parameters
    ----------
    root : the library.
    source : its tracks.
    """

    def __init__(self, root: Path, source: Source) -> None:
        self.source = source
        self._root, self._lengths = root, Lengths(Library(root))

    def make(self, question: Question) -> Playlist:
        """Answer a question.

        Raises
        ------
        LibraryError : a query is empty, or no track is called as the radio's.
        ConfigError : the filter is wrong or allows no track.
        """
        if not self.source.allowed(question.where).any():
            raise ConfigError(f"No track is allowed by '{question.where}'.", fix="Ask for less with --where.")
        like = [track_named(self._root, each) for each in question.like]
        left_out = excluded(self._root, [Path(file) for file in question.exclude]).union(like)
        if question.radio is not None:
            return self._radio(question, like, left_out)
        queries = [read_query(stop, excluded=question.excluded, like=like) for stop in question.stops or ("",)]
        scores = self._without(left_out, self.source.scores(queries, question.where))
        if len(queries) > 1:
            return self._path(question, queries, scores)
        found = self._varied(question, scores[0], None)
        return replace(found, remarks=(*found.remarks, *queries[0].remarks()))

    def _without(self, left_out: Collection[str], scores: Float32) -> Float32:
        """(…, n) scores of all tracks, those that are left out as none."""
        places = [place for place, track_id in enumerate(self._ids) if track_id in left_out] if left_out else []
        scores = np.array(scores, np.float32)
        scores[..., places] = -np.inf
        return scores

    def _radio(self, question: Question, like: Sequence[str], left_out: Collection[str]) -> Playlist:
        names = (self.source.column(name) for name in ("track_id", "title", "artist"))
        seed = place_named(str(question.radio), *names, of=commands.as_typed(self._root))
        query = read_query("", excluded=question.excluded, like=[self._ids[seed], *like])
        alone = not (query.excluded or like)
        where = question.where
        found = self.source.scores_like(seed, where) if alone else self.source.scores([query], where)[0]
        scores = self._without(left_out, found)
        scores[seed] = max(1.0, float(scores[np.isfinite(scores)].max(initial=1.0)))
        hit = self.source.hits([seed], np.ones(1, np.float32))[0]
        name = " – ".join(part for part in (hit.artist, hit.title) if part) or hit.track_id
        made = self._varied(question, scores, seed)
        return replace(made, name=f"Radio: {name}", remarks=(*made.remarks, *query.remarks()))

    def _varied(self, question: Question, scores: Float32, first: int | None) -> Playlist:
        pool = self._songs(question, top(scores, 2 * _pool_size(question)), scores)[: _pool_size(question)]
        relevance = scores[pool] if first is None else _without_the_first(scores[pool])
        if question.seed is not None:
            relevance = shaken(relevance, question.seed)
        order = varied(
            relevance,
            self.source.vectors(pool.tolist()),
            self._artists[pool],
            variety=question.spread,
            first=None if first is None else int(np.flatnonzero(pool == first)[0]),
        )
        chosen = self._filled(question, (int(pool[place]) for place in order))
        return self._playlist(question, chosen, scores[chosen])

    def _filled(self, question: Question, order: Iterable[int]) -> list[int]:
        """The first of them, up to the number that is asked for, or to the length that is nearest to the one asked."""
        chosen: list[int] = []
        wanted, total = question.seconds, 0.0
        for place in order:
            if wanted is None:
                if len(chosen) == question.k:
                    break
            else:
                length = self._counted(place)
                if chosen and abs(total + length - wanted) >= abs(total - wanted):
                    break
                total += length
            chosen.append(place)
        return chosen

    def _path(self, question: Question, queries: Sequence[Query], scores: Float32) -> Playlist:
        best = scores.max(axis=0)
        kept = self._songs(question, np.argsort(-best, kind="stable")[:MOST_ON_PATHS], best)
        scores[:, np.setdiff1d(np.arange(len(best)), kept)] = -np.inf
        ground = _Ground(self.source, scores, self.source.angles(queries), self._artists)
        least = len(question.stops)
        if question.k is not None:
            chosen = ground.path(max(least, question.k))
        else:
            chosen = self._of_length(ground, question.seconds or 0.0, least)
        return self._playlist(question, chosen, ground.fit(chosen))

    def _songs(self, question: Question, ranked: NDArray[np.int64], scores: Float32) -> NDArray[np.int64]:
        """Those of ranked tracks that are known to fit at all, each song once, at most so many of an artist."""
        ranked = ranked[np.isfinite(scores[ranked])]
        place_of = {self._ids[place]: int(place) for place in ranked}
        hits = Hits(self.source.hits(ranked.tolist(), scores[ranked]))
        kept = Selection(root=self._root, per_artist=question.per_artist).among(hits)
        return np.array([place_of[hit.track_id] for hit in kept], np.int64)

    def _of_length(self, ground: _Ground, wanted: float, least: int) -> list[int]:
        """The path whose length is nearest to what is wanted, of those with as many tracks as that may take."""
        for place in ground.some(SAMPLE):
            self._counted(place)
        n = max(least, round(wanted / self._lengths.usual))
        tried: dict[int, tuple[float, list[int]]] = {}
        while n not in tried and len(tried) < ATTEMPTS:
            chosen = ground.path(n)
            total = sum(map(self._counted, chosen))
            tried[n] = (abs(total - wanted), chosen)
            usual = total / max(1, len(chosen))
            step = round((wanted - total) / usual) if usual else 0
            if step == 0 or (len(chosen) < n and step > 0):
                break
            n = max(least, n + step)
        return min(tried.values(), key=lambda found: found[0])[1]

    def _counted(self, place: int) -> float:
        length = self._length(place)
        return self._lengths.usual if length is None else length

    def _length(self, place: int) -> float | None:
        return self._lengths.of(self._ids[place], self._paths(place))

    def _paths(self, place: int) -> str:
        return self.source.hits([place], np.zeros(1, np.float32))[0].path

    def _playlist(self, question: Question, chosen: Sequence[int], scores: Float32) -> Playlist:
        lengths = tuple(self._length(place) for place in chosen)
        total = sum(self._lengths.usual if length is None else length for length in lengths)
        short = question.seconds is not None and total < 0.9 * question.seconds
        few = question.k is not None and len(chosen) < question.k
        remarks = [
            *dict.fromkeys(line for stop in question.stops or ("",) for line in self.source.remarks(stop)),
            *self._lengths.remarks(lengths),
            *(["There are no more tracks that may be in it."] if short or few else []),
        ]
        hits = Hits(self.source.hits(chosen, np.asarray(scores, np.float32)))
        return Playlist(name=question.name, hits=hits, lengths=lengths, seconds=total, remarks=tuple(remarks))

    @cached_property
    def _ids(self) -> list[str]:
        return self.source.column("track_id")

    @cached_property
    def _artists(self) -> NDArray[np.int64]:
        """(n,) a number each artist; −1 where none is known."""
        names = [normalised_text(name) for name in self.source.column("artist")]
        numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
        return np.array([numbers[name] if name else -1 for name in names], np.int64)


@dataclass(frozen=True)
class _Ground:
    """What a path of any number of tracks is found on: only those near its targets have their vectors read."""

    source: Source
    scores: Float32
    angles: NDArray[np.float64]
    artists: NDArray[np.int64]

    def path(self, n: int) -> list[int]:
        """Places of n tracks."""
        near = self.near(n)
        terrain = Terrain(
            scores=self.scores[:, near],
            vectors=self.source.vectors(near.tolist()),
            artists=self.artists[near],
            angles=self.angles,
        )
        return [int(near[place]) for place in find_path(terrain, n)]

    def near(self, n: int) -> NDArray[np.int64]:
        """Those that score well somewhere on the way."""
        free = np.asarray(np.isfinite(self.scores).all(axis=0))
        most = POOL * n + LEAST_POOL
        found: list[NDArray[np.int64]] = []
        for leg, angle in enumerate(self.angles):
            for weight in target_weights(np.linspace(0, 1, 9), float(angle)):
                score = np.where(free, weight @ np.where(free, self.scores[leg : leg + 2], 0), -np.inf)
                found.append(top(score.astype(np.float32), most))
        places: NDArray[np.int64] = np.unique(np.concatenate(found))
        return np.compress(free[places], places)

    def some(self, n: int) -> list[int]:
        """A few of them, from all along the way."""
        near = self.near(n)
        return [int(place) for place in near[:: max(1, len(near) // n)][:n]]

    def fit(self, chosen: Sequence[int]) -> Float32:
        """(n,) the score of each for its place on the path."""
        times = np.linspace(0, len(self.angles), len(chosen))
        legs = np.minimum(times.astype(np.int64), len(self.angles) - 1)
        rows = zip(chosen, times - legs, legs, strict=True)
        weights = [(leg, place, target_weights(np.array([t]), float(self.angles[leg]))[0]) for place, t, leg in rows]
        return np.array([w @ self.scores[leg : leg + 2, place] for leg, place, w in weights], np.float32)


def _pool_size(question: Question) -> int:
    wanted = question.k if question.k is not None else int((question.seconds or 0) / SHORTEST_S)
    return max(LEAST_POOL, POOL * wanted)


def _without_the_first(relevance: Float32) -> Float32:
    """The seed is not a measure for the others: it counts as the best of them."""
    others = np.sort(relevance)[:-1]
    return np.minimum(relevance, others.max(initial=-np.inf)) if len(others) else relevance
