"""Questions to answers without torch: the other side of :class:`antiphon.search.searcher.Searcher`, hit for hit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError, LibraryError
from antiphon.search.hits import Hits, ranked_hits, top
from antiphon.search.indexes.nearest import nearest_others
from antiphon.search.light.columns import Columns
from antiphon.search.light.record import Record
from antiphon.search.light.rows import AGAIN, Rows
from antiphon.search.light.text_side import TextSide
from antiphon.search.queries.combining import EmbeddedQuery, embed_query, without
from antiphon.search.queries.naming.first import named_first
from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import language_remarks, readable, require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark

if TYPE_CHECKING:
    from antiphon.library.tracks import Library
    from antiphon.search.filters.evaluate import TrackFilter
    from antiphon.search.indexes.exact import Index
    from antiphon.search.moments import Moments
    from antiphon.search.searcher import Searcher

TRACK_ID, TITLE, ARTIST, PATH, ALBUM, LYRICS = range(6)
WORTH_LISTS = 1 << 30
"""Bytes of vectors from which inverted lists answer sooner: below, reading them all takes less than loading faiss."""


class LightSearcher:
    """Answers questions about one library with what was prepared for one checkpoint.

    Parameters
    ----------
    root : the library.
    record : that holds.

    Raises
    ------
    CheckpointError, EmbeddingError : what was prepared is damaged.
    """

    one_way = True

    def __init__(self, root: Path, record: Record) -> None:
        self._folder = folder = root / "index" / record.folder
        self.text_side = TextSide(folder)
        self._record, self._root = record, root
        self._filter: TrackFilter | None = None
        self._lists_from = WORTH_LISTS
        self._tracks = Columns(folder)
        self._vectors = Rows(root / "index" / record.vectors)
        if len(self._tracks) != len(self._vectors):
            raise EmbeddingError(
                f"{folder} has texts of {len(self._tracks)} tracks, and vectors of {len(self._vectors)}.", fix=AGAIN
            )

    def stay(self) -> None:
        """Get ready for many questions: vectors stay in memory, and lists answer wherever there are any."""
        self._vectors.keep()
        self._lists_from = 0

    @property
    def name(self) -> str:
        """Of the checkpoint."""
        return self._record.name

    @property
    def by_people(self) -> bool:
        """Whether any caption that a person wrote has taught the checkpoint."""
        return self._record.by_people

    @cached_property
    def library(self) -> Library:
        """The library; opening it loads pyarrow."""
        from antiphon.library.tracks import Library

        return Library(self._root)

    @cached_property
    def track_ids(self) -> NDArray[np.object_]:
        """(n,) strings: the tracks of the index."""
        return np.array(self._tracks.whole(TRACK_ID), object)

    @property
    def text_encoder(self) -> str:
        """Name of what reads texts; several joined by +."""
        return self.text_side.encoder.card.name

    def track_vector(self, track_id: str) -> NDArray[np.float32]:
        """(dim,) a track of the index in the shared space."""
        return self._vectors.row(self._row(track_id))[: self._record.dim]

    def project_texts(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, dim) texts in the shared space, of what the text encoder read."""
        return self.text_side.project(raw)

    def scores(self, text: str) -> NDArray[np.float32]:
        """(n,) how well each track of the index answers a text that is not blank."""
        return self._vectors.products(self.text_side.score([text])[0])

    def cosines(self, track_id: str) -> NDArray[np.float32]:
        """(n,) of a track of the index with each; LibraryError where the index has none of this id."""
        return self._vectors.products(self.track_vector(track_id))

    def marked(self, hits: Hits, text: str) -> Hits:
        """Answers, each with where it fits the words best, where window vectors are kept."""
        return self._windows.mark(hits, readable(text)) if self._record.hears else hits

    @cached_property
    def _windows(self) -> Moments:
        from antiphon.search.light.audio_side import AudioSide
        from antiphon.search.moments import Moments

        return Moments(self.library, AudioSide(self._folder, self._record.hears, self.text_side))

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer ``text`` best; errors as :meth:`antiphon.search.searcher.Searcher.search`."""
        require_some(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best; errors as :meth:`antiphon.search.searcher.Searcher.answer`."""
        require_some(k)
        if query.files:
            return self._by_torch.answer(query, k=k, where=where)
        allowed = self._allowed(where)
        for track_id in query.named:
            allowed[self._row(track_id)] = False
        found = embed_query(
            query, self.text_side.score, lambda each: self._vectors.row(self._row(each)), self._record.dim
        )
        named = self._names.found(query) if query.wanted else None
        hits = named_first(named, allowed, k, lambda some, count: self._nearest(found, count, some))
        return self.marked(hits, query.words) if query.wanted else hits

    @cached_property
    def _by_torch(self) -> Searcher:
        """What hears audio files: most audio encoders take torch."""
        from antiphon.search.searcher import Searcher

        return Searcher(self._root, Path(self._record.checkpoint))

    @cached_property
    def _names(self) -> TrackNames:
        whole = self._tracks.whole
        return TrackNames(whole(ARTIST), whole(TITLE), whole(ALBUM), lyrics=lambda: whole(LYRICS))

    def _nearest(self, found: EmbeddedQuery, k: int, allowed: NDArray[np.bool_]) -> Hits:
        if self._has_lists and not len(found.excluded):
            return self._of_a_large_index(found.vector, k, allowed)
        cosines = [self._vectors.products(each) for each in found.excluded]
        scores = self._vectors.products(found.vector)
        return self._hits(without(scores, np.stack(cosines)) if cosines else scores, k, allowed)

    def _row(self, track_id: str) -> int:
        row = self._tracks.row_of(TRACK_ID, track_id)
        if row is None:
            raise LibraryError(f"The index has no track '{track_id}'.", fix="Ids stand in tracks.parquet.")
        return row

    @property
    def _has_lists(self) -> bool:
        """Whether lists answer, nearly exactly, in place of all vectors, exactly."""
        n, k = self._vectors.shape
        if 4 * n * k < self._lists_from:
            return False
        name = self._record.vectors.replace("vectors-", "lists-").replace(".npy", ".faiss")
        return (self._root / "index" / name).exists()

    def _of_a_large_index(self, query: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]) -> Hits:
        """Answers of inverted lists, which are worth pyarrow's and faiss's loading."""
        found = self.index.nearest(query, k, allowed=None if allowed.all() else allowed)
        return self._found(found.places, found.scores)

    @cached_property
    def index(self) -> Index:
        """The index that it answers from; opening it loads pyarrow.

        Raises
        ------
        EmbeddingError, LibraryError : it is damaged, or another one has taken its place.
        """
        from antiphon.search.indexes.exact import open_index

        index = open_index(self._root)
        if index.about["vectors"] != self._record.vectors:
            raise LibraryError("The index was replaced while it was asked.", fix="Ask again.")
        return index

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks nearest to one; errors as :meth:`antiphon.search.searcher.Searcher.similar`."""
        require_some(k)
        row = self._row(track_id)
        others = self._allowed(where)
        others[row] = False
        alike = np.array(self._vectors.row(row))
        alike[self._record.dim :] = 0  # what corrects scores is no part of a cosine
        return self._nearest(EmbeddedQuery(alike, np.empty((0, self._record.dim), np.float32)), k, others)

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each of some tracks the k nearest to it, itself left out; none of one that the index lacks."""
        rows = {each: row for each in track_ids if (row := self._tracks.row_of(TRACK_ID, each)) is not None}
        if self._has_lists:
            near = {each: [hit.track_id for hit in self.similar(each, k=k)] for each in rows}
            return [near.get(each, []) for each in track_ids]
        places, dim = [*rows.values()], self._record.dim
        vectors = np.array([self._vectors.row(place)[:dim] for place in places], np.float32).reshape(-1, dim)
        others = nearest_others(places, vectors, self._vectors.products, n=len(self._vectors), k=k)
        ids = [[self._tracks.cell(TRACK_ID, place) for place in own] for own in others]
        found = dict(zip(rows, ids, strict=True))
        return [found.get(each, []) for each in track_ids]

    def _allowed(self, where: str | None) -> NDArray[np.bool_]:
        """(n,) which tracks of the index a filter allows; only a filter loads pyarrow."""
        if where is None:
            return np.ones(len(self._vectors), bool)
        from antiphon.search.filters.evaluate import TrackFilter

        if self._filter is None:
            self._filter = TrackFilter(self.library)
        return self._filter.allowed(where)[self.index.rows]

    @property
    def vectors_name(self) -> str:
        """Name of the index's file of vectors."""
        return self._record.vectors

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read texts that will be asked for together, and remember them."""
        self.text_side.read(texts)

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) texts that are not blank, as the text encoder reads them."""
        return np.asarray(self.text_side.read(texts), np.float32)

    def scores_of(self, text: str, track_ids: Sequence[str]) -> NDArray[np.float32]:
        """(m,) how well some tracks of the index answer a text that is not blank."""
        places = [self._tracks.row_of(TRACK_ID, track) for track in track_ids]
        rows = np.stack([self._vectors.row(place) for place in places if place is not None])
        found: NDArray[np.float32] = rows @ self.text_side.score([text])[0]
        return found

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers, a sentence each."""
        lines = list(self._record.remarks)
        return [*lines, *map(str, self.query_remarks(text))] if text else lines

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read."""
        lines = []
        encoder = self.text_side.encoder
        cut = getattr(encoder, "cut", lambda texts: [False] * len(texts))([readable(text)])
        if cut[0]:
            most = encoder.most_tokens  # type: ignore[attr-defined]
            lines.append(Remark(problem=f"the query is longer than {most} tokens; the rest was not read."))
        return lines + language_remarks(readable(text), [encoder.card], self._root)

    def _hits(self, scores: NDArray[np.float32], k: int, allowed: NDArray[np.bool_]) -> Hits:
        scores = np.where(allowed, scores, -np.inf)
        places = top(scores, min(k, int(allowed.sum())))
        return self._found(places, scores[places])

    def _found(self, places: NDArray[np.int64], scores: NDArray[np.float32]) -> Hits:
        columns = {"track_id": TRACK_ID, "title": TITLE, "artist": ARTIST, "path": PATH}
        tracks = ({name: self._tracks.cell(c, place) for name, c in columns.items()} for place in places.tolist())
        return ranked_hits(tracks, scores, by=self._record.name)
