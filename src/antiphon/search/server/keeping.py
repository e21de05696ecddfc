"""What people leave in a library that is served: playlists, and judgements of answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from antiphon.errors import AntiphonError
from antiphon.library.judgements.apply import lesson_of
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict, now
from antiphon.library.subsonic.client import Subsonic
from antiphon.library.tracks import Library
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.of_tracks.saved import (
    Saved,
    save_playlist,
    saved_file,
    saved_lines,
    saved_playlists,
)
from antiphon.search.playlists.push import push
from antiphon.search.queries.readable import require_words
from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.opened.current import Current
from antiphon.search.server.opened.judged import Judged


class NotPushedError(AntiphonError):
    """A playlist is kept in the library, but not on the player's server."""


class Keeping:
    """The part of :class:`antiphon.search.server.served.Served` that writes.

    Parameters
    ----------
    root : the library.
    player : a server on which playlists are made, too; None for none.
    """

    def __init__(self, root: Path, player: Subsonic | None = None) -> None:
        self.root = root
        self._player, self._pushing = player, threading.Lock()
        self._current = Current(root)
        self._judged = Judged(root)

    def playlists(self) -> list[Saved]:
        """Playlists of the library, by name."""
        return saved_playlists(self.root)

    def playlist(self, name: str) -> Path:
        """The file of one of them.

        Raises
        ------
        ConfigError, UnknownNameError : no file can be called so, or there is none.
        """
        return saved_file(self.root, name)

    def tracks_of_playlists(self) -> dict[str, list[TrackCard]]:
        """The tracks of each playlist, by its name, as far as its file names tracks of the library."""
        return {each.name: self.playlist_tracks(each.name)[0] for each in self.playlists()}

    def playlist_tracks(self, name: str) -> tuple[list[TrackCard], list[str]]:
        """The tracks of one of them in its order, and what is to be said of those that are none of the library's.

        Raises
        ------
        ConfigError, LibraryError : no file can be called so, there is none, or it cannot be read.
        """
        lines = saved_lines(self.root, name)
        found = self._current.get().cards.of_files(lines)
        lost = len(lines) - len(found)
        return found, [f"{lost:,} of {len(lines):,} files in it are none of this library's."] if lost else []

    def save_playlist(self, name: str, track_ids: Sequence[str]) -> list[str]:
        """Keep tracks in their order as a playlist, and make it on the player's server where there is one.

        Returns what is to be said of it, a sentence each: which tracks no file can name, what is on the server now.

        Raises
        ------
        UnknownTrackError : one of the tracks is not there.
        ConfigError : no file can be called so, or a kept question is.
        NotPushedError : it is kept here, but the player's server did not take it.
        """
        cards = self._current.get().cards.cards(track_ids)
        hits = [
            Hit(rank=rank, track_id=c.track_id, score=0.0, title=c.title, artist=c.artist, path=c.path, by="")
            for rank, c in enumerate(cards, start=1)
        ]
        lengths = [card.seconds for card in cards]
        remarks = save_playlist(self.root, name, hits, lengths)
        made = Playlist(name=name, hits=Hits(hits), lengths=tuple(lengths), seconds=sum(filter(None, lengths)))
        return [*remarks, *self._pushed(made)]

    def _pushed(self, made: Playlist) -> list[str]:
        if self._player is None:
            return []
        try:
            with self._pushing:  # what is ours on the server is looked up, and then written down
                return push(self.root, made, self._player).lines()
        except AntiphonError as error:
            said = f"'{made.name}' is kept in the library, but not on the player's server: {error.problem}"
            raise NotPushedError(said, fix=error.fix) from error

    def judge(self, query: str, track_id: str, verdict: Verdict, *, by: str = "") -> list[str]:
        """Keep what somebody says of a text and a track; the last word on a pair counts.

        Returns what trainings make of it, a sentence; nothing where it is taken back.

        Raises
        ------
        UnknownTrackError : there is no such track.
        LibraryError : the text is blank, or the file cannot be written.
        """
        self._current.get().cards.row(track_id)
        said = Judgement(query=require_words(query).strip(), track_id=track_id, verdict=verdict, by=by, time=now())
        append_judgements(self.root, [said])
        return [] if verdict == "unsure" else [lesson_of(Library(self.root), said)]

    def judgements(self, query: str) -> tuple[list[Judgement], tuple[str, ...]]:
        """What was said of tracks for some words, the last word on each; and what is to be said of the file.

        Raises
        ------
        LibraryError : the file cannot be read, or a line of it is no judgement.
        """
        return self._judged.of(query)
