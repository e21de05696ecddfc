"""``metadata.parquet``, opened: one row a track, one typed column a field."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from antiphon.errors import LibraryError
from antiphon.library.files import Write, parquet
from antiphon.library.metadata.types import FieldType, type_of

METADATA_FILE = "metadata.parquet"
ROWS = 1 << 14
"""Rows a group of the file: what is decoded to look at one track."""
Value = str | list[str] | int | float
_UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException)


class Rooted(Protocol):
    """A library, as far as its metadata need it."""

    @property
    def root(self) -> Path:
        """Its folder."""
        ...


class Metadata:
    """What is known of each track beside its captions. Columns are read when they are first asked for.

    Parameters
    ----------
    path : the file; a library without one has no metadata.

    Raises
    ------
    LibraryError : the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read: dict[str, pa.ChunkedArray] = {}
        self._group: tuple[int, pa.Table] = (-1, pa.table({}))
        self._schema = self._opened().schema_arrow if path.exists() else pa.schema([])
        if path.exists() and "track_id" not in self._schema.names:
            raise self._damaged("it has no column track_id")

    def __repr__(self) -> str:
        return f"Metadata({len(self)} tracks: {', '.join(f'{n} ({self.type_of(n)})' for n in self.names)})"

    def __len__(self) -> int:
        return len(self.track_ids)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the fields, in the file's order."""
        return tuple(name for name in self._schema.names if name != "track_id")

    @cached_property
    def track_ids(self) -> tuple[str, ...]:
        """The track of each row."""
        return tuple(self.arrow("track_id").to_pylist()) if len(self._schema) else ()

    def type_of(self, name: str) -> FieldType:
        """What a field holds.

        Raises
        ------
        LibraryError : there is no field of that name.
        """
        return type_of(self._schema.field(self._index(name)))

    def arrow(self, name: str) -> pa.ChunkedArray:
        """One column as Arrow stores it, a row a track.

        Raises
        ------
        LibraryError : there is no field of that name, or the file is damaged.
        """
        if name not in self._read:
            index = self._index(name)
            try:
                table = self._opened().read(columns=[name])
                column = table.column(table.schema.get_field_index(name))
                column.validate(full=True)
            except _UNREADABLE as error:
                raise self._damaged(error) from error
            self._read[self._schema.names[index]] = column
        return self._read[name]

    def column(self, name: str) -> list[Value | None]:
        """The values of a field, one a track in the order of ``tracks.parquet``; None where there is none.

        Raises
        ------
        LibraryError : there is no field of that name, or the file is damaged.
        """
        values: list[Value | None] = self.arrow(name).to_pylist()
        return values

    def of(self, track_id: str) -> dict[str, Value]:
        """What is known of one track, field → value; without the fields that it has no value in."""
        return self.of_each([track_id])[0]

    def of_each(self, track_ids: Sequence[str]) -> list[dict[str, Value]]:
        """:meth:`of` of several tracks; each part of the file is decoded once."""
        rows = [self._row_of.get(track_id, -1) for track_id in track_ids]
        found: list[dict[str, Value]] = [{} for _ in rows]
        group = self._group  # another thread may put another one in its place meanwhile
        for place in sorted(range(len(rows)), key=rows.__getitem__):
            if rows[place] < 0:
                continue
            number, inside = divmod(rows[place], ROWS)
            if group[0] != number:
                group = self._group = (number, self._rows(number))
            own: dict[str, Value] = group[1].slice(inside, 1).to_pylist()[0]
            found[place] = {name: value for name, value in own.items() if name != "track_id" and value is not None}
        return found

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {track_id: row for row, track_id in enumerate(self.track_ids)}

    def _rows(self, number: int) -> pa.Table:
        try:
            with self._opened() as file:
                if file.num_row_groups == -(-len(self) // ROWS):  # as it is written here
                    return file.read_row_group(number)
                return file.read().slice(number * ROWS, ROWS)
        except _UNREADABLE as error:
            raise self._damaged(error) from error

    def _opened(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self._path)
        except _UNREADABLE as error:
            raise self._damaged(error) from error

    def _index(self, name: str) -> int:
        index = int(self._schema.get_field_index(name))
        if index < 0:
            listed = ", ".join(self.names) or "none"
            raise LibraryError(f"{self._path.parent} has no metadata field '{name}'.", fix=f"It has: {listed}.")
        return index

    def _damaged(self, why: object) -> LibraryError:
        fix = "Run antiphon ingest again: it mends it; splits and vectors are kept."
        return LibraryError(f"{self._path} cannot be read: {why}", fix=fix)


def metadata_file(table: pa.Table) -> Write:
    """How the table of :meth:`~antiphon.library.metadata.collected.MetadataCollector.table` is written."""
    return parquet(table, row_group_size=ROWS, compression="zstd")


def open_metadata(library: Rooted) -> Metadata:
    """The metadata of a library; without fields where it was made before there were any.

    Raises
    ------
    LibraryError : the file is damaged.
    """
    return Metadata(library.root / METADATA_FILE)
