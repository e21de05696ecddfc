"""Navidrome's database (``navidrome.db``) of any version: its tracks with their tags and ids.

Since 0.55 paths are relative to the folder of a ``library``, tags and people stand in JSON columns, and files that are
gone are kept as ``missing``. Before, paths are absolute, and genres stand in a table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from antiphon.library.manifest.columns.options import ManifestOptions
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
from antiphon.library.manifest.text_tables import parse_json
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
NAMES = {
    "recordlabel": "label",
    "recordingdate": "date",
    "catalognumber": "catalognumber",
    "musickey": "key",
}
"""Navidrome's name of a tag → ours, where they differ."""
SHOWN = ("artist", "albumartist")
"""Roles that have a column of their own; as lists they are kept only where several people stand in one."""


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


def tags_of(cell: object) -> dict[str, list[str]]:
    """Tags by name, each a list: ``{"genre": [{"id": …, "value": "Jazz"}]}`` is ``{"genre": ["Jazz"]}``."""
    return {NAMES.get(name, name): values for name, found in _object(cell).items() if (values := _values(found))}


def people_of(cell: object, row: Mapping[str, Any]) -> dict[str, list[str]]:
    """People by role: composer, conductor, performer ("Anna (cello)") …; several artists as ``artists``."""
    people = {}
    for role, found in _object(cell).items():
        names = _values(found)
        if role not in SHOWN and names:
            people[role] = names
        elif len(names) > 1 or (names and names[0] != row.get("artist" if role == "artist" else "album_artist")):
            people[f"{role}s"] = names
    return people


def text_of_lyrics(cell: object) -> str:
    """The words of lyrics: plain text before 0.50, later a list of ``{"line": [{"value": …}]}``."""
    if not isinstance(cell, str) or not cell.lstrip().startswith("["):
        return cell if isinstance(cell, str) else ""
    try:
        found = parse_json(cell)
        lines = [str(line.get("value", "")) for version in found[:1] for line in version.get("line") or []]
    except (ValueError, AttributeError, TypeError):
        return cell
    return "\n".join(lines).strip()


def _object(cell: object) -> dict[str, Any]:
    if not isinstance(cell, str | bytes) or not cell:
        return {}
    try:
        value = parse_json(cell if isinstance(cell, str) else cell.decode("utf-8", "replace"))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _values(found: object) -> list[str]:
    items = found if isinstance(found, list) else [found]
    values = [_value(item) for item in items]
    return list(dict.fromkeys(value for value in values if value))


def _value(item: object) -> str:
    if not isinstance(item, Mapping):
        return str(item).strip() if isinstance(item, str | int | float) else ""
    text = str(item.get("value") or item.get("name") or "").strip()
    sub_role = str(item.get("subRole") or "").strip()
    return f"{text} ({sub_role})" if text and sub_role else text
