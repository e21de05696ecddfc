"""One state of a library, opened: what answers, and what is known of its tracks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from antiphon.errors import AntiphonError, EmbeddingError, EncoderError
from antiphon.library.commands import command
from antiphon.library.metadata.several import values_of
from antiphon.library.next_step import next_step, unheard, what_next
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.search.answering import Answering, answering
from antiphon.search.filters.fields import OF_TRACKS
from antiphon.search.light.searcher import LightSearcher
from antiphon.search.made_searcher import MadeSearcher
from antiphon.search.playlists.sources.opening import of_answering
from antiphon.search.playlists.sources.source import Source
from antiphon.search.playlists.sources.trained import TrainedSource
from antiphon.search.queries.words_for import CaptionSpace
from antiphon.search.server.opened.cards import Cards
from antiphon.search.server.opened.maps import Map, map_of
from antiphon.search.server.opened.places import Places
from antiphon.search.server.opened.regions import Region, regions_of
from antiphon.search.server.opened.space import Space, space_of
from antiphon.search.server.told import told_meanwhile
from antiphon.search.zero_shot.searcher import UntrainedSearcher

ANY_WORD = "music"
"""A query that every text encoder reads, of which nothing is to be said."""
CAPTIONS_KEPT = 20_000
"""Captions among which words for a track are looked for."""
EXAMPLES = 5
UNHEARD_SHOWN = 3
"""Tracks that cannot be heard, of which the library's remarks say why."""
FIELDS = ("title", "artist", "album")


@dataclass(frozen=True, kw_only=True)
class FieldCard:
    """A field that filters may ask for: its name, what it holds, and some of its values."""

    name: str
    type: str
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Opened:
    """What requests are answered from; nothing of it changes while it is in use.

    Parameters
    ----------
    library : its tables.
    searcher : what answers, several threads at once.
    lacking : why a training that is there does not answer, a sentence; "" where it does, or where there is none.
    noted : what was warned of when it was opened, a sentence each, such as a checkpoint that is damaged.
    """

    library: Library
    searcher: Answering
    lacking: str = ""
    noted: Sequence[str] = ()

    @cached_property
    def cards(self) -> Cards:
        """What is known of its tracks."""
        # Before a training the map is made of what encoders heard, which is much to read for every state of a library.
        return Cards(self.library, Places(self.library, lambda: self.map) if self.trained else None)

    @property
    def is_light(self) -> bool:
        """Whether it answers without torch."""
        trained = self.searcher.searcher if isinstance(self.searcher, MadeSearcher) else self.searcher
        return isinstance(trained, LightSearcher)

    @property
    def trained(self) -> bool:
        """Whether a training answers, alone or beside other ways."""
        return self.space is not None

    @cached_property
    def answers_by(self) -> str:
        """What answers, in a few words."""
        if self.space is not None:
            return self.space.name
        assert isinstance(self.searcher, UntrainedSearcher)
        return ", ".join(way.title for way in self.searcher.ways.open)

    @cached_property
    def next(self) -> str:
        """What to do next, a sentence; "" where a training answers, or lacks what a remark names, and nothing waits."""
        if self.lacking:
            return ""
        done = self.trained and next_step(self.library) == command("train", self.library.root)
        return "" if done else what_next(self.library)

    @cached_property
    def unheard(self) -> dict[str, str]:
        """Tracks whose files no encoder could hear: id → why, as of when this state was opened."""
        return unheard(self.library)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is to be said of the library as a whole: unheard files, what was noted, what stands beside answers."""
        said = (*dict.fromkeys(self.noted), *self.standing)
        if not self.unheard:
            return said
        shown = "; ".join(f"{track} ({why.rstrip('.')})" for track, why in list(self.unheard.items())[:UNHEARD_SHOWN])
        more = ", …" if len(self.unheard) > UNHEARD_SHOWN else ""
        return (f"{counted(len(self.unheard), 'track')} cannot be heard: {shown}{more}", *said)

    @cached_property
    def standing(self) -> tuple[str, ...]:
        """What is to be said of the library beside the answer to any words."""
        return (*([self.lacking] if self.lacking else []), *self.searcher.remarks(ANY_WORD))

    @cached_property
    def space(self) -> Space | None:
        """The shared space of what answers; None before any training."""
        return space_of(self.searcher)

    @cached_property
    def captions(self) -> CaptionSpace | None:
        """The library's captions in that space; EmbeddingError where they were not read."""
        space = self.space
        if space is None:
            return None
        return CaptionSpace(self.library, space.text_encoder, space.project, most=CAPTIONS_KEPT)

    @cached_property
    def map(self) -> Map:
        """Each track a point; EmbeddingError where none was heard."""
        return map_of(self.library, self.space)

    @cached_property
    def regions(self) -> list[Region]:
        """Names for the regions of :attr:`map`; errors as there."""
        return regions_of(self.library, self.map.track_ids, self.map.points)

    @cached_property
    def source(self) -> Source:
        """What playlists and paths are made from."""
        space = self.space
        if space is None or not self.searcher.one_way:
            return of_answering(self.searcher, self.library)
        return TrainedSource(
            self.library,
            space.index,
            score=space.score,
            dim=space.dim,
            name=space.name,
            remarks=self.searcher.remarks,
        )

    def place(self, track_id: str) -> int:
        """A track's place in :attr:`source`.

        Raises
        ------
        UnknownTrackError : the library has none of this id.
        LibraryError : it has no vector in the shared space yet.
        """
        row = self.cards.row(track_id)
        return row if self.space is None or not self.searcher.one_way else self.space.index.place_of(track_id)

    @cached_property
    def fields(self) -> tuple[FieldCard, ...]:
        """What filters may ask for, each with its most frequent values."""
        tracks, metadata = self.library.track_table, self.library.metadata
        own = [FieldCard(name=name, type="text", examples=_frequent(tracks.column(name))) for name in FIELDS]
        return (*own, *(self._field(name) for name in metadata.names if name not in OF_TRACKS))

    def _field(self, name: str) -> FieldCard:
        metadata = self.library.metadata
        kind, column = metadata.type_of(name), metadata.arrow(name)
        if kind == "number":
            ends = pc.min_max(column).as_py()
            return FieldCard(name=name, type=kind, examples=tuple(ends[end] for end in ("min", "max")))
        texts = pc.list_flatten(column) if kind == "list" else column
        return FieldCard(name=name, type=kind, examples=_frequent(texts, each=kind in ("list", "text")))


