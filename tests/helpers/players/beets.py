"""beets' database in the shape of two versions, as beets 1.6.0 and 2.14.1 themselves write it (fewer columns)."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

OLD = (
    "id INTEGER PRIMARY KEY, path BLOB, album_id INTEGER, title TEXT, artist TEXT, album TEXT, albumartist TEXT, "
    "genre TEXT, composer TEXT, year INTEGER, month INTEGER, day INTEGER, original_year INTEGER, "
    "original_month INTEGER, original_day INTEGER, track INTEGER, disc INTEGER, bpm INTEGER, initial_key TEXT, "
    "comments TEXT, lyrics TEXT, comp INTEGER, mb_trackid TEXT, rg_track_gain REAL, length REAL, format TEXT, "
    "mtime REAL, added REAL"
)
NEW = f"{OLD}, genres TEXT, composers TEXT, artists TEXT, label TEXT"


def beets(
    path: Path,
    items: Sequence[dict[str, Any]],
    *,
    columns: str = NEW,
    of_items: Sequence[tuple[int, str, str]] = (),
    of_albums: Sequence[tuple[int, str, str]] = (),
) -> Path:
    """A library with flexible attributes of items and albums: (id, key, value)."""
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE items ({columns})")
    connection.execute("CREATE TABLE albums (id INTEGER PRIMARY KEY, album TEXT, albumartist TEXT)")
    for table, found in (("item_attributes", of_items), ("album_attributes", of_albums)):
        connection.execute(f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, entity_id INTEGER, key TEXT, value TEXT)")
        connection.executemany(f"INSERT INTO {table} (entity_id, key, value) VALUES (?, ?, ?)", found)
    for item in items:
        marks = ", ".join("?" for _ in item)
        connection.execute(f"INSERT INTO items ({', '.join(item)}) VALUES ({marks})", tuple(item.values()))
    connection.commit()
    connection.close()
    return path
