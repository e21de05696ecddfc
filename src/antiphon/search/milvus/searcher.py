"""Questions to answers, from a Milvus collection: the same calls as those of the library's own index."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.model import Model
from antiphon.errors import ConfigError, EmbeddingError, LibraryError
from antiphon.library.commands import command
from antiphon.library.files import file_hash
from antiphon.library.tracks import Library
from antiphon.search.bundle.opening import open_model
from antiphon.search.checkpoints import checkpoint_for_search
from antiphon.search.hits import Hit, Hits, ranked_hits
from antiphon.search.milvus.address import Address
from antiphon.search.milvus.collection import Collection
from antiphon.search.milvus.expressions import milvus_expression
from antiphon.search.queries.combining import embed_query, subtracted
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import language_remarks, readable, require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark

MOST = 16_384
"""Answers that a Milvus server gives at most."""


class MilvusSearcher:
    """Answers questions about one library from a collection that holds its tracks.

    Parameters
    ----------
    root : the library: its fields, and its checkpoint.
    address : the collection.
    checkpoint : a file; None for the one that search takes.

    Raises
    ------
    EmbeddingError : the collection is not there, or holds the tracks of another checkpoint.
    """

    one_way = True

    def __init__(self, root: Path, address: Address, checkpoint: Path | None = None) -> None:
        self.checkpoint = checkpoint or checkpoint_for_search(root)
        self.library = Library(root)
        if address.file is not None and not address.file.exists():  # Milvus Lite would make it
            raise self._empty(address)
        self._collection = Collection(address)
        self._own = self._collection.name_for(file_hash(self.checkpoint))
        try:
            self.require_current()
            self._collection.load(self._own)
        except EmbeddingError:
            self._collection.close()
            raise
        self.model: Model = open_model(self.checkpoint)

    def require_current(self) -> None:
        """Refuse a collection with the tracks of another checkpoint: scores with it would mean nothing.

        Raises
        ------
        EmbeddingError : it holds those by now, or none, or nobody answers.
        """
        address, here = self._collection.address, self._collection.in_use()
        if here is None:
            raise self._empty(address)
        if here != self._own:
            raise EmbeddingError(
                f"{address.shown} holds tracks of another checkpoint than {self.checkpoint.name}.",
                fix=self._filled_by(address),
            )

    def _empty(self, address: Address) -> EmbeddingError:
        return EmbeddingError(f"{address.shown} holds no tracks yet.", fix=self._filled_by(address))

    def _filled_by(self, address: Address) -> str:
        return command(f"index {shlex.quote(str(self.checkpoint))} --index {address.shown}", self.library.root)

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer ``text`` best; errors as :meth:`antiphon.search.searcher.Searcher.search`."""
        _require_k(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best; errors as :meth:`antiphon.search.searcher.Searcher.answer`.

        A server is asked with one vector: half of what is excluded is taken from it.
        """
        _require_k(k)
        found = subtracted(embed_query(query, self.model.score_text, self._vector, self.model.dim, self._file))
        hits = self._hits(found, min(k + len(query.named), MOST), self._expression(where))
        others = [hit for hit in hits if hit.track_id not in query.named][:k]
        return Hits(_ranked(hit, rank) for rank, hit in enumerate(others, start=1))

    def _vector(self, track_id: str) -> np.ndarray:
        found = self._collection.vectors_of(self._own, [track_id])
        if track_id not in found:
            raise LibraryError(f"The index has no track '{track_id}'.", fix="Ids stand in tracks.parquet.")
        return np.array(found[track_id], np.float32)

    def _file(self, path: str) -> np.ndarray:
        from antiphon.embed.workers.one_file import file_vector

        raw = file_vector(Path(path), self.model.bundle.audio_provenance)
        return np.asarray(self.model.score_audio(raw.astype(np.float32)[None])[0], np.float32)

    def vector_for(self, query: Query) -> np.ndarray:
        """(dim,) what a query asks of the shared space, what it excludes left aside."""
        found = embed_query(query, self.model.score_text, self._vector, self.model.dim)
        return np.asarray(found.vector[: self.model.dim], np.float32)

    def track_vectors(self, track_ids: Sequence[str]) -> np.ndarray:
        """(n, dim) float32; zeros for a track that is not there."""
        found = self._collection.vectors_of(self._own, track_ids)
        nothing = [0.0] * self.model.dim
        rows = [found.get(track_id, nothing)[: self.model.dim] for track_id in track_ids]
        return np.array(rows, np.float32).reshape(len(track_ids), self.model.dim)

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks nearest to a track, itself left out; errors as there."""
        _require_k(k)
        query = self._vector(track_id)
        query[self.model.dim :] = 0  # what corrects scores is no part of a cosine
        found = self._hits(query, min(k + 1, MOST), self._expression(where))
        others = [hit for hit in found if hit.track_id != track_id][:k]
        return Hits(_ranked(hit, rank) for rank, hit in enumerate(others, start=1))

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers, a sentence each."""
        notes = map(str, self.query_remarks(text) if text else ())
        return [f"Searched {self._collection.address.shown} with {self.model.name}.", *notes]

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read."""
        return language_remarks(readable(text), [self.model.load_text_encoder().card], self.library.root)

    def close(self) -> None:
        """End the connection."""
        self._collection.close()

    def _expression(self, where: str | None) -> str:
        return "" if where is None else milvus_expression(self.library, where)

    def _hits(self, query: np.ndarray, k: int, where: str) -> Hits:
        found = self._collection.nearest(self._own, query.tolist(), k, where)
        return ranked_hits(found, (row["score"] for row in found), by=self.model.name)


def _ranked(hit: Hit, rank: int) -> Hit:
    return Hit(**{**hit.to_dict(), "rank": rank})


def _require_k(k: int) -> None:
    require_some(k)
    if k >= MOST:
        raise ConfigError(f"k is {k:,}: Milvus gives fewer than {MOST:,} answers.", fix="Ask for fewer.")