def _frequent(column: Any, *, each: bool = False) -> tuple[str, ...]:
    """The most frequent values of a column of texts, the most frequent first.

    Parameters
    ----------
    each : count each of several values in a cell ("Jazz; Vocal"), as filters do.
    """
    found: Counter[str] = Counter()
    for counts in pc.value_counts(column.combine_chunks() if hasattr(column, "combine_chunks") else column).to_pylist():
        cell = counts["values"]
        if cell not in (None, ""):
            found.update(dict.fromkeys(map(str, values_of(cell) if each else [cell]), counts["counts"]))
    return tuple(value for value, _ in found.most_common(EXAMPLES))


def _readable(root: Path) -> tuple[Answering, str]:
    """What answers; where nothing here reads words for the training what needs none, and what is lacking."""
    found = answering(root)
    try:
        found.query_remarks(ANY_WORD)
    except (EncoderError, EmbeddingError) as error:
        mend = f" To mend it: {error.fix.rstrip('.')}; then start the server again." if error.fix else ""
        return UntrainedSearcher(root), f"What was learned does not answer. {error.problem}{mend}"
    return found, ""


def open_library(root: Path) -> Opened:
    """Open a library as it is on disk now, all of it that answers: what is read later may be another state's.

    Torch is loaded only where nothing else answers.

    Raises
    ------
    LibraryError : there is no library, or it is damaged.
    """
    with told_meanwhile(logged=True) as told:
        return _opened(root, told.lines)


def _opened(root: Path, noted: Sequence[str]) -> Opened:
    searcher, lacking = _readable(root)
    trained = searcher.searcher if isinstance(searcher, MadeSearcher) else searcher
    if isinstance(trained, LightSearcher | UntrainedSearcher):
        trained.stay()
    library = searcher.library if isinstance(searcher, LightSearcher | UntrainedSearcher) else Library(root)
    opened = Opened(library, searcher, lacking, noted)
    for read in (library.track_table, library.caption_table, library.metadata, opened.space, opened.standing):
        del read
    with suppress(AntiphonError):  # what is wrong is said to who asks
        searcher.search(ANY_WORD, k=1)  # what the first question loads is loaded once, however many come first
    return opened
