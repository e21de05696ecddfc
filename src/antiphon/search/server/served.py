"""A library as the server knows it: the only thing that routes, players' dialects and assistants ask."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from antiphon.errors import AudioError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.next_step import what_next
from antiphon.search.answers.selected import SelectedAnswers
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import Hit
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query
from antiphon.search.server.opened.cards import TrackCard, UnknownTrackError
from antiphon.search.server.opened.state import Opened, open_library

__all__ = ["Answer", "FieldCard", "Served", "Status", "TrackCard", "UnknownTrackError"]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Tracks that answer a question, best first.

    Parameters
    ----------
    hits : the answers.
    remarks : what is to be said of this question's answers, a sentence each.
    standing : what is to be said of the library beside any answer; it may name files and commands.
    why : of each hit what can be shown of why it is one; empty where nobody asked.
    cards : of each hit.
    """

    hits: list[Hit]
    remarks: list[str] = field(default_factory=list)
    standing: list[str] = field(default_factory=list)
    why: list[dict[str, Any]] = field(default_factory=list)
    cards: list[TrackCard] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class FieldCard:
    """A field that filters may ask for: its name, what it holds, and some of its values."""

    name: str
    type: str
    examples: tuple[Any, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Status:
    """How it stands with a library.

    Parameters
    ----------
    tracks : how many it has.
    heard : how many of them an encoder has heard, or failed to.
    trained : whether a training answers.
    answers_by : what answers: a checkpoint's name, or "names, tags and captions" and the like before any training.
    next : what to do next, a sentence; "" for nothing.
    remarks : what else is to be said.
    fields : what filters may ask for.
    """

    tracks: int
    heard: int
    trained: bool
    answers_by: str
    next: str
    remarks: tuple[str, ...] = ()
    fields: tuple[FieldCard, ...] = ()


class Served:
    """Answers questions about one library, from any number of threads.

    Parameters
    ----------
    root : the library.

    Raises
    ------
    LibraryError : there is no library, or it is damaged.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._opened = open_library(root)

    @property
    def _now(self) -> Opened:
        return self._opened

    def status(self) -> Status:
        """How it stands with the library."""
        now = self._now
        return Status(
            tracks=len(now.cards),
            heard=now.heard,
            trained=now.trained,
            answers_by=now.answers_by,
            next=what_next(now.library),
            remarks=now.standing,
            fields=(),
        )

    def track(self, track_id: str) -> TrackCard:
        """One track.

        Raises
        ------
        UnknownTrackError : the library has none of this id.
        """
        return self._now.cards.card(track_id)

    def find(self, words: str, *, start: int = 0, count: int = 20) -> list[TrackCard]:
        """Tracks whose artist and title hold all words; all tracks where there are none."""
        return self._now.cards.find(words, start=start, count=count)

    def search(
        self,
        query: str,
        *,
        k: int = 20,
        where: str | None = None,
        versions: bool = False,
        per_artist: int | None = None,
        per_album: int | None = None,
        exclude: Sequence[str] = (),
        like: Sequence[str] = (),
        explain: bool = False,
    ) -> Answer:
        """The k tracks that answer words best, and tracks that are to be like.

        Parameters
        ----------
        query : words as people type them (:mod:`antiphon.search.queries.reading`); may be blank beside ``like``.
        where : a filter that answers must pass (:mod:`antiphon.search.filters`).
        versions : whether every version of a song is an answer of its own.
        per_artist, per_album : at most so many answers of one; None for any number.
        exclude : ids of tracks that are no answers.
        like : ids of tracks that answers are to be like.
        explain : also say why each is an answer.

        Raises
        ------
        LibraryError : nothing is asked, or it names a track that is not there.
        ConfigError : the filter is wrong, or a number is below 1.
        """
        now = self._now
        for track_id in like:
            now.cards.row(track_id)
        selection = Selection(
            root=self.root,
            versions=versions,
            per_artist=per_artist,
            per_album=per_album,
            left_out=frozenset(exclude),
        )
        return self._answer(now, read_query(query, like=like), selection, k, where, explain=explain)

    def similar(
        self,
        track_ids: Sequence[str],
        *,
        k: int = 20,
        where: str | None = None,
        words: str | None = None,
    ) -> Answer:
        """The k tracks most like some, themselves left out.

        Parameters
        ----------
        words : what they are to be like besides.
        where : a filter that answers must pass.

        Raises
        ------
        UnknownTrackError : one of them is not there.
        LibraryError : one of them has not been heard yet.
        """
        return self.search(words or "", k=k, where=where, like=track_ids)

    def audio(self, track_id: str) -> Path:
        """The sound file of a track: one that the library's table names, and nothing else.

        Raises
        ------
        UnknownTrackError : there is no such track.
        AudioError : it has no file on this machine.
        """
        sound = self._now.cards.cards([track_id])[0].path
        if not sound or is_address(sound):
            raise AudioError(f"Track '{track_id}' has no sound file on this machine.")
        path = Path(split_part(sound)[0])
        if not path.is_file():
            raise AudioError(f"The sound file of track '{track_id}' is not there any more.", fix="antiphon ingest")
        return path

    def _answer(
        self, now: Opened, query: Query, selection: Selection, k: int, where: str | None, *, explain: bool
    ) -> Answer:
        answers = SelectedAnswers(searcher=now.searcher, selection=selection, k=k, where=where)
        hits = answers.to(query)
        said = now.searcher.remarks(query.words)
        standing = now.standing
        return Answer(
            hits=list(hits),
            remarks=[*answers.remarks(query, hits), *(line for line in said if line not in standing)],
            standing=list(standing),
            why=[why.to_dict() for why in answers.reasons(query, hits)] if explain else [],
            cards=now.cards.cards([hit.track_id for hit in hits]),
        )
