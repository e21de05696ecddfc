"""beets' database (``library.db``) of any version: items, with the flexible attributes of items and albums.

Paths are bytes: absolute until 2.9, from 2.10 relative to the setting ``directory``, which stands in ``config.yaml``
and not in the database.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.sources.sqlite_file import Database
from antiphon.library.manifest.sources.tables import (
    Item,
    file_path,
    music_folder,
    partial_date,
    source_table,
    without_nothing,
)
from antiphon.library.manifest.table import Table

NAMES = {
    "id": "beets_id",
    "track": "tracknumber",
    "tracktotal": "tracktotal",
    "disc": "discnumber",
    "comments": "comment",
    "initial_key": "key",
    "original_year": "originalyear",
    "mb_trackid": "musicbrainz_trackid",
    "mb_releasetrackid": "musicbrainz_releasetrackid",
    "mb_albumid": "musicbrainz_albumid",
    "mb_artistid": "musicbrainz_artistid",
    "mb_artistids": "musicbrainz_artistids",
    "mb_albumartistid": "musicbrainz_albumartistid",
    "mb_albumartistids": "musicbrainz_albumartistids",
    "mb_releasegroupid": "musicbrainz_releasegroupid",
    "mb_workid": "musicbrainz_workid",
    "rg_track_gain": "replaygain_track_gain",
    "rg_track_peak": "replaygain_track_peak",
    "rg_album_gain": "replaygain_album_gain",
    "rg_album_peak": "replaygain_album_peak",
    "catalognum": "catalognumber",
    "genres": "genre",
    "moods": "mood",
    "composers": "composer",
    "lyricists": "lyricist",
    "arrangers": "arranger",
    "remixers": "remixer",
}
"""beets' name of a field → ours, where they differ."""
PLURAL = frozenset({"genres", "moods", "composers", "lyricists", "arrangers", "remixers"})
"""Fields that took the place of one with a single value, which stays in databases that came from an older beets."""
DEFAULT = "~/Music"
"""Where beets keeps music unless its settings say otherwise."""
LEFT_OUT = frozenset(
    {
        *("path", "album_id", "mtime", "added", "month", "day", "original_month", "original_day", "comp"),
        *(
            "format",
            "bitrate",
            "bitrate_mode",
            "samplerate",
            "bitdepth",
            "channels",
            "encoder_info",
            "encoder_settings",
        ),
        *("artist_sort", "albumartist_sort", "artists_sort", "albumartists_sort", "composer_sort", "data_source"),
        *("acoustid_fingerprint", "r128_track_gain", "r128_album_gain"),
    }
)
"""Of the file and of beets itself, not of the music; dates are put together."""
DELIMITER = "\\␀"
"""Between several values since beets 2.0: a backslash and U+2400."""
LISTS = frozenset({"genre", "genres", "mood", "moods", "style", "styles", "theme", "instrument", "instruments"})
"""Fields whose values older versions and plug-ins write into one text, with commas or semicolons."""
NUMBERS = frozenset({"bpm", "year", "original_year", "track", "disc", "tracktotal", "disctotal", "length"})
WHOLE = ("Folk, World, & Country",)
"""Names of genres that have a comma of their own (at Discogs)."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def is_beets(database: Database) -> bool:
    """Whether it is a beets database, by its tables."""
    return {"id", "path", "title", "album_id"} <= database.columns("items") and bool(database.columns("albums"))


def read_beets(database: Database, options: ManifestOptions) -> Table:
    """One row for each item.

    Raises
    ------
    ManifestError : it has no items.
    """
    of_items, of_albums = (_attributes(database, table) for table in ("item_attributes", "album_attributes"))
    folder = music_folder(music_directory(database.path.parent), options, database.path.parent)
    items: list[tuple[int, Item]] = []
    for number, row in enumerate(database.rows("items", order="id"), 1):
        flexible = {**of_albums.get(row.get("album_id") or 0, {}), **of_items.get(row["id"], {})}
        items.append((number, _item(row, flexible)))
    said = folder.written or options.audio_folders
    return source_table(database.path, items, folder, [], [] if said else _unknown_folder(items))


def music_directory(folder: Path) -> str:
    """The setting ``directory`` of the ``config.yaml`` beside a database; "" where there is no such file."""
    try:
        text = (folder / "config.yaml").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    found = re.search(r"""^directory:[ \t]*(?:"([^"\n]+)"|'([^'\n]+)'|([^\s#][^#\n]*))""", text, re.MULTILINE)
    written = next((part.strip() for part in found.groups() if part), "") if found else ""
    return os.fspath((folder / Path(written or DEFAULT).expanduser()).absolute())


def _item(row: Mapping[str, Any], flexible: Mapping[str, str]) -> Item:
    fields: Item = {}
    for name, cell in sorted((*flexible.items(), *row.items()), key=lambda pair: pair[0] in PLURAL):
        value = None if name in LEFT_OUT else beets_value(name, cell)
        if value not in (None, "", 0, []):
            fields[NAMES.get(name, name)] = value
    fields["date"] = partial_date(row.get("year"), row.get("month"), row.get("day"))
    fields["originaldate"] = partial_date(*(row.get(f"original_{part}") for part in ("year", "month", "day")))
    fields["compilation"] = "1" if row.get("comp") else None
    return without_nothing({**fields, "audio": file_path(row["path"])})


def _attributes(database: Database, table: str) -> dict[int, dict[str, str]]:
    """Flexible attributes of each item or album."""
    found: dict[int, dict[str, str]] = {}
    for row in database.rows(table, needs=("entity_id", "key", "value")):
        found.setdefault(row["entity_id"], {})[str(row["key"])] = row["value"]
    return found


def _unknown_folder(items: list[tuple[int, Item]]) -> list[str]:
    relative = sum(not os.path.isabs(item.get("audio", "")) for _, item in items)  # noqa: PTH117
    if not relative:
        return []
    return [
        f"{relative} paths are relative to beets' setting 'directory', and no config.yaml beside it says which "
        "folder that is (--audio-folder)."
    ]


def beets_value(name: str, cell: object) -> Any:
    """A cell as text, number or list.

    Parameters
    ----------
    name : of the field, as beets writes it.
    """
    if isinstance(cell, bytes):
        return cell.decode("utf-8", "replace")
    if not isinstance(cell, str):
        return cell
    text = cell.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if DELIMITER in text:
        return _parts(text, re.escape(DELIMITER))
    if name in NUMBERS and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if name in LISTS:
        return _listed(text)
    return _parts(text, r";\s") if name == "albumtypes" else text


def _listed(text: str) -> list[str]:
    """Several values in one text; names that hold a comma themselves stay whole."""
    kept: list[str] = []
    for name in WHOLE:
        if name in text:
            kept.append(name)
            text = text.replace(name, "")
    return [*kept, *_parts(text, r"[;,]")]


def _parts(text: str, between: str) -> list[str]:
    return [part for piece in re.split(between, text) if (part := piece.strip())]
