"""A library without a training, searched."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrow import arrow_rows
from antiphon.encoders._shared.native import TEXT_SIDE
from antiphon.encoders._shared.weights import weights_here
from antiphon.errors import LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.next_step import what_next
from antiphon.library.tracks import Library
from antiphon.registry import find
from antiphon.search.coverage import coverage
from antiphon.search.filters.evaluate import TrackFilter
from antiphon.search.filters.fields import Mask
from antiphon.search.hits import Hit, Hits, top
from antiphon.search.indexes.nearest import AT_ONCE
from antiphon.search.queries.named import nearest_name
from antiphon.search.queries.naming.first import NAME, named_first
from antiphon.search.queries.naming.lyrics import lyrics_of
from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.query import Query
from antiphon.search.queries.readable import language_remarks, readable, require_some
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.remark import Remark
from antiphon.search.zero_shot.mixture import Mixed, mix_query
from antiphon.search.zero_shot.similar import Sounds
from antiphon.search.zero_shot.ways.find import Ways, find_ways
from antiphon.search.zero_shot.ways.way import Float32, Way, in_spreads

SOUND = "sound vectors"
"""What an answer's ``by`` says where audio vectors were compared with audio vectors."""
TAGGER = "musicnn"
"""The encoder that is named where none of a library puts sound into words."""


