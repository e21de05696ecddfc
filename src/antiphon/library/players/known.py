"""All that a library knows of players' ids: their tables, and what came with the metadata of an ingest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from antiphon.library.players.forms import canonical, spellings
from antiphon.library.players.table import IdTable, id_files, read_ids
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text

FIELDS = {"navidrome": "navidrome_id", "subsonic": "subsonic_id", "beets": "beets_id"}
"""Player → the field of metadata in which an ingest keeps its ids."""


@dataclass(frozen=True, kw_only=True)
class PlayerIds:
    """One player's ids, both ways.

    Parameters
    ----------
    player : its name.
    tracks : its id of a song → the track's id.
    artists : its id of an artist → the name.
    unmatched : its songs that are no track of the library.
    source : where its ids were learnt: an address, a file, or "" for an ingest.
    """

    player: str
    tracks: Mapping[str, str]
    artists: Mapping[str, str]
    unmatched: int = 0
    source: str = ""

    def track(self, player_id: str) -> str | None:
        """The track that the player means, however it writes the id; None for none that is known."""
        return next((self.tracks[each] for each in spellings(player_id) if each in self.tracks), None)

    def id_of(self, track_id: str) -> str | None:
        """The player's id of a track; None where it does not have the track."""
        return self._ids.get(track_id)

    def artist(self, player_id: str) -> str | None:
        """The artist whom the player means; None for none that is known."""
        return next((self.artists[each] for each in spellings(player_id) if each in self.artists), None)

    def artist_id_of(self, name: str) -> str | None:
        """The player's id of an artist; None where it does not say."""
        return self._artist_ids.get(normalised_text(name))

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {ours: theirs for theirs, ours in reversed(list(self.tracks.items()))}

    @cached_property
    def _artist_ids(self) -> dict[str, str]:
        return {normalised_text(name): theirs for theirs, name in reversed(list(self.artists.items()))}


def known_players(library: Library) -> list[PlayerIds]:
    """Every player whose ids are known, the one that knows the most tracks first.

    A table that was made of a player goes before what metadata say of the same one: it is newer.

    Raises
    ------
    LibraryError : a table is damaged.
    """
    tables = {table.player: table for table in map(read_ids, id_files(library.root))}
    for player, theirs in _from_metadata(library).items():
        tables.setdefault(player, IdTable(player=player, tracks=theirs))
    found = [_ids_of(table, library) for table in tables.values()]
    return sorted((ids for ids in found if ids.tracks), key=lambda ids: (-len(ids.tracks), ids.player))


def ids_of_tracks(library: Library, player: str) -> dict[str, str]:
    """Track id → a player's own id, as far as the library knows it."""
    known = next((ids for ids in known_players(library) if ids.player == player), None)
    return {} if known is None else {ours: theirs for theirs, ours in known.tracks.items()}


def _ids_of(table: IdTable, library: Library) -> PlayerIds:
    """Without tracks that have left the library."""
    here = library.row_of_track
    tracks = {canonical(theirs): ours for theirs, ours in table.tracks.items() if ours in here}
    artists = {canonical(theirs): name for theirs, name in table.artists.items()}
    return PlayerIds(
        player=table.player, tracks=tracks, artists=artists, unmatched=table.unmatched, source=table.source
    )


def _from_metadata(library: Library) -> dict[str, dict[str, str]]:
    metadata = library.metadata
    fields = {player: field for player, field in FIELDS.items() if field in metadata}
    return {player: dict(_pairs(metadata.track_ids, metadata.column(field))) for player, field in fields.items()}


def _pairs(track_ids: Sequence[str], values: Sequence[object]) -> Iterable[tuple[str, str]]:
    for track_id, value in zip(track_ids, values, strict=True):
        for each in value if isinstance(value, list) else [value]:
            if each not in (None, ""):
                yield str(each), track_id
