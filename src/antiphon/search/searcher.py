"""Questions to answers: text to tracks, and a track to tracks like it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.model import Model
from antiphon.align.checkpoint.sealed import shown_name
from antiphon.embed.text import cut_notes
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.search.bundle.opening import open_model, standing_remarks
from antiphon.search.checkpoints import checkpoint_for_search, taught_by_people
from antiphon.search.coverage import coverage
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.filters.fields import Mask
from antiphon.search.hits import Hits, ranked_hits, top
from antiphon.search.indexes.current import current_index
from antiphon.search.indexes.exact import Index
from antiphon.search.indexes.nearest import Found, nearest_others
from antiphon.search.moments import Moments
from antiphon.search.queries.combining import EmbeddedQuery, embed_query, without
from antiphon.search.queries.naming.first import named_first
from antiphon.search.queries.naming.lyrics import lyrics_of
from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import language_remarks, readable, require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark
from antiphon.search.queries.remembered import Remembered
from antiphon.search.transfer import transfer_remarks


class Searcher:
    """Answers questions about one library with one checkpoint.

    Parameters
    ----------
    root : the library.
    checkpoint : a file, or one that is loaded; None for :func:`checkpoint_for_search`.
    keep_index : write an index that had to be made, in place of the one that is there.
    """

    one_way = True

    def __init__(self, root: Path, checkpoint: Path | Model | None = None, *, keep_index: bool = True) -> None:
        self.model = (
            checkpoint if isinstance(checkpoint, Model) else open_model(checkpoint or checkpoint_for_search(root))
        )
        self.checkpoint = self.model.path
        self.library = Library(root)
        self.index: Index = current_index(root, self.checkpoint, self.model.encoder, keep=keep_index)
        self._filter = TrackFilter(self.library)
        self._scored = Remembered(lambda texts: self.model.score_text(texts))
        self._moments: Moments | None = None

    @property
    def name(self) -> str:
        """Of the checkpoint."""
        return self.model.name

    @property
    def by_people(self) -> bool:
        """Whether any caption that a person wrote has taught the checkpoint."""
        return taught_by_people(self.model.bundle)

    @property
    def track_ids(self) -> NDArray[np.object_]:
        """(n,) strings: the tracks of the index."""
        return self.index.track_ids

    @property
    def text_encoder(self) -> str:
        """Name of what reads texts; several joined by +."""
        return self.model.text_encoder

    def track_vector(self, track_id: str) -> NDArray[np.float32]:
        """(dim,) a track of the index in the shared space."""
        return self._track(track_id)[: self.model.dim]

    def project_texts(self, raw: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, dim) texts in the shared space, of what the text encoder read."""
        return self.model.bundle.embed_text(raw)

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks whose audio answers ``text`` best.

        Parameters
        ----------
        text : words, read by :mod:`antiphon.search.queries.reading`: weights and what is not wanted count.
        where : a filter that answers must pass, such as ``"year >= 1970"`` (:mod:`antiphon.search.filters`).

        Raises
        ------
        LibraryError : the text is empty.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        require_some(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best: words with weights, without what is excluded, like some tracks.

        The tracks that it names are no answers. What is excluded is weighed against every track, also of a large index.

        Raises
        ------
        LibraryError : the index has no such track.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        hits = self.ranked(query, k=k, where=where)
        return self.marked(hits, query.words) if query.wanted else hits

    def ranked(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The same, without a word on where in a track the words fit best."""
        require_some(k)
        allowed = self._allowed(where)
        if query.named:
            allowed = np.ones(len(self.index), bool) if allowed is None else allowed.copy()
            allowed[[self.index.place_of(track_id) for track_id in query.named]] = False
        found = embed_query(query, self._scored, self._track, self.model.dim, self._file)
        named = self._names.found(query) if query.wanted else None
        if named is None:
            return self._hits(self._nearest(found, k, allowed))
        mask = np.ones(len(self.index), bool) if allowed is None else allowed
        return named_first(named, mask, k, lambda some, count: self._hits(self._nearest(found, count, some)))

    @cached_property
    def _names(self) -> TrackNames:
        artists, titles = (self.index.tracks.column(name).to_pylist() for name in ("artist", "title"))
        return TrackNames(artists, titles, self.more_names()[0], self._lyrics)

    def more_names(self) -> tuple[list[str], list[str]]:
        """(n,) albums, and (n,) lyrics, of the tracks of the index; "" where there are none."""
        albums: list[str] = self.library.column("album")[self.index.rows].tolist()
        return albums, self._lyrics() or [""] * len(albums)

    def _lyrics(self) -> list[str]:
        lyrics = lyrics_of(self.library)
        return [lyrics[row] for row in self.index.rows] if lyrics else []

    def _track(self, track_id: str) -> NDArray[np.float32]:
        return np.asarray(self.index.vectors[self.index.place_of(track_id)])

    def _file(self, path: str) -> NDArray[np.float32]:
        from antiphon.embed.workers.one_file import file_vector

        raw = file_vector(Path(path), self.model.bundle.audio_provenance)
        found: NDArray[np.float32] = self.model.score_audio(raw.astype(np.float32)[None])[0]
        return found

    def _nearest(self, query: EmbeddedQuery, k: int, allowed: Mask | None) -> Found:
        if not len(query.excluded):
            return self.index.nearest(query.vector, k, allowed=allowed)
        vectors = self.index.vectors
        scores = without(vectors @ query.vector, query.excluded @ vectors[:, : self.model.dim].T)
        places = np.arange(len(scores)) if allowed is None else np.flatnonzero(allowed)
        best = places[top(scores[places], k)]
        return Found(best, scores[best])

    def _allowed(self, where: str | None) -> Mask | None:
        """(n,) which tracks of the index a filter allows; None for all."""
        return None if where is None else self._filter.allowed(where)[self.index.rows]

    def marked(self, hits: Hits, text: str) -> Hits:
        """Answers of this library, each with where it fits the words best, where window vectors are kept."""
        return self._windows.mark(hits, readable(text))

    @property
    def keeps_windows(self) -> bool:
        """Whether answers say where in a track the words fit best."""
        return bool(self._windows)

    @property
    def _windows(self) -> Moments:
        if self._moments is None:
            self._moments = Moments(self.library, self.model)
        return self._moments

    def scores(self, text: str) -> NDArray[np.float32]:
        """(n,) how well each track of the index answers a text that is not empty."""
        found: NDArray[np.float32] = self.index.vectors @ self.model.score_text([text])[0]
        return found

    def cosines(self, track_id: str) -> NDArray[np.float32]:
        """(n,) of a track of the index with each; LibraryError where the index has none of this id."""
        found: NDArray[np.float32] = self.index.vectors[:, : self.model.dim] @ self.track_vector(track_id)
        return found

    @property
    def vectors_name(self) -> str:
        """Name of the index's file of vectors; "" where the index is in memory alone."""
        return str(self.index.about.get("vectors", ""))

    def read_ahead(self, texts: Sequence[str]) -> None:
        """Read texts that will be asked for together, and remember them."""
        self._scored(texts)

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, d) texts that are not blank, as the text encoder reads them."""
        return np.asarray(self.model.load_text_encoder().encode(list(texts)), np.float32)

    def scores_of(self, text: str, track_ids: Sequence[str]) -> NDArray[np.float32]:
        """(m,) how well some tracks of the index answer a text that is not blank."""
        rows = np.asarray(self.index.vectors[[self.index.place_of(track) for track in track_ids]])
        found: NDArray[np.float32] = rows @ self.model.score_text([text])[0]
        return found

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers: what was searched, what is missing yet, what of a query was not read."""
        lines = [f"Searched {counted(len(self.index), 'track')} with {shown_name(self.checkpoint)}.", *self.standing()]
        return [*lines, *map(str, self.query_remarks(text))] if text else lines

    def standing(self) -> list[str]:
        """What is to be known of the checkpoint on this library: how good it is, and what is missing yet."""
        return [
            *standing_remarks(self.checkpoint),
            *coverage(self.library, self.model.encoder),
            *transfer_remarks(self.model.bundle, self.library, self.index.vectors),
        ]

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read."""
        encoder = self.model.load_text_encoder()
        notes = cut_notes(encoder, [readable(text)])
        lines = [Remark(problem=f"the query is {note}.") for note in notes if note]
        return lines + language_remarks(readable(text), [encoder.card], self.library.root)

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks nearest to a track in the shared space (by cosine), itself left out.

        Parameters
        ----------
        where : a filter that answers must pass, as for :meth:`search`.

        Raises
        ------
        LibraryError : the index has no such track.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        require_some(k)
        place = self.index.place_of(track_id)
        others = np.arange(len(self.index)) != place
        allowed = self._allowed(where)
        others &= True if allowed is None else allowed
        alike = np.array(self.index.vectors[place])
        alike[self.model.dim :] = 0  # what corrects scores is no part of a cosine
        return self._hits(self.index.nearest(alike, k, allowed=others))

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each of some tracks the k nearest to it, itself left out; none of one that the index lacks."""
        index, place_of = self.index, {each: place for place, each in enumerate(self.index.track_ids)}
        there = [each for each in track_ids if each in place_of]
        if index.lists is not None:
            near = {each: [hit.track_id for hit in self.similar(each, k=k)] for each in there}
            return [near.get(each, []) for each in track_ids]
        places, vectors = [place_of[each] for each in there], index.vectors[:, : self.model.dim]
        others = nearest_others(places, vectors[places], vectors.__matmul__, n=len(index), k=k)
        found = {each: index.track_ids[own].tolist() for each, own in zip(there, others, strict=True)}
        return [found.get(each, []) for each in track_ids]

    def nearest(self, vector: NDArray[Any], *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a vector best: one that the model's ``embed_text`` gave, or was made of such.

        Parameters
        ----------
        vector : (dim,) of any length but 0.
        where : a filter that answers must pass, as for :meth:`search`.

        Raises
        ------
        ArgumentError, CheckpointError : it is no vector of the shared space.
        """
        query = self.model.score_vectors(np.asarray(vector)[None])[0]
        return self._hits(self.index.nearest(query, k, allowed=self._allowed(where)))

    def _hits(self, found: Found) -> Hits:
        return ranked_hits(self.index.described(found.places.tolist()), found.scores, by=self.model.name)
