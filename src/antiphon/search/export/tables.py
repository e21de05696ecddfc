"""Tracks of an index beside all that is known of them, as Arrow tables a block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.library.metadata.names import unique_names
from antiphon.library.tracks import Library
from antiphon.search.indexes.exact import Index

NAMED = ("track_id", "title", "artist", "album", "path")
VECTOR = "vector"
BLOCK = 1 << 14
Float32 = NDArray[np.float32]


def described(library: Library, index: Index) -> pa.Table:
    """One row a track of the index: its names, where its sound is, and its metadata.

    A field of metadata that is called as one of the other columns gets a number behind its name.
    """
    rows = pa.array(index.rows)
    album = library.track_table.column("album").take(rows)
    columns = {name: index.tracks.column(name) for name in ("track_id", "title", "artist")}
    columns |= {"album": album, "path": index.tracks.column("path")}
    metadata = library.metadata
    names = unique_names(metadata.names, taken=(*NAMED, VECTOR))
    return pa.table(columns | {names[name]: metadata.arrow(name).take(rows) for name in metadata.names})


def with_vectors(tracks: pa.Table, vectors: Float32) -> Iterator[pa.Table]:
    """The table, BLOCK rows at a time, with a column of vectors of fixed size.

    Parameters
    ----------
    vectors : (n, d), may be memory-mapped.
    """
    size = vectors.shape[1]
    for start in range(0, len(vectors), BLOCK):
        block = np.ascontiguousarray(vectors[start : start + BLOCK], np.float32)
        column = pa.FixedSizeListArray.from_arrays(pa.array(block.reshape(-1)), size)
        yield tracks.slice(start, BLOCK).append_column(VECTOR, column)
