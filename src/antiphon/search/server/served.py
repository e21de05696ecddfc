"""A library as the server knows it: the only thing that routes, players' dialects and assistants ask."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.subsonic.client import Subsonic
from antiphon.search.answers.fit.judging import OF_GONE
from antiphon.search.answers.selected import SelectedAnswers
from antiphon.search.answers.selection import Selection
from antiphon.search.hits import top
from antiphon.search.playlists.of_tracks.between import path_between
from antiphon.search.queries.query import Query
from antiphon.search.queries.reading import read_query
from antiphon.search.queries.words_for import Words
from antiphon.search.server.answer import Answer, Status, UnknownModelError, shown
from antiphon.search.server.jobs.queue import Jobs
from antiphon.search.server.jobs.steps import served_training
from antiphon.search.server.jobs.unlearned import Unlearned
from antiphon.search.server.keeping import Keeping
from antiphon.search.server.opened.cards import TrackCard, UnknownTrackError
from antiphon.search.server.opened.current import NotReadyError
from antiphon.search.server.opened.heard import Heard
from antiphon.search.server.opened.maps import Map
from antiphon.search.server.opened.regions import Region
from antiphon.search.server.opened.state import Opened
from antiphon.search.server.told import told_meanwhile

__all__ = ["Answer", "Served", "Status", "TrackCard", "UnknownModelError", "UnknownTrackError"]


class Served(Keeping):
    """Answers questions about one library, from any number of threads.

    Parameters
    ----------
    root : the library; it may not be there yet, and answers once it is.
    jobs : what works on it; None where nothing may.
    player : a Subsonic server on which playlists that are kept here are made, too; None for none.

    Raises
    ------
    LibraryError : there is a library, and it is damaged.
    """

    def __init__(self, root: Path, jobs: Jobs | None = None, player: Subsonic | None = None) -> None:
        super().__init__(root, player)
        self.jobs = jobs
        self._heard, self._unlearned = Heard(), Unlearned(root)

    @property
    def _now(self) -> Opened:
        found = self._current.get()
        if self.jobs is not None and self.jobs.is_at_rest and self._current.wants_index:  # other jobs end with one
            self.jobs.submit("index")
        return found

    def refresh(self) -> None:
        """Look at the library's files now, and wait until they answer."""
        self._current.refresh()

    @property
    def loads_checkpoint(self) -> bool:
        """Whether answers need torch, because an index that does without was not prepared."""
        try:
            now = self._now
        except NotReadyError:
            return False
        return now.trained and not now.is_light

    def close(self) -> None:
        """End what works on the library; what it did so far is kept."""
        if self.jobs is not None:
            self.jobs.close()

    def status(self) -> Status:
        """How it stands with the library."""
        try:
            now = self._now
        except NotReadyError as error:
            return Status(tracks=0, heard=0, trained=False, answers_by="", next="", remarks=(error.problem,))
        training = served_training(self.root) if now.trained else ""
        said = tuple(filter(None, (*self.notes, self._current.problem)))
        return Status(
            tracks=len(now.cards),
            heard=self._heard.of(now.library),
            failed=len(now.unheard),
            trained=now.trained,
            answers_by=now.answers_by,
            next=now.next,
            training=training,
            unlearned=self._unlearned.line(training) if now.trained else "",
            remarks=(*said, *(line for line in now.remarks if line != now.next)),
            fields=now.fields,
        )

    def has(self, track_id: str) -> bool:
        """Whether there is a track of this id now."""
        opened = self._current.opened
        return opened is not None and track_id in opened.library.row_of_track

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
            library=now.library,
        )
        return self._answer(now, read_query(query, like=like), selection, k, where, explain=explain)

    def similar(
        self,
        track_ids: Sequence[str],
        *,
        k: int = 20,
        where: str | None = None,
        words: str | None = None,
        without: Sequence[str] = (),
    ) -> Answer:
        """The k tracks most like some, themselves left out.

        Parameters
        ----------
        words : what they are to be like besides.
        where : a filter that answers must pass.
        without : ids of tracks that they are not to be like.

        Raises
        ------
        UnknownTrackError : one of them is not there.
        LibraryError : one of them has not been heard yet.
        """
        now = self._now
        for track_id in (*track_ids, *without):
            now.cards.row(track_id)
        query = read_query(words or "", like=track_ids, unlike=without)
        return self._answer(now, query, Selection(root=self.root, library=now.library), k, where)

    def least_like(self, track_id: str, *, k: int = 20) -> Answer:
        """The k tracks least like one, the least first; scores say how like it each is. Errors as :meth:`similar`."""
        now = self._now
        scores = now.source.scores_like(now.place(track_id))
        known = np.flatnonzero(np.isfinite(scores))
        places = known[top(-scores[known], k)]
        return shown(now, now.source.hits(places.tolist(), scores[places]))

    def path(self, start: str, end: str, *, k: int = 25) -> Answer:
        """k tracks from one to another, each much like those beside it; scores say how like the first each is.

        Raises
        ------
        UnknownTrackError : one of the two is not there.
        LibraryError : one of them has not been heard yet.
        ConfigError : both are the same, or ``k`` is below 2.
        """
        now = self._now
        with told_meanwhile() as told:
            places = [now.place(track_id) for track_id in (start, end)]
            hits = path_between(now.source, places[0], places[1], k)
        few = ["There are no more tracks that may be between the two."] if len(hits) < k else []
        return shown(now, list(hits), [*few, *told.lines], few)

    def words_for(self, track_id: str, *, k: int = 10) -> list[Words]:
        """The k captions nearest to a track; before any training its own, whose score is no number.

        Raises
        ------
        UnknownTrackError : there is no such track.
        EmbeddingError : the captions were not read.
        """
        now = self._now
        now.cards.row(track_id)
        captions, space = now.captions, now.space
        if captions is None or space is None:
            own = now.cards.captions(track_id)[:k]
            return [Words(rank=rank, score=nan, text=text, own=True) for rank, text in enumerate(own, start=1)]
        return captions.nearest(track_id, space.track(track_id), k)

    def map(self) -> Map:
        """Each heard track as a point near those that sound like it.

        Raises
        ------
        EmbeddingError : none was heard yet.
        """
        return self._now.map

    def regions(self) -> list[Region]:
        """What the regions of that map are called, the most telling first; errors as :meth:`map`."""
        return self._now.regions

    def models(self) -> list[str]:
        """Names of what :meth:`embed` may be asked for: the training, and the text encoder that it reads with."""
        space = self._now.space
        return [] if space is None else [space.name, space.text_encoder]

    def embed(self, model: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, dim) float32 of unit length: texts in the training's shared space, or as its text encoder reads them.

        Raises
        ------
        UnknownModelError : there is no model of this name.
        """
        space = self._now.space
        if space is None or model not in (space.name, space.text_encoder):
            known = ", ".join(self.models()) or "none before a training"
            raise UnknownModelError(f"There is no model '{model}' here.", fix=f"There are: {known}.")
        read = space.embed if model == space.name else space.read
        return unit_length(np.asarray(read(list(texts)), np.float32))

    def audio(self, track_id: str) -> Path:
        """The sound file of a track: one that the library's table names, and nothing else.

        Raises
        ------
        UnknownTrackError : there is no such track.
        AudioError : it has no file on this machine. What another server has is not passed on: that server asks for
            an owner's password, and whoever listens here may be a guest.
        """
        sound = self._now.cards.cards([track_id])[0].path
        if is_address(sound):
            raise AudioError(f"Track '{track_id}' has its sound elsewhere.", fix="Play it in the player that has it.")
        if not sound:
            raise AudioError(f"Track '{track_id}' has no sound file.")
        return Path(split_part(sound)[0])

    @property
    def music(self) -> Path | None:
        """The folder that the table's paths start from; None where they start from none on this machine."""
        library = self._now.library
        root = str(library.meta.get("audio_root") or "")
        return None if not root or is_address(root) else library.audio_path("")

    def _answer(
        self, now: Opened, query: Query, selection: Selection, k: int, where: str | None, *, explain: bool = False
    ) -> Answer:
        with told_meanwhile() as told:
            answers = SelectedAnswers(searcher=now.searcher, selection=selection, k=k, where=where)
            hits = answers.to(query)
            said = answers.query_remarks(query, hits)
            why = [each.to_dict() for each in answers.reasons(query, hits)] if explain else []
            own = answers.remarks(query, hits)
            others = answers.remarks(query, hits, of_gone=False) if OF_GONE in own else own
        to_guests = [*others, *(remark.to_guests for remark in said), *told.of_question]
        return shown(now, list(hits), [*own, *map(str, said), *told.lines], to_guests, why)
