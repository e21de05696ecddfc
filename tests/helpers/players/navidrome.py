"""Navidrome's database in the shape of three versions."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

COMMON = (
    "id varchar primary key, path varchar, title varchar, album varchar, artist varchar, album_artist varchar, "
    "track_number integer, disc_number integer, year integer, size integer, suffix varchar, duration real, "
    "genre varchar, compilation bool, comment varchar, lyrics varchar, bpm integer, created_at datetime"
)


def old_navidrome(path: Path, tracks: Sequence[dict[str, Any]]) -> Path:
    """0.4x: absolute paths, genres in tables of their own; a track's ``genres`` is a list."""
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE media_file ({COMMON}, mbz_track_id varchar)")
    connection.execute("CREATE TABLE genre (id varchar primary key, name varchar)")
    connection.execute("CREATE TABLE media_file_genres (media_file_id varchar, genre_id varchar)")
    for track in tracks:
        genres = track.get("genres", [])
        for name in genres:
            connection.execute("INSERT OR IGNORE INTO genre VALUES (?, ?)", (f"g-{name}", name))
            connection.execute("INSERT INTO media_file_genres VALUES (?, ?)", (track["id"], f"g-{name}"))
        _insert(connection, {k: v for k, v in track.items() if k != "genres"} | {"genre": "".join(genres[:1])})
    _close(connection)
    return path


def navidrome(
    path: Path, tracks: Sequence[dict[str, Any]], libraries: Sequence[str] = ("/music",), *, close: bool = True
) -> sqlite3.Connection:
    """0.55 and later: paths relative to a library's folder, ``tags`` and ``participants`` as JSON, missing files kept.

    The database is in WAL mode, as Navidrome's; with ``close=False`` its changes stay in the ``-wal`` file.
    """
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE library (id integer primary key, name varchar, path varchar, remote_path varchar)")
    for number, folder in enumerate(libraries, 1):
        connection.execute("INSERT INTO library VALUES (?, ?, ?, '')", (number, f"Library {number}", folder))
    connection.execute(
        f"CREATE TABLE media_file ({COMMON}, pid varchar, library_id integer default 1, folder_id varchar, "
        "mbz_recording_id varchar, mbz_album_id varchar, rg_track_gain real, tags jsonb, participants jsonb, "
        "missing bool default false, explicit_status varchar default '')"
    )
    for track in tracks:
        as_json: dict[str, Any] = {
            name: json.dumps(track[name]) for name in ("tags", "participants", "lyrics") if name in track
        }
        _insert(connection, {**track, **as_json})
    connection.commit()
    if close:
        connection.close()
    return connection


def _insert(connection: sqlite3.Connection, track: dict[str, Any]) -> None:
    marks = ", ".join("?" for _ in track)
    connection.execute(f"INSERT INTO media_file ({', '.join(track)}) VALUES ({marks})", tuple(track.values()))


def _close(connection: sqlite3.Connection) -> None:
    connection.commit()
    connection.close()
