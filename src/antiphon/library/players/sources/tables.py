"""A table or a player's database as the source of its ids: columns id and path, or title, artist and album."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.match import ColumnRoles, match_columns
from antiphon.library.manifest.columns.options import DEFAULTS
from antiphon.library.manifest.folders import read_file
from antiphon.library.manifest.sources.navidrome import is_navidrome
from antiphon.library.manifest.sources.sqlite_file import Database, is_sqlite, read_database
from antiphon.library.manifest.table import Table
from antiphon.library.metadata.names import plain_name
from antiphon.library.players.importing import PlayerSongs
from antiphon.library.players.known import FIELDS
from antiphon.library.players.songs import RECORDING, Song, first_text

OWN = ("player_id", *FIELDS.values(), "jellyfin_id", "lms_id", "ampache_id")
"""Columns that hold a player's own ids, before one that is called id."""
RECORDINGS = (RECORDING, "mbz_recording_id", "mb_trackid", "musicbrainz_id", "mbid")


def songs_of_table(path: Path) -> PlayerSongs:
    """The songs of a table (CSV, TSV, JSON, Parquet …), or of Navidrome's or beets' database.

    Raises
    ------
    ManifestError : it cannot be read, or has no column of ids.
    """
    if not path.is_file():
        raise ManifestError(f"There is no file {path}.", fix="Give a table, a player's database, or its address.")
    songs = [song for table in read_file(path, path.parent, DEFAULTS) for song in _songs(table)]
    player, artists = read_database(path, _of_database) if is_sqlite(path) else ("player", {})
    return PlayerSongs(player=player, source=str(path), songs=songs, artists=artists)


def _of_database(database: Database) -> tuple[str, dict[str, str]]:
    """Whose database it is, and id → name of its artists."""
    if not is_navidrome(database):
        return "beets", {}
    rows = database.rows("artist", needs=("id", "name"))
    return "navidrome", {str(row["id"]): str(row["name"]) for row in rows if row["id"] and row["name"]}


def _songs(table: Table) -> list[Song]:
    columns = match_columns(list(table.columns))
    ids = _column(table, OWN) or columns.roles.get("id", "")
    if not ids:
        raise ManifestError(
            f"{table.file} has no column with the player's ids.",
            fix="Name it id, and the files' column path: id,path",
        )
    named = {
        "path": columns.roles.get("audio", ""),
        **{role: columns.roles.get(role, "") for role in ("title", "artist", "album")},
        "recording": _column(table, RECORDINGS),
    }
    _require_something(table, named, columns)
    cells = {field: _texts(table, column) for field, column in named.items()}
    return [
        Song(id=own, known_as=own, **{field: values[row] for field, values in cells.items()})
        for row, own in enumerate(_texts(table, ids))
        if own
    ]


def _require_something(table: Table, named: dict[str, str], columns: ColumnRoles) -> None:
    if not (named["path"] or named["recording"] or (named["title"] and named["artist"])):
        has = ", ".join(f"'{name}'" for name in columns.roles.values())
        raise ManifestError(
            f"{table.file} does not say which songs its ids are of; of its columns {has or 'none'} mean something.",
            fix="Add a column path, or the columns title, artist and album.",
        )


def _column(table: Table, names: Sequence[str]) -> str:
    by_name = {plain_name(name): name for name in table.columns}
    return next((by_name[name] for name in names if name in by_name), "")


def _texts(table: Table, column: str) -> list[str]:
    cells: Sequence[Any] = table.columns[column] if column else [None] * len(table.lines)
    return [first_text(cell).strip() for cell in cells]
