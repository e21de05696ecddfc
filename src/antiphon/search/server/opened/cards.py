"""What is known of a track, as it is shown."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow.compute as pc

from antiphon.arrow import arrow_rows
from antiphon.errors import LibraryError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.tracks import Library
from antiphon.search.playlists.lengths import Lengths
from antiphon.search.playlists.m3u import one_line
from antiphon.search.queries.naming.keys import as_words
from antiphon.search.queries.naming.names import TrackNames
from antiphon.search.queries.reading import read_query
from antiphon.search.server.opened.places import MapPoint, Places
from antiphon.texts import normalised_text


class UnknownTrackError(LibraryError):
    """The library has no track of that id."""


@dataclass(frozen=True, kw_only=True)
class TrackCard:
    """One track.

    Parameters
    ----------
    seconds : its length; None for unknown.
    path : the file's absolute path, or its address; "" where there is no sound.
    metadata : field → value, without title, artist and album.
    place : on the library's map, −1 … 1 on both axes; None where it has none, or none is known yet.
    """

    track_id: str
    title: str
    artist: str
    album: str
    seconds: float | None
    path: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    place: MapPoint | None = None


class Cards:
    """The cards of one library.

    Parameters
    ----------
    library : whose tracks.
    places : where they lie on the map; None where they are shown without.
    """

    def __init__(self, library: Library, places: Places | None = None) -> None:
        self._library, self._places = library, places
        self._lengths = Lengths(library)

    def __len__(self) -> int:
        return len(self._library.row_of_track)

    def card(self, track_id: str) -> TrackCard:
        """One track with its metadata.

        Raises
        ------
        UnknownTrackError : there is none of this id.
        """
        return replace(self.cards([track_id])[0], metadata=self._library.metadata.of(track_id))

    def cards(self, track_ids: Sequence[str]) -> list[TrackCard]:
        """Some tracks without their metadata, in this order; errors as :meth:`card`."""
        return self._at([self.row(track_id) for track_id in track_ids])

    def of_files(self, lines: Iterable[tuple[str, str]]) -> list[TrackCard]:
        """The tracks that lines of a playlist mean; a file that is none of the library's is passed over.

        Parameters
        ----------
        lines : of each its file or address, and the artist and title above it: they tell tracks of one file apart.
        """
        return self._at([self._of_file(file, shown) for file, shown in lines if file in self._rows_of_file])

    def _of_file(self, file: str, shown: str) -> int:
        rows = self._rows_of_file[file]
        if len(rows) == 1:
            return rows[0]
        named = self._library.track_table.select(["artist", "title"]).take(arrow_rows(rows)).to_pylist()
        names = [one_line(" - ".join(part for part in (each["artist"], each["title"]) if part)) for each in named]
        return rows[names.index(shown)] if shown in names else rows[0]

    @cached_property
    def _rows_of_file(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for row, path in enumerate(self._library.column("path").tolist()):
            if path:
                file = split_part(self._library.sound_at(path))[0]
                found.setdefault(file if is_address(file) else os.path.normpath(file), []).append(row)
        return found

    def row(self, track_id: str) -> int:
        """A track's row in ``tracks.parquet``; errors as :meth:`card`."""
        row = self._library.row_of_track.get(track_id)
        if row is None:
            raise UnknownTrackError(f"There is no track '{track_id}'.", fix="Ids stand in the answers of a search.")
        return row

    def captions(self, track_id: str) -> list[str]:
        """A track's captions, people's first."""
        table = self._library.caption_table
        own = table.filter(pc.equal(table.column("track_id"), track_id))
        return list(dict.fromkeys(own.column("text").to_pylist()))

    def find(self, words: str, *, start: int, count: int) -> list[TrackCard]:
        """Tracks whose artist and title hold all words: first those that begin with them, then in the library's order.

        Accents and signs are not asked for ("sigur ros", "jog"). Where none hold the words, those that they name
        misspelt or written together ("moterhead", "acdc"). Without words, all tracks.
        """
        wanted = as_words(normalised_text(words)).split()
        if not wanted and words.strip():  # a band is called "!!!"
            rows = _holding(normalised_text(words).split(), self._names)
        elif wanted:
            rows = _holding(wanted, self._plain_names) or self._named(words)
        else:
            rows = list(range(len(self)))
        return self._at(rows[start : start + count])

    def _named(self, words: str) -> list[int]:
        try:
            named = self._misspelt.found(read_query(words))
        except LibraryError:  # nothing is asked for in it
            return []
        return [] if named is None else np.flatnonzero(named.mask).tolist()

    @cached_property
    def _misspelt(self) -> TrackNames:
        return TrackNames(*(self._library.column(name).tolist() for name in ("artist", "title", "album")))

    @cached_property
    def _names(self) -> list[Shown]:
        columns = (self._library.column(name).tolist() for name in ("artist", "title"))
        return list(zip(*(map(normalised_text, column) for column in columns), strict=True))

    @cached_property
    def _plain_names(self) -> list[Shown]:
        columns = (as_words("\n".join(column)).split("\n") for column in zip(*self._names, strict=True))
        return [(artist.strip(), title.strip()) for artist, title in zip(*columns, strict=True)]

    def _at(self, rows: Sequence[int]) -> list[TrackCard]:
        table = self._library.track_table.select(["track_id", "title", "artist", "album", "path"])
        named = table.take(arrow_rows(rows)).to_pylist()
        places = self._places.of(rows) if self._places else [None] * len(rows)
        return [self._card(place, **values) for place, values in zip(places, named, strict=True)]

    def _card(
        self, place: MapPoint | None, *, track_id: str, title: str, artist: str, album: str, path: str
    ) -> TrackCard:
        sound = self._library.sound_at(path)
        return TrackCard(
            track_id=track_id,
            title=title,
            artist=artist,
            album=album,
            seconds=self._lengths.of(track_id, sound),
            path=sound,
            place=place,
        )


Shown = tuple[str, str]
"""A track's artist and title."""


def _holding(words: Sequence[str], names: Sequence[Shown]) -> list[int]:
    """Which names hold all words, those first of which either part begins with the first one."""
    found = [row for row, name in enumerate(names) if all(word in name[0] or word in name[1] for word in words)]
    return sorted(found, key=lambda row: not any(part.startswith(words[0]) for part in names[row]))