class UntrainedSearcher:
    """Answers questions about one library with what it has, without a checkpoint.

    Parameters
    ----------
    root : the library.

    Raises
    ------
    LibraryError : there is none.
    """

    one_way = False

    def __init__(self, root: Path) -> None:
        self.library = Library(root)
        self.sounds = Sounds(self.library)
        self._ways: Ways | None = None
        self._filter = TrackFilter(self.library)

    def stay(self) -> None:
        """Get ready for many questions: audio vectors stay in memory."""
        self.sounds.stay()

    @property
    def ways(self) -> Ways:
        """What it answers with; looked for at the first question."""
        if self._ways is None:
            self._ways = find_ways(self.library)
        return self._ways

    def search(self, text: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer ``text`` best; fewer where the ways that there are know fewer.

        Parameters
        ----------
        where : a filter that answers must pass (:mod:`antiphon.search.filters`).

        Raises
        ------
        LibraryError : the text is empty.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        require_some(k)
        return self.answer(read_query(text), k=k, where=where)

    def answer(self, query: Query, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that answer a query best; errors as :meth:`antiphon.search.searcher.Searcher.answer`."""
        require_some(k)
        if _is_one_track(query):
            return self.similar(query.like[0], k=k, where=where)
        found = self._mixed(query)
        names = np.array([*(way.name for way in self._ways_for(query)), SOUND], object)
        return self.named_first(query, found.scores, self.allowed(where), k, names[found.leading])

    def track_scores(self, query: Query) -> Float32:
        """(n,) how well each track answers a query, by what it is ranked; NaN for those that are no answers."""
        if not _is_one_track(query):
            return self._mixed(query).scores
        scores: Float32 = self.scores_like(query.like)[0]
        scores[self._row(query.like[0])] = np.nan
        return scores

    def _mixed(self, query: Query) -> Mixed:
        files = (in_spreads(self.sounds.like_file(Path(file))) for file in query.files)
        sounds = [*self._alike(query.like), *files]
        alike_named = np.mean(sounds, axis=0) if sounds else None
        found = mix_query(self._ways_for(query), query, alike_named, self._alike(query.unlike))
        for track_id in query.named:
            found.scores[self._row(track_id)] = np.nan
        return found

    def _ways_for(self, query: Query) -> Sequence[Way]:
        return self.ways.open if query.wanted or query.excluded else ()

    def _alike(self, track_ids: Sequence[str]) -> list[Float32]:
        """(n,) each, how alike tracks sound to some, in spreads."""
        return [in_spreads(scores) for scores in self.scores_like(track_ids)]

    def scores_like(self, track_ids: Sequence[str]) -> Float32:
        """(q, n) how alike the library's tracks sound to some of them, themselves among them.

        Raises
        ------
        LibraryError : there is no such track, or it has no audio vector yet.
        """
        rows = [self._row(track_id) for track_id in track_ids]
        scores = self.sounds.like(track_ids)
        for track_id, row, own in zip(track_ids, rows, scores, strict=True):
            if np.isnan(own[row]):
                fix = command("embed", self.library.root)
                raise LibraryError(f"Track '{track_id}' has no audio vector yet.", fix=fix)
        return scores

    def similar(self, track_id: str, *, k: int = 10, where: str | None = None) -> Hits:
        """The k tracks that sound most like one of the library, itself left out.

        Raises
        ------
        LibraryError : there is no such track, or it has no audio vector yet.
        ConfigError : ``k`` is below 1, or the filter is wrong.
        """
        require_some(k)
        scores = self.scores_like([track_id])[0]
        scores[self._row(track_id)] = np.nan
        scores[~self.allowed(where)] = np.nan
        return self.hits(scores, k, [SOUND] * len(scores))

    def similar_ids(self, track_ids: Sequence[str], *, k: int) -> list[list[str]]:
        """Of each of some tracks the k that sound most like it, itself left out; none of one without a vector."""
        row_of, ids = self.library.row_of_track, self.library.track_table.column("track_id")
        found, step = [], max(1, AT_ONCE // len(row_of))
        for start in range(0, len(track_ids), step):
            some = track_ids[start : start + step]
            for track_id, own in zip(some, self.sounds.like(some), strict=True):
                own[row_of[track_id]] = np.nan
                rows = top(own, min(k, int(np.isfinite(own).sum())))
                found.append(ids.take(arrow_rows(rows)).to_pylist())
        return found

    def allowed(self, where: str | None) -> Mask:
        """(n,) which tracks of the library a filter allows; all of them without one.

        Raises
        ------
        ConfigError : the filter is wrong; the message points at the place.
        """
        return np.ones(len(self.library.row_of_track), bool) if where is None else self._filter.allowed(where)

    def remarks(self, text: str = "") -> list[str]:
        """What is to be said beside answers: what they come from, what is missing yet, and what trains.

        Parameters
        ----------
        text : the query; "" where a track asked for its like.
        """
        library = self.library
        trained = any((library.root / "checkpoints").glob("*.pt"))
        came_from = _listed([way.title for way in self.ways.open]) if text else "audio vectors as they are"
        first = "No checkpoint was asked" if trained else "Nothing was trained on this library"
        encoders = library.embedded("audio")
        heard = {"sound tags", *TEXT_SIDE.values()} & {way.name for way in self.ways.open}
        hearing = {TAGGER, *TEXT_SIDE}.intersection(encoders)
        unheard = not encoders and any(library.column("path"))
        waiting = [line for name in sorted(encoders, key=TAGGER.__ne__) for line in coverage(library, name, adds=False)]
        return [
            f"{first}: answers come from {came_from}.",
            *(["No sound was listened to yet."] if unheard else []),
            *([self._tagger()] if encoders and text and not (heard or hearing) else []),
            *waiting[:1],
            *(self.ways.closed if text else ()),
            *(map(str, self.query_remarks(text)) if text else ()),
            *([] if trained else [what_next(library)]),
        ]

    def query_remarks(self, text: str) -> list[Remark]:
        """What of a query that is not blank was not read."""
        return language_remarks(readable(text), self.ways.readers, self.library.root)

    def _tagger(self) -> str:
        get = "" if weights_here(find(TAGGER, "audio")) else f"antiphon encoders --get {TAGGER}, then "
        adds = command(f"embed --encoder {TAGGER}", self.library.root)
        return f"No encoder here puts sound into words. A small one that does: {get}{adds}"

    def _row(self, track_id: str) -> int:
        row = self.library.row_of_track.get(track_id)
        if row is None:
            near = nearest_name(track_id, list(self.library.row_of_track))
            fix = f"Did you mean '{near}'?" if near else "Ids stand in tracks.parquet, column track_id."
            raise LibraryError(f"{as_typed(self.library.root)} has no track '{track_id}'.", fix=fix)
        return row

    def named_first(self, query: Query, scores: Float32, allowed: Mask, k: int, by: NDArray[np.object_]) -> Hits:
        """As :meth:`hits`, with the tracks that a name in the query means before all others.

        A misspelt name is no word of theirs, so they are answers also where no way knows them.

        Parameters
        ----------
        allowed : (n,) which tracks may be answers.
        """
        named = self._names.found(query) if query.wanted else None
        if named is not None:
            unknown = named.mask & np.isnan(scores)
            scores, by = np.where(unknown, np.float32(0), scores), np.where(unknown, NAME, by)
        return named_first(named, allowed, k, lambda some, count: self.hits(np.where(some, scores, np.nan), count, by))

    @cached_property
    def _names(self) -> TrackNames:
        artists, titles, albums = (self.library.column(name).tolist() for name in ("artist", "title", "album"))
        return TrackNames(artists, titles, albums, lambda: lyrics_of(self.library))

    def hits(self, scores: Float32, k: int, by: Sequence[str] | NDArray[np.object_]) -> Hits:
        """The k best of the library's tracks.

        Parameters
        ----------
        scores : (n,) of each track; one whose score is not finite is no answer.
        by : (n,) what found each.
        """
        rows = top(scores, min(k, int(np.isfinite(scores).sum())))
        table = self.library.track_table.select(["track_id", "title", "artist", "path"])
        named = table.take(arrow_rows(rows)).to_pylist()
        return Hits(
            Hit(
                rank=rank,
                score=round(float(scores[row]), 6),
                by=by[row],
                **{**track, "path": self.library.sound_at(track["path"])},
            )
            for rank, (row, track) in enumerate(zip(rows.tolist(), named, strict=True), start=1)
        )


def _is_one_track(query: Query) -> bool:
    """Whether it asks for what is like one track, and for nothing else: then its scores are plain cosines."""
    return len(query.named) == len(query.like) == 1 and not (query.files or query.wanted or query.excluded)


def _listed(names: Sequence[str]) -> str:
    """``["a", "b", "c"]`` → "a, b and c"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
