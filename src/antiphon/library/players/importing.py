"""A player's songs → its table of ids in a library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from antiphon.errors import LibraryError
from antiphon.library.commands import as_typed
from antiphon.library.manifest.paths.mapping import PathMap, is_absolute, mapped, shared_folder
from antiphon.library.players.forms import canonical
from antiphon.library.players.known import ids_of_tracks
from antiphon.library.players.matching import Match, match
from antiphon.library.players.songs import Song, songs_of_library
from antiphon.library.players.table import IdTable, player_name, save_ids
from antiphon.library.tracks import Library
from antiphon.printed import Printed, counted

SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class PlayerSongs:
    """What a player has.

    Parameters
    ----------
    player : what it calls itself.
    source : where it was read.
    songs : its songs; ``id`` and ``known_as`` are its own ids.
    artists : its id of an artist → the name.
    """

    player: str
    source: str
    songs: Sequence[Song]
    artists: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class IdReport(Printed):
    """What came of matching a player's songs to a library's tracks.

    Parameters
    ----------
    tracks : of the library.
    songs : of the player.
    unmatched : the player's songs that are no track, a name each.
    without : tracks that the player does not have, an id each.
    file : the table that was written.
    """

    player: str
    file: Path
    tracks: int
    songs: int
    matched_by: Mapping[str, int]
    unmatched: Sequence[str]
    without: Sequence[str]

    @property
    def matched(self) -> int:
        """Tracks whose id in the player is known."""
        return sum(self.matched_by.values())

    def lines(self) -> list[str]:
        """What was found, how, and what was not."""
        ways = ", ".join(f"{number:,} by {rule}" for rule, number in self.matched_by.items())
        told = [f"{self.player}: {self.matched:,} of {counted(self.tracks, 'track')} known ({ways})."]
        if self.unmatched:
            told.append(
                f"{counted(len(self.unmatched), 'song')} of the player without a track here: {_some(self.unmatched)}"
            )
        if self.without:
            told.append(
                f"{counted(len(self.without), 'track')} not found in the player, and left out of what it is answered: "
                f"{_some(self.without)}"
            )
        return told

    def to_dict(self) -> dict[str, Any]:
        """The JSON object of ``antiphon ids --json``."""
        return {
            "player": self.player,
            "file": str(self.file),
            "tracks": self.tracks,
            "songs": self.songs,
            "matched": self.matched,
            "matched_by": dict(self.matched_by),
            "unmatched": list(self.unmatched),
            "without": list(self.without),
        }


def import_ids(root: Path, found: PlayerSongs, *, player: str = "", maps: Sequence[PathMap] = ()) -> IdReport:
    """Match a player's songs to a library's tracks, and keep its ids in place of older ones.

    Parameters
    ----------
    player : its name here; "" for what it calls itself.
    maps : folders as the player sees them, and where they are on this machine.

    Raises
    ------
    LibraryError : there is no library; the player has no songs, or none of them is a track here.
    """
    library = Library(root)
    name = player_name(player or found.player)
    ours = list(songs_of_library(library, ids_of_tracks(library, name)))
    theirs = [_here(song, library, maps) for song in found.songs]
    matches = match(ours, theirs)
    if not matches:
        raise _none_matched(found, library)
    table = IdTable(
        player=name,
        source=found.source,
        tracks={canonical(each.player_id): each.track_id for each in matches},
        artists=found.artists,
        matched_by=dict(Counter(each.by for each in matches)),
        unmatched=len(theirs) - len(matches),
    )
    return _report(save_ids(root, table), table, ours, theirs, matches)


def _here(song: Song, library: Library, maps: Sequence[PathMap]) -> Song:
    """With its path as it would be on this machine."""
    if not song.path:
        return song
    path = mapped(song.path, maps) if is_absolute(song.path) else library.sound_at(song.path)
    return replace(song, path=path)


def _report(
    file: Path, table: IdTable, ours: Sequence[Song], theirs: Sequence[Song], matches: Sequence[Match]
) -> IdReport:
    matched, known = {each.player_id for each in matches}, {each.track_id for each in matches}
    return IdReport(
        player=table.player,
        file=file,
        tracks=len(ours),
        songs=len(theirs),
        matched_by=table.matched_by,
        unmatched=[_shown(song) for song in theirs if song.id not in matched],
        without=[song.id for song in ours if song.id not in known],
    )


def _none_matched(found: PlayerSongs, library: Library) -> LibraryError:
    if not found.songs:
        return LibraryError(f"{found.source} lists no songs.", fix="Let the player scan its music first.")
    folder = shared_folder(song.path for song in found.songs)
    seen = folder or "/music"
    return LibraryError(
        f"None of the {len(found.songs):,} songs of {found.source} is a track of {as_typed(library.root)}: neither by "
        f"path, nor by MusicBrainz id, nor by title and artist. The first is '{_shown(found.songs[0])}'.",
        fix=f"Say where its folder is here: --path-map {seen}=FOLDER",
    )


def _shown(song: Song) -> str:
    return " - ".join(part for part in (song.artist, song.title) if part) or song.path or song.id


def _some(names: Sequence[str]) -> str:
    more = f", and {len(names) - SHOWN:,} more" if len(names) > SHOWN else ""
    return f"{'; '.join(names[:SHOWN])}{more}."
