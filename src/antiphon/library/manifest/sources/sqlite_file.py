"""Reading another program's SQLite database without leaving a trace beside it, also while that program runs.

SQLite itself writes ``-wal`` and ``-shm`` files beside a database that it only reads. A database at rest is therefore
opened as immutable, which takes no locks and writes nothing; one with changes under way (``-wal``, ``-journal``) is
copied together with them, and the copy is read. Where the files change meanwhile, all is read again.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from antiphon.errors import ManifestError

HEADER = b"SQLite format 3\x00"
SIDES = ("-wal", "-journal")
TRIES = 5
LARGEST_CELL = 64 << 20
"""Bytes of one cell: no text of music is longer."""
_LIMIT_LENGTH = 0
"""SQLITE_LIMIT_LENGTH, which Python 3.10 has no name for."""
T = TypeVar("T")


def is_sqlite(path: Path) -> bool:
    """Whether a file begins as an SQLite database does."""
    try:
        with path.open("rb") as stream:
            return stream.read(len(HEADER)) == HEADER
    except OSError:
        return False


class Database:
    """An open database; asks for what is there, and gives nothing for what this version of it lacks.

    Only plain tables count: a view or a virtual table may be a program, one without an end too.

    Parameters
    ----------
    path : of the file, for messages.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        connection.row_factory = sqlite3.Row
        connection.text_factory = _decoded
        limit = getattr(connection, "setlimit", None)
        if limit is not None:  # from Python 3.11 on
            limit(_LIMIT_LENGTH, LARGEST_CELL)

    def tables(self) -> list[str]:
        """Names of all tables."""
        plain = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE TABLE%' ORDER BY name"
        return [str(row["name"]) for row in self._connection.execute(plain)]

    def columns(self, table: str) -> set[str]:
        """Names of a table's columns; none where there is no such table."""
        if table not in self.tables():
            return set()
        found = self._connection.execute("SELECT name FROM pragma_table_info(?)", (table,))
        return {str(row["name"]) for row in found}

    def rows(self, table: str, order: str = "", needs: Collection[str] = ()) -> Iterator[Mapping[str, Any]]:
        """All rows of a table, by a column if one is named; none where there is no such table, or a column that it
        ``needs`` is not in it.
        """
        has = self.columns(table)
        if not has or not has.issuperset(needs):
            return
        ordered = f' ORDER BY "{order}"' if order in has else ""
        yield from map(dict, self._connection.execute(f'SELECT * FROM "{table}"{ordered}'))  # nosec B608 # our names


def read_database(path: Path, read: Callable[[Database], T]) -> T:
    """What ``read`` makes of a database, from one consistent state of it.

    Raises
    ------
    ManifestError : it cannot be opened, is damaged, or changes too fast.
    """
    try:
        for _ in range(TRIES):
            before = _state(path)
            with TemporaryDirectory(prefix="antiphon-") as folder:
                uri = _uri(path, Path(folder))
                if _state(path) != before:
                    continue
                try:
                    found = _read(path, uri, read)
                except sqlite3.DatabaseError:
                    if _state(path) == before:
                        raise
                    continue  # it was written to in the middle of a page
            if _state(path) == before or "immutable" not in uri:
                return found
    except (sqlite3.Error, OSError) as error:
        raise ManifestError(
            f"{path} cannot be read as an SQLite database: {error}.",
            fix="Check that the file is whole and readable; a copy that was made while its program ran needs the file "
            f"{path.name}-wal beside it.",
        ) from error
    raise ManifestError(
        f"{path} is written to faster than it can be read.",
        fix="Try again when its program is at rest (a scan or an import has ended), or stop it for a moment.",
    )


def _read(path: Path, uri: str, read: Callable[[Database], T]) -> T:
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        return read(Database(path, connection))


def _state(path: Path) -> tuple[tuple[int, int], ...]:
    """Size and time of the database and of what is under way beside it."""
    return tuple(_mark(Path(f"{path}{side}")) for side in ("", *SIDES))


def _mark(path: Path) -> tuple[int, int]:
    try:
        info = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (info.st_size, info.st_mtime_ns) if info.st_size else (0, 0)


def _uri(path: Path, folder: Path) -> str:
    """The address by which SQLite opens the database: itself where it is at rest, else a copy in ``folder``."""
    sides = [side for side in SIDES if _mark(Path(f"{path}{side}")) != (0, 0)]
    if not sides:
        return f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    copy = folder / "copy.db"
    for side in ("", *sides):
        shutil.copyfile(f"{path}{side}", f"{copy}{side}")
    return f"{copy.as_uri()}?mode=rw"


def _decoded(data: bytes) -> str:
    """Text of a database; bytes that are no UTF-8 stay recognisable, as in Python's file names."""
    return data.decode("utf-8", "surrogateescape")
