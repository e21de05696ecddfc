"""What playlists are made from: a library's tracks, with how well they answer and what they have in common.

Where searches are prepared to start without torch, so are playlists; before any training the scores are those of
:mod:`antiphon.search.zero_shot`, and nothing is known of what two tracks have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.tracks import Library
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.hits import Hit
from antiphon.search.indexes.exact import Index, open_index
from antiphon.search.light.opening import light_searcher
from antiphon.search.queries.combining import Asked, asked, without
from antiphon.search.queries.reading import read_query
from antiphon.texts import normalised_text

if TYPE_CHECKING:
    from antiphon.search.answering import Answering
    from antiphon.search.searcher import Searcher

Float32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
SHOWN = 5


class Source(Protocol):
    """Tracks of one library, each under its place, 0 … n−1."""

    def scores(self, texts: Sequence[str]) -> Float32:
        """(texts, n) how well each track answers each text; −inf for one of which nothing is known."""

    def scores_like(self, place: int) -> Float32:
        """(n,) how like one track the others are."""

    def angles(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(texts − 1,) radians from each text to the next."""

    def vectors(self, places: Sequence[int]) -> Float32:
        """(places, d) of unit length; d is 0 where there is no shared space."""

    def allowed(self, where: str | None) -> Mask:
        """(n,) which tracks a filter allows."""

    def hits(self, places: Sequence[int], scores: Float32) -> list[Hit]:
        """Tracks as answers, in this order."""

    def column(self, name: str) -> list[str]:
        """(n,) track_id, title, artist or path of each."""

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside a playlist."""


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

    def scores(self, texts: Sequence[str]) -> Float32:
        """(texts, n), less what tracks lose for what a text excludes."""
        return np.stack([self._scores(query) for query in map(self._asked, texts)])

    def _scores(self, query: Asked) -> Float32:
        scores: Float32 = self.index.vectors @ query.vector
        cosines = query.excluded @ self.index.vectors[:, : self._dim].T
        return without(scores, cosines) if len(query.excluded) else scores

    def _asked(self, text: str) -> Asked:
        return asked(read_query(text), self._score, self._vector, self._dim)

    def _vector(self, track_id: str) -> Float32:
        return np.asarray(self.index.vectors[self.index.place_of(track_id)])

    def scores_like(self, place: int) -> Float32:
        """(n,) cosines in the shared space."""
        found: Float32 = self.index.vectors[:, : self._dim] @ self.index.vectors[place, : self._dim]
        return found

    def angles(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """(texts − 1,) in the shared space."""
        queries = np.stack([self._asked(text).vector for text in texts])[:, : self._dim].astype(np.float64)
        queries /= np.linalg.norm(queries, axis=1, keepdims=True)
        found: NDArray[np.float64] = np.arccos(np.clip((queries[1:] * queries[:-1]).sum(axis=1), -1, 1))
        return found

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
        rows = zip(self.index.described(places), scores.tolist(), strict=True)
        return [
            Hit(
                rank=rank,
                track_id=track["track_id"],
                score=round(score, 6),
                title=track["title"],
                artist=track["artist"],
                path=track["path"],
                by=self._name,
            )
            for rank, (track, score) in enumerate(rows, start=1)
        ]

    def column(self, name: str) -> list[str]:
        """(n,)."""
        return [text or "" for text in self.index.tracks.column(name).to_pylist()]

    def remarks(self, text: str = "") -> list[str]:
        """Of the searcher."""
        return self._remarks(text)


class UntrainedSource:
    """Before any training, or with one that no person's caption taught: by what answers searches then."""

    def __init__(self, searcher: Answering, library: Library) -> None:
        self._searcher, self._library = searcher, library
        self._row = library.row_of_track

    def scores(self, texts: Sequence[str]) -> Float32:
        """(texts, n) in spreads of the library."""
        n = len(self._row)
        return np.stack([self._spread([*self._searcher.search(text, k=n)]) for text in texts])

    def scores_like(self, place: int) -> Float32:
        """(n,)."""
        return self._spread([*self._searcher.similar(self.column("track_id")[place], k=len(self._row))])

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

    def angles(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Right angles: nothing is known of what two texts have in common."""
        return np.full(len(texts) - 1, np.pi / 2)

    def vectors(self, places: Sequence[int]) -> Float32:
        """None are comparable."""
        return np.empty((len(places), 0), np.float32)

    def allowed(self, where: str | None) -> Mask:
        """(n,)."""
        return np.ones(len(self._row), bool) if where is None else TrackFilter(self._library).allowed(where)

    def hits(self, places: Sequence[int], scores: Float32) -> list[Hit]:
        """In this order, ranks from 1."""
        columns = {name: self.column(name) for name in ("track_id", "title", "artist", "path")}
        return [
            Hit(
                rank=rank,
                track_id=columns["track_id"][place],
                score=round(float(score), 6),
                title=columns["title"][place],
                artist=columns["artist"][place],
                path=self._library.sound_at(columns["path"][place]),
                by="before training",
            )
            for rank, (place, score) in enumerate(zip(places, scores, strict=True), start=1)
        ]

    def column(self, name: str) -> list[str]:
        """(n,)."""
        return [text or "" for text in self._library.column(name)]


def open_source(root: Path, checkpoint: Path | None = None) -> Source:
    """What a library's playlists are made from: prepared without torch, or a checkpoint, or before any training.

    Raises
    ------
    LibraryError, CheckpointError : there is no library; the checkpoint that is named cannot be read.
    """
    light = light_searcher(root, checkpoint)
    if light is not None and (light.by_people or checkpoint is not None):
        side = light.text_side
        return TrainedSource(
            Library(root), open_index(root), score=side.score, dim=side.dim, name=side.name, remarks=light.remarks
        )
    from antiphon.search.answering import answering
    from antiphon.search.light.preparing import prepare
    from antiphon.search.searcher import Searcher

    found = answering(root, checkpoint)
    if isinstance(found, Searcher):
        prepare(found)
    return of_answering(found, Library(root))


def of_answering(found: Answering, library: Library) -> Source:
    """The same from what answers searches."""
    from antiphon.search.searcher import Searcher

    return of_searcher(found) if isinstance(found, Searcher) else UntrainedSource(found, library)


def of_searcher(searcher: Searcher) -> TrainedSource:
    """The same from a searcher that is open."""
    model = searcher.model
    return TrainedSource(
        searcher.library,
        searcher.index,
        score=model.score_text,
        dim=model.dim,
        name=model.name,
        remarks=searcher.remarks,
    )


def find_track(source: Source, named: str) -> int:
    """The place of a track by its id, its title, or "artist - title", whatever the case.

    Raises
    ------
    LibraryError : there is none.
    ConfigError : several are called so.
    """
    ids = source.column("track_id")
    if named in ids:
        return ids.index(named)
    wanted = normalised_text(named)
    titles, artists = source.column("title"), source.column("artist")
    called = [
        place
        for place, (title, artist) in enumerate(zip(titles, artists, strict=True))
        if title
        and wanted in {normalised_text(f"{artist}{mark}{title}") for mark in (" - ", " – ")} | {normalised_text(title)}
    ]
    if not called:
        raise LibraryError(
            f"No track has the id or the title '{named}'.", fix=f'Look for it: antiphon search "{named}"'
        )
    if len(called) > 1:
        some = "; ".join(f"{ids[place]} ({artists[place] or 'no artist'})" for place in called[:SHOWN])
        more = f" and {len(called) - SHOWN} more" if len(called) > SHOWN else ""
        raise ConfigError(f"{len(called)} tracks are called '{named}': {some}{more}.", fix=f"--radio {ids[called[0]]}")
    return called[0]
