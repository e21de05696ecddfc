"""What people leave in a library that is served: playlists, and judgements of answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from antiphon.errors import AntiphonError
from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict, now
from antiphon.library.subsonic.client import Subsonic
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.of_tracks.saved import (
    SavedPlaylist,
    delete_playlist,
    rename_playlist,
    require_renamable,
    save_playlist,
    saved_file,
    saved_lines,
    saved_playlists,
)
from antiphon.search.playlists.push import delete_pushed, push, pushed_elsewhere, rename_pushed
from antiphon.search.queries.readable import require_words
from antiphon.search.server.opened.cards import TrackCard
from antiphon.search.server.opened.current import Current
from antiphon.search.server.opened.judged import OpenedJudgements, OpenedLessons


class NotPushedError(AntiphonError):
    """The player's server did not take what was done to a playlist; the message says how it stands in the library."""


@contextmanager
def _told(what: str) -> Iterator[None]:
    """An error of the player's server, behind what is so in the library then."""
    try:
        yield
    except AntiphonError as error:
        raise NotPushedError(f"{what}: {error.problem}", fix=error.fix) from error


class Keeping:
    """The part of :class:`antiphon.search.server.served.Served` that writes.

    Parameters
    ----------
    root : the library.
    player : a server on which playlists are made, too; None for none.
    """

    def __init__(self, root: Path, player: Subsonic | None = None) -> None:
        self.root = root
        self._player, self._listing = player, threading.Lock()  # one change of playlists at a time, here and there
        self.notes: tuple[str, ...] = ()
        """What its owner is to be told of this start of the server, a sentence each."""
        self._current = Current(root)
        self._judged, self._lessons = OpenedJudgements(root), OpenedLessons(root)

    def playlists(self) -> list[SavedPlaylist]:
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
        made = Playlist(name=name, hits=Hits(hits), lengths=tuple(lengths), seconds=sum(filter(None, lengths)))
        with self._listing:
            remarks = save_playlist(self.root, name, hits, lengths)
            if self._player is None:
                return remarks
            with _told(f"'{name}' is kept in the library, but not on the player's server"):
                return [*remarks, *push(self.root, made, self._player).lines()]

    def rename_playlist(self, name: str, new: str) -> list[str]:
        """Give a playlist another name, on the player's server first; what is to be said of it, a sentence each.

        Raises
        ------
        ConfigError : no file can have the new name, one has it, or the playlist answers a question that is kept.
        LibraryError : there is no playlist of the old name.
        NotPushedError : the player's server refuses; nothing is renamed then.
        """
        with self._listing:
            require_renamable(self.root, name, new)
            told = []
            if self._player is not None and name != new:
                with _told(f"'{name}' keeps its name here: it could not be renamed on the player's server"):
                    told = rename_pushed(self.root, name, new, self._player)
            rename_playlist(self.root, name, new)
            return [*told, *self._elsewhere("keeps the old name")]

    def delete_playlist(self, name: str) -> list[str]:
        """Delete a playlist, on the player's server first; what is to be said of it, a sentence each.

        Raises
        ------
        ConfigError : no file can be called so, or the question that it answers is damaged.
        LibraryError : there is none of this name.
        NotPushedError : the player's server refuses; nothing is deleted then, so that it can be tried again.
        """
        with self._listing:
            saved_file(self.root, name)
            told = []
            if self._player is not None:
                with _told(f"'{name}' is not deleted here: it could not be deleted on the player's server"):
                    told = delete_pushed(self.root, name, self._player)
            return [*told, *delete_playlist(self.root, name), *self._elsewhere("stays")]

    def _elsewhere(self, what: str) -> list[str]:
        """Of copies that this server does not reach; which playlists they are of is not known."""
        others = pushed_elsewhere(self.root, self.player or "")
        return [f"If it was made on {' or '.join(others)}, too, the copy there {what}."] if others else []

    @property
    def player(self) -> str | None:
        """The address of the server on which playlists are made, too; None for none."""
        return None if self._player is None else self._player.server

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
        return [] if verdict == "unsure" else [self._lessons.of(said)]

    def judgements(self, query: str) -> tuple[list[Judgement], tuple[str, ...]]:
        """What was said of tracks for some words, the last word on each; and what is to be said of the file.

        Raises
        ------
        LibraryError : the file cannot be read, or a line of it is no judgement.
        """
        return self._judged.of(query)
