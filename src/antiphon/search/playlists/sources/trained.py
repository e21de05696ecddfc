"""Tracks of the library's own index, with a checkpoint: by torch, or as searches are prepared without."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.library.tracks import Library
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.hits import Hit, ranked_hits
from antiphon.search.indexes.exact import Index
from antiphon.search.playlists.sources.source import Float32, Mask, angles_between
from antiphon.search.queries.combining import EmbeddedQuery, embed_query, without
from antiphon.search.queries.query import Query


class TrainedSource:
    """With a checkpoint.

    Parameters
    ----------
    index : of the checkpoint.
    score : texts → (texts, score_dim), what tracks are ranked by.
    dim : numbers of a vector that are the shared space's.
    name : of the checkpoint.
    """

    def __init__(
        self,
        library: Library,
        index: Index,
        *,
        score: Callable[[Sequence[str]], Float32],
        dim: int,
        name: str,
        remarks: Callable[[str], list[str]],
    ) -> None:
        self.index, self._library, self._score, self._dim, self._name = index, library, score, dim, name
        self._remarks = remarks

    def scores(self, queries: Sequence[Query], where: str | None = None) -> Float32:
        """(queries, n), less what tracks lose for what a query excludes."""
        return self._only(np.stack([self._scores(self._asked(query)) for query in queries]), where)

    def _only(self, scores: Float32, where: str | None) -> Float32:
        return np.where(self.allowed(where), scores, np.float32(-np.inf))

    def _scores(self, query: EmbeddedQuery) -> Float32:
        scores: Float32 = self.index.vectors @ query.vector
        cosines = query.excluded @ self.index.vectors[:, : self._dim].T
        return without(scores, cosines) if len(query.excluded) else scores

    def _asked(self, query: Query) -> EmbeddedQuery:
        return embed_query(query, self._score, self._vector, self._dim)

    def _vector(self, track_id: str) -> Float32:
        return np.asarray(self.index.vectors[self.index.place_of(track_id)])

    def scores_like(self, place: int, where: str | None = None) -> Float32:
        """(n,) cosines in the shared space."""
        return self._only(self.index.vectors[:, : self._dim] @ self.index.vectors[place, : self._dim], where)

    def angles(self, queries: Sequence[Query]) -> NDArray[np.float64]:
        """(queries − 1,) in the shared space."""
        return angles_between(np.stack([self._asked(query).vector for query in queries])[:, : self._dim])

    def vectors(self, places: Sequence[int]) -> Float32:
        """(places, dim)."""
        return np.asarray(self.index.vectors[np.asarray(places, np.int64), : self._dim])

    def allowed(self, where: str | None) -> Mask:
        """(n,)."""
        if where is None:
            return np.ones(len(self.index), bool)
        return TrackFilter(self._library).allowed(where)[self.index.rows]

    def hits(self, places: Sequence[int], scores: Float32) -> list[Hit]:
        """In this order, ranks from 1."""
        return [*ranked_hits(self.index.described(places), scores, by=self._name)]

    def column(self, name: str) -> list[str]:
        """(n,)."""
        return [text or "" for text in self.index.tracks.column(name).to_pylist()]

    def remarks(self, text: str = "") -> list[str]:
        """Of the searcher."""
        return self._remarks(text)
