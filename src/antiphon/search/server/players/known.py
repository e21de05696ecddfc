"""What is known of players' ids while a library is served: read again when its files change."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from antiphon.errors import LibraryError
from antiphon.library.metadata.store import METADATA_FILE
from antiphon.library.players.known import PlayerIds, known_players
from antiphon.library.players.songs import first_text
from antiphon.library.players.table import id_files
from antiphon.library.tracks import Library
from antiphon.printed import counted
from antiphon.texts import normalised_text

ALBUM_ARTIST, GENRE, MOOD = "albumartist", "genre", "mood"


class Known:
    """One state of a library's tables, as far as players ask for it; columns are read when they are first asked for.

    Parameters
    ----------
    library : an open library.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self.players: Sequence[PlayerIds] = known_players(library)

    def __contains__(self, track_id: object) -> bool:
        return track_id in self._library.row_of_track

    def __len__(self) -> int:
        return len(self._library.row_of_track)

    def field(self, name: str, track_id: str) -> str:
        """The first value of a track's field of metadata; "" for none."""
        return self._fields(name).get(track_id, "")

    def most_common(self, name: str, count: int) -> list[str]:
        """The values that most tracks have in a field."""
        return [value for value, _ in Counter(filter(None, self._fields(name).values())).most_common(count)]

    def artist_named(self, name: str) -> str:
        """An artist's name as the library writes it; "" for one that it does not have."""
        tracks = self.tracks_of(name)
        return str(self._artists[self._library.row_of_track[tracks[0]]]) if tracks else ""

    def tracks_of(self, artist: str) -> list[str]:
        """Ids of an artist's tracks, in the library's order."""
        return self._by_artist.get(normalised_text(artist), [])

    def titled(self, title: str, artist: str) -> str | None:
        """The track of a title and an artist, the first of several; None for none."""
        wanted = normalised_text(title)
        rows = (self._library.row_of_track[each] for each in self.tracks_of(artist))
        ids, titles = self._library.column("track_id"), self._library.column("title")
        return next((str(ids[row]) for row in rows if normalised_text(titles[row] or "") == wanted), None)

    def _fields(self, name: str) -> Mapping[str, str]:
        if name not in self._read:
            metadata = self._library.metadata
            values = zip(metadata.track_ids, metadata.column(name), strict=True) if name in metadata else ()
            self._read[name] = {track_id: first_text(value) for track_id, value in values}
        return self._read[name]

    @cached_property
    def _read(self) -> dict[str, Mapping[str, str]]:
        return {}

    @cached_property
    def _artists(self) -> list[str]:
        return [name or "" for name in self._library.column("artist").tolist()]

    @cached_property
    def _by_artist(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for track_id, artist in zip(self._library.column("track_id").tolist(), self._artists, strict=True):
            if artist:
                found.setdefault(normalised_text(artist), []).append(track_id)
        return found


def remarks_on(players: KnownPlayers) -> list[str]:
    """What players are not answered, a sentence each: tracks that they do not have, a table that cannot be read.

    Nothing while the library is still being made: that is said already.
    """
    if not players.is_there:
        return []
    try:
        known = players.now()
    except LibraryError as error:
        return [f"Players are not answered: {error.problem}"]
    return [
        f"{each.player} has {len(each.tracks):,} of {counted(len(known), 'track')}: "
        "the others are left out of what it is answered."
        for each in known.players
        if len(each.tracks) < len(known)
    ]


class KnownPlayers:
    """The state that holds now, for any number of threads.

    Parameters
    ----------
    root : the library.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._marks: tuple[object, ...] = ()
        self._known: Known | None = None

    @property
    def is_there(self) -> bool:
        """Whether there is a library."""
        return (self._root / "library.json").exists()

    def now(self) -> Known:
        """What is known, read anew where a file has changed.

        Raises
        ------
        LibraryError : a file is damaged.
        """
        with self._lock:
            marks = self._files()
            if self._known is None or marks != self._marks:
                self._known, self._marks = Known(Library(self._root)), marks
            return self._known

    def _files(self) -> tuple[object, ...]:
        paths = [self._root / "tracks.parquet", self._root / METADATA_FILE, *id_files(self._root)]
        return tuple(_mark(path) for path in paths)


def _mark(path: Path) -> tuple[str, int, int]:
    try:
        found = path.stat()
    except OSError:
        return path.name, 0, 0
    return path.name, found.st_mtime_ns, found.st_size
