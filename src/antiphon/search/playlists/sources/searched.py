"""Tracks by what answers searches, asked for as many answers as it gives.

Before any training the scores are those of :mod:`antiphon.search.zero_shot`, and nothing is known of what two tracks
have in common.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from antiphon.library.tracks import Library
from antiphon.search.answering import Answering
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.hits import Hit, ranked_hits
from antiphon.search.playlists.sources.source import Float32, Mask
from antiphon.search.queries.query import Query


@runtime_checkable
class ScoresAll(Protocol):
    """A searcher that says how each track of the library scores, without an answer made of each."""

    def track_scores(self, query: Query) -> Float32:
        """(n,) how well each track answers a query; NaN for those that are no answers."""

    def scores_like(self, track_ids: Sequence[str]) -> Float32:
        """(q, n) how like some tracks each is; NaN where nothing is known."""


class SearchedSource:
    """By what answers searches, asked for as many answers as it gives: before any training, or with one that no
    person's caption taught.

    Parameters
    ----------
    by : what the tracks of a playlist say found them.
    """

    def __init__(self, searcher: Answering, library: Library, *, by: str = "before training") -> None:
        self._searcher, self._library, self._by = searcher, library, by
        self._row = library.row_of_track
        self._most = len(self._row)

    def scores(self, queries: Sequence[Query], where: str | None = None) -> Float32:
        """(queries, n) as searches score them."""
        if isinstance(self._searcher, ScoresAll):
            return self._only(np.stack([self._searcher.track_scores(query) for query in queries]), where)
        return np.stack([self._spread([*self._searcher.answer(each, k=self._most, where=where)]) for each in queries])

    def scores_like(self, place: int, where: str | None = None) -> Float32:
        """(n,)."""
        track_id = str(self._library.track_table.column("track_id")[place])
        if isinstance(self._searcher, ScoresAll):
            return self._only(self._searcher.scores_like([track_id])[0], where)
        return self._spread([*self._searcher.similar(track_id, k=self._most, where=where)])

    def _only(self, scores: Float32, where: str | None) -> Float32:
        return np.where(self.allowed(where) & ~np.isnan(scores), scores, np.float32(-np.inf))

    def _spread(self, hits: Sequence[Hit]) -> Float32:
        found = np.full(len(self._row), -np.inf, np.float32)
        found[[self._row[hit.track_id] for hit in hits]] = [hit.score for hit in hits]
        return found

    def remarks(self, text: str = "") -> list[str]:
        """Of the searcher, and what a playlist lacks."""
        return [
            *self._searcher.remarks(text),
            "How like two neighbours sound is not looked at: that takes a training on captions that people wrote.",
        ]

    def angles(self, queries: Sequence[Query]) -> NDArray[np.float64]:
        """Right angles: nothing is known of what two queries have in common."""
        return np.full(len(queries) - 1, np.pi / 2)

    def vectors(self, places: Sequence[int]) -> Float32:
        """None are comparable."""
        return np.empty((len(places), 0), np.float32)

    def allowed(self, where: str | None) -> Mask:
        """(n,)."""
        return np.ones(len(self._row), bool) if where is None else TrackFilter(self._library).allowed(where)

    def hits(self, places: Sequence[int], scores: Float32) -> list[Hit]:
        """In this order, ranks from 1."""
        columns = {name: self.column(name) for name in ("track_id", "title", "artist", "path")}
        tracks = [{name: column[place] for name, column in columns.items()} for place in places]
        found = ({**track, "path": self._library.sound_at(track["path"])} for track in tracks)
        return [*ranked_hits(found, scores, by=self._by)]

    def column(self, name: str) -> list[str]:
        """(n,)."""
        return [text or "" for text in self._library.column(name)]
