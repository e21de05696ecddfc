"""Playlists of a library: made, kept, and made again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from antiphon.api.answering.answers import AnswerVerbs
from antiphon.api.arguments import as_count, as_seed, as_text, value_and_type
from antiphon.api.folder import CheckpointLike
from antiphon.errors import ArgumentError

if TYPE_CHECKING:
    from antiphon.search.playlists.answer import Playlist
    from antiphon.search.playlists.making import PlaylistMaker
    from antiphon.search.playlists.refresh import Refreshed


class PlaylistVerbs(AnswerVerbs):
    """The part of :class:`antiphon.Library` that makes playlists."""

    def playlist(
        self,
        *stops: str,
        radio: str | None = None,
        minutes: float | None = None,
        k: int | None = None,
        where: str | None = None,
        variety: float | None = None,
        seed: int | None = None,
        per_artist: int | None = None,
        checkpoint: CheckpointLike | None = None,
        index: str | None = None,
        save: str | None = None,
    ) -> Playlist:
        """Tracks to be played one after another: for words, along a path from query to query, or like a track.

        Parameters
        ----------
        stops : one query for the tracks that answer it best; several for a path through the shared space.
        radio : in place of words the id or the title of a track, which comes first.
        minutes : how long it is to be; 60 where neither this nor ``k`` is given.
        k : how many tracks.
        where : a filter, as for :meth:`antiphon.Library.search`.
        variety : 0 (best first) to 1 (unlike those before it); None for 0, for a radio 0.3. Not for paths.
        seed : another one gives another choice, the same one the same. Not for paths.
        per_artist : at most so many tracks of one artist.
        checkpoint, index : as for :meth:`antiphon.Library.search`, one checkpoint.
        save : keep the question under this name and write ``playlists/NAME.m3u8``; see :meth:`refresh_playlists`.

        Raises
        ------
        ConfigError : what is asked does not go together, or the filter is wrong or allows no track.
        LibraryError : no track is called as ``radio`` says.

        Examples
        --------
        >>> made = library.playlist("slow sad piano", "fast drums", k=5)
        >>> len(made), len(set(hit.track_id for hit in made))
        (5, 5)
        """
        from antiphon.library.manifest.paths.walk import PLAYLISTS
        from antiphon.search.milvus.address import kept_address
        from antiphon.search.playlists.kept import Form, KeptQuestion, keep
        from antiphon.search.playlists.question import Question
        from antiphon.search.playlists.refresh import write

        question = Question(
            stops=tuple(as_text(stop, "A query") for stop in stops),
            radio=radio,
            minutes=minutes,
            k=None if k is None else as_count(k, "k"),
            where=where,
            variety=variety,
            seed=None if seed is None else as_seed(seed),
            per_artist=per_artist,
            checkpoint=None if save is None else _kept_checkpoint(checkpoint),
            index=index if index is None else kept_address(as_text(index, "The index")),
        )
        made = self._playlists(checkpoint, index).make(question)
        if save is not None:
            kept = KeptQuestion(name=save, question=question, form=Form(out=f"{PLAYLISTS}/{save}.m3u8"))
            keep(self.root, kept)
            write(self.root, kept, made)
        return made

    def refresh_playlists(self, *names: str) -> list[Refreshed]:
        """Answer kept questions again and write their playlists; all of them where no name is given.

        One that cannot be answered any more keeps no other from it: its ``error`` says why, and its file stays.

        Raises
        ------
        LibraryError : one of the names is not kept.

        Examples
        --------
        >>> made = library.playlist("calm piano", k=3, save="evening")
        >>> [each.name for each in library.refresh_playlists()]
        ['evening']
        """
        from antiphon.search.playlists.refresh import refresh

        return list(refresh(self.root, [as_text(name, "A playlist's name") for name in names], self._playlists))

    def _playlists(self, checkpoint: CheckpointLike | None, index: str | None) -> PlaylistMaker:
        from antiphon.library.tracks import Library
        from antiphon.search.playlists.making import PlaylistMaker
        from antiphon.search.playlists.sources.opening import of_answering

        own = checkpoint is not None and index is None
        found = self._searcher(checkpoint) if own else self._answering(checkpoint, index=index)
        return PlaylistMaker(self.root, of_answering(found, Library(self.root)))


def _kept_checkpoint(checkpoint: CheckpointLike | None) -> str | None:
    if checkpoint is None or isinstance(checkpoint, (str, Path)):
        return None if checkpoint is None else str(checkpoint)
    raise ArgumentError(
        f"A question is kept with a checkpoint's name or file, not with {value_and_type(checkpoint)}.",
        fix='library.playlist("calm piano", checkpoint="timbre", save="evening")',
    )
