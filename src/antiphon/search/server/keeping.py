"""What people leave in a library that is served: playlists, and judgements of answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from antiphon.library.judgements.file import append_judgements
from antiphon.library.judgements.judgement import Judgement, Verdict, now
from antiphon.search.hits import Hit
from antiphon.search.playlists.of_tracks.saved import Saved, save_playlist, saved_file, saved_playlists
from antiphon.search.query import require_words
from antiphon.search.server.opened.current import Current
from antiphon.search.server.opened.judged import Judged


class Keeping:
    """The part of :class:`antiphon.search.server.served.Served` that writes.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
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

    def save_playlist(self, name: str, track_ids: Sequence[str]) -> list[str]:
        """Keep tracks in their order as a playlist; what of them no file can name, a sentence each reason.

        Raises
        ------
        UnknownTrackError : one of the tracks is not there.
        ConfigError : no file can be called so, or a kept question is.
        """
        cards = self._current.get().cards.cards(track_ids)
        hits = [
            Hit(rank=rank, track_id=c.track_id, score=0.0, title=c.title, artist=c.artist, path=c.path, by="")
            for rank, c in enumerate(cards, start=1)
        ]
        return save_playlist(self.root, name, hits, [card.seconds for card in cards])

    def judge(self, query: str, track_id: str, verdict: Verdict, *, by: str = "") -> None:
        """Keep what somebody says of a text and a track; the last word on a pair counts.

        Raises
        ------
        UnknownTrackError : there is no such track.
        LibraryError : the text is blank, or the file cannot be written.
        """
        self._current.get().cards.row(track_id)
        said = Judgement(query=require_words(query).strip(), track_id=track_id, verdict=verdict, by=by, time=now())
        append_judgements(self.root, [said])

    def judgements(self, query: str) -> tuple[list[Judgement], tuple[str, ...]]:
        """What was said of tracks for some words, the last word on each; and what is to be said of the file.

        Raises
        ------
        LibraryError : the file cannot be read, or a line of it is no judgement.
        """
        return self._judged.of(query)
