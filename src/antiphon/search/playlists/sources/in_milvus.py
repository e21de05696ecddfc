"""Tracks of a Milvus collection: those that it answers with, and the vectors of those that matter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.search.milvus.searcher import MOST, MilvusSearcher
from antiphon.search.playlists.sources.searched import SearchedSource
from antiphon.search.playlists.sources.source import Float32, angles_between
from antiphon.search.queries.query import Query


class MilvusSource(SearchedSource):
    """Tracks of one library as a collection ranks them: of a larger catalogue the first 16,383 of each question."""

    def __init__(self, searcher: MilvusSearcher) -> None:
        super().__init__(searcher, searcher.library, by=searcher.model.name)
        self._milvus = searcher
        self._most = min(self._most, MOST - 1)

    def angles(self, queries: Sequence[Query]) -> NDArray[np.float64]:
        """(queries − 1,) in the shared space."""
        return angles_between(np.stack([self._milvus.vector_for(query) for query in queries]))

    def vectors(self, places: Sequence[int]) -> Float32:
        """(places, dim); zeros for a track that is not there."""
        ids = self.column("track_id")
        return self._milvus.track_vectors([ids[place] for place in places])

    def remarks(self, text: str = "") -> list[str]:
        """Of the searcher."""
        return self._milvus.remarks(text)
