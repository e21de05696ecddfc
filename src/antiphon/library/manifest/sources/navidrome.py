"""Navidrome's database (``navidrome.db``) of any version: its tracks with their tags and ids.

Since 0.55 paths are relative to the folder of a ``library``, tags and people stand in JSON columns, and files that are
gone are kept as ``missing``. Before, paths are absolute, and genres stand in a table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.sources.navidrome_tags import people_of, tags_of, text_of_lyrics
from antiphon.library.manifest.sources.sqlite_file import Database
from antiphon.library.manifest.sources.tables import (
    Item,
    file_path,
    music_folder,
    player_path,
    source_table,
    without_nothing,
)
from antiphon.library.manifest.table import Table
from antiphon.printed import counted

FIELDS = {
    "id": "navidrome_id",
    "title": "title",
    "artist": "artist",
    "album": "album",
    "album_artist": "albumartist",
    "year": "year",
    "date": "date",
    "original_year": "originalyear",
    "original_date": "originaldate",
    "release_date": "releasedate",
    "track_number": "tracknumber",
    "disc_number": "discnumber",
    "disc_subtitle": "discsubtitle",
    "duration": "length",
    "bpm": "bpm",
    "comment": "comment",
    "catalog_num": "catalognumber",
    "mbz_recording_id": "musicbrainz_trackid",
    "mbz_track_id": "musicbrainz_trackid",
    "mbz_release_track_id": "musicbrainz_releasetrackid",
    "mbz_album_id": "musicbrainz_albumid",
    "mbz_release_group_id": "musicbrainz_releasegroupid",
    "mbz_artist_id": "musicbrainz_artistid",
    "mbz_album_artist_id": "musicbrainz_albumartistid",
    "mbz_album_type": "musicbrainz_albumtype",
    "mbz_album_comment": "musicbrainz_albumcomment",
    "rg_track_gain": "replaygain_track_gain",
    "rg_album_gain": "replaygain_album_gain",
}
"""Column of ``media_file`` → the field's name here. Of two that mean the same only one is there."""


def is_navidrome(database: Database) -> bool:
    """Whether it is a Navidrome database, by its tables."""
    return {"id", "path", "title"} <= database.columns("media_file")


def read_navidrome(database: Database, options: ManifestOptions) -> Table:
    """One row for each track that Navidrome does not mark as missing.

    Raises
    ------
    ManifestError : it has no tracks.
    """
    roots = {row["id"]: str(row["path"]) for row in database.rows("library", order="id", needs=("id", "path"))}
    genres = _genres(database)
    items: list[tuple[int, Item]] = []
    missing = 0
    for number, row in enumerate(database.rows("media_file", order="path"), 1):
        if row.get("missing"):
            missing += 1
        else:
            items.append((number, _item(row, roots, genres)))
    folder = music_folder(next(iter(roots.values()), ""), options, database.path.parent)
    return source_table(database.path, items, folder, [], _notes(missing, roots))


def _item(row: Mapping[str, Any], roots: Mapping[Any, str], genres: Mapping[str, list[str]]) -> Item:
    fields = {name: row.get(column) for column, name in FIELDS.items() if row.get(column)}
    old_genre = row.get("genre") if "tags" not in row else None
    plain = {
        "audio": player_path(roots.get(row.get("library_id", 1), ""), file_path(row["path"])),
        **fields,
        "lyrics": text_of_lyrics(row.get("lyrics")),
        "compilation": "1" if row.get("compilation") else None,
        "genre": genres.get(row["id"]) or ([old_genre] if old_genre else None),
    }
    more = {**tags_of(row.get("tags")), **people_of(row.get("participants"), row)}
    return without_nothing({**more, **without_nothing(plain)})


def _genres(database: Database) -> dict[str, list[str]]:
    """Genres of each track, where they stand in a table of their own (before 0.55)."""
    names = {row["id"]: str(row["name"]) for row in database.rows("genre", needs=("id", "name")) if row["name"]}
    found: dict[str, list[str]] = {}
    for row in database.rows("media_file_genres", needs=("media_file_id", "genre_id")):
        if row["genre_id"] in names:
            found.setdefault(row["media_file_id"], []).append(names[row["genre_id"]])
    return found


def _notes(missing: int, roots: Mapping[Any, str]) -> list[str]:
    notes = []
    if missing:
        notes.append(f"{counted(missing, 'track')} that Navidrome marks as missing left out.")
    if len(roots) > 1:
        notes.append(f"Navidrome has {len(roots)} libraries: {', '.join(roots.values())}; ids start from the first.")
    return notes
