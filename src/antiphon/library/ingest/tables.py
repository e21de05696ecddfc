"""The tables of a library, written column by column from what the manifest says: no object a row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

import pyarrow as pa

from antiphon.library.manifest.rows.entry import Entry

CHUNK = 1 << 16
"""Values that are Python texts at one time, where a column is made for the table alone."""


def track_table(entries: Sequence[Entry], groups: Sequence[str], splits: Sequence[str]) -> pa.Table:
    """``tracks.parquet``.

    Parameters
    ----------
    entries, groups, splits : (n,) each track, its group and its split.
    """
    return pa.table(
        {
            "track_id": _texts(entry.track_id for entry in entries),
            "path": _texts(entry.path for entry in entries),
            "title": _texts(entry.title for entry in entries),
            "artist": _texts(entry.artist for entry in entries),
            "album": _texts(entry.album for entry in entries),
            "group": _texts(groups),
            "split": _texts(splits),
        }
    )


def caption_table(entries: Sequence[Entry]) -> pa.Table:
    """``captions.parquet``: the captions of each track, numbered from 0."""
    return pa.table(
        {
            "caption_id": _texts(f"{entry.track_id}#{n}" for entry in entries for n in range(len(entry.captions))),
            "track_id": _texts(entry.track_id for entry in entries for _ in entry.captions),
            "text": _texts(text for entry in entries for text in entry.captions),
            "kind": _texts(entry.kind_of(n) for entry in entries for n in range(len(entry.captions))),
        }
    )


def _texts(values: Iterable[str]) -> pa.ChunkedArray:
    waiting = iter(values)
    chunks = iter(lambda: pa.array(list(islice(waiting, CHUNK)), pa.string()), pa.array([], pa.string()))
    return pa.chunked_array(list(chunks), pa.string())
