"""Which source a file is: by what it holds, never by its name alone."""

from __future__ import annotations

from pathlib import Path

from antiphon.errors import ManifestError
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.sources.beets import is_beets, read_beets
from antiphon.library.manifest.sources.navidrome import is_navidrome, read_navidrome
from antiphon.library.manifest.sources.playlist import is_playlist, read_playlist
from antiphon.library.manifest.sources.sqlite_file import Database, is_sqlite, read_database
from antiphon.library.manifest.table import Table


def read_source(path: Path, options: ManifestOptions) -> Table | None:
    """The table of a player's database or of a playlist; None for a file that is neither.

    Raises
    ------
    ManifestError : it is a database of another kind, damaged, or has no tracks.
    """
    if is_sqlite(path):
        return read_database(path, lambda database: _of_database(database, options))
    return read_playlist(path, options) if is_playlist(path) else None


def _of_database(database: Database, options: ManifestOptions) -> Table:
    if is_navidrome(database):
        return read_navidrome(database, options)
    if is_beets(database):
        return read_beets(database, options)
    tables = ", ".join(database.tables()[:8]) or "none"
    raise ManifestError(
        f"{database.path} is an SQLite database, but neither Navidrome's nor beets'. Its tables: {tables}.",
        fix="Give navidrome.db (in Navidrome's data folder) or beets' library.db (beet config -p shows the folder); "
        "from any other program export a playlist (M3U) or a table (CSV).",
    )
