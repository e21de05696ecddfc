"""``files.parquet``: what was read of each sound file, so that an unchanged one is not opened again.

One row a file: track_id, path (as in ``tracks.parquet``), size in bytes, mtime_ns, content (hash), tagged (whether its
tags were looked at), here, and read: one line of JSON, the fields of :class:`~antiphon.library.tags.reader.FileTags`.
Files that are gone stay in it, with ``here`` false: a disk that was away comes back, and its tracks are the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.library.files import Write, parquet, read_parquet
from antiphon.library.tags.pool import parse_line

FILES = "files.parquet"
READER = b"1"
"""Changes when files have to be read again, because tags are read differently."""
_KEY = b"antiphon_reader"
_SCHEMA = pa.schema(
    [
        *[("track_id", pa.string()), ("path", pa.string()), ("size", pa.int64()), ("mtime_ns", pa.int64())],
        *[("content", pa.string()), ("tagged", pa.bool_()), ("here", pa.bool_()), ("read", pa.string())],
    ],
    metadata={_KEY: READER},
)
_UNREADABLE = (OSError, ValueError, KeyError, pa.ArrowException)


@dataclass(frozen=True, kw_only=True)
class TagLedger:
    """The files of a library when it was last made.

    Parameters
    ----------
    rows : the table; empty where there was none.
    row_of : path → row.
    """

    rows: pa.Table = field(default_factory=_SCHEMA.empty_table)
    row_of: dict[str, int] = field(default_factory=dict)

    def known(self, paths: Sequence[str], sizes: NDArray[np.int64], times: NDArray[np.int64], *, tags: bool) -> Known:
        """The rows of files that are as they were; −1 for those to be read.

        Parameters
        ----------
        paths, sizes, times : (n,) of the files now.
        tags : whether tags are wanted.
        """
        rows = np.array([self.row_of.get(path, -1) for path in paths], np.int64).reshape(-1)
        if not self.rows.num_rows:
            return rows
        had = {name: np.asarray(self.rows.column(name)) for name in ("size", "mtime_ns", "tagged")}
        same = (rows >= 0) & (had["size"][rows] == sizes) & (had["mtime_ns"][rows] == times)
        return np.where(same & (had["tagged"][rows] | (not tags)), rows, -1)

    def lines(self, rows: NDArray[np.int64]) -> list[str]:
        """What was read of the files in these rows."""
        found: list[str] = self.rows.column("read").take(pa.array(rows)).to_pylist()
        return found

    def column(self, name: str) -> list[str]:
        """One column of texts."""
        values: list[str] = self.rows.column(name).to_pylist()
        return values


Known = NDArray[np.int64]


def open_tag_ledger(root: Path) -> TagLedger:
    """The ledger of a library; empty where there is none, it is damaged, or tags are read differently now."""
    try:
        rows = read_parquet(root / FILES)
        if (rows.schema.metadata or {}).get(_KEY) != READER:
            return TagLedger()
        rows = rows.select(_SCHEMA.names).cast(_SCHEMA)
        rows.validate(full=True)
    except _UNREADABLE:
        return TagLedger()
    if any(column.null_count for column in rows.columns):
        return TagLedger()
    return TagLedger(rows=rows, row_of={path: row for row, path in enumerate(rows.column("path").to_pylist())})


@dataclass(kw_only=True)
class LedgerWriter:
    """The ledger of the library that is being made, chunk by chunk in the order of the files."""

    content: list[str] = field(default_factory=list)
    _read: list[pa.Array] = field(default_factory=list)

    def add(self, lines: list[str], content: list[str]) -> None:
        """Note what was read of further files."""
        self._read.append(pa.array(lines, pa.string()))
        self.content += content

    def line(self, number: int) -> str:
        """What was read of one file."""
        for chunk in self._read:
            if number < len(chunk):
                return str(chunk[number].as_py())
            number -= len(chunk)
        raise IndexError(number)

    def file(
        self,
        track_ids: Sequence[str],
        paths: Sequence[str],
        sizes: NDArray[np.int64],
        times: NDArray[np.int64],
        *,
        tagged: bool,
        gone: pa.Table,
    ) -> Write:
        """How the ledger is written; see the head of this file for its columns, ``gone`` has them as well."""
        columns = [pa.array(track_ids, pa.string()), pa.array(paths, pa.string()), pa.array(sizes), pa.array(times)]
        flags = [pa.array(np.full(len(paths), flag)) for flag in (tagged, True)]
        read = pa.chunked_array(self._read, pa.string())
        table = pa.table([*columns, pa.array(self.content, pa.string()), *flags, read], schema=_SCHEMA)
        away = gone.set_column(gone.schema.get_field_index("here"), "here", pa.array(np.full(gone.num_rows, False)))
        whole = pa.concat_tables([table, away.cast(_SCHEMA)])
        return parquet(whole, compression="zstd")


def identity_of(line: str) -> str:
    """What its tags say a recording is, "" where they say too little to tell it from others.

    The recording and release of MusicBrainz, or title, artist, album and number together.
    """
    tags = parse_line(line).tags
    for names in (("musicbrainz_trackid", "musicbrainz_albumid"), ("title", "artist", "album", "tracknumber")):
        values = [tags.get(name, [""])[0] for name in names]
        if all(values):
            return "\0".join([*values, *tags.get("discnumber", [])])
    return ""
