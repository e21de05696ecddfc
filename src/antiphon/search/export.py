"""The files of an export.

``tracks.parquet``  track_id, title, artist, album, path, a typed column a field of metadata, vector (float32)
``vectors.npy``     (n, d) float32, the same vectors
``ids.txt``         the track of each row, one a line
``about.json``      the checkpoint and its hash, d, how vectors are compared; written last: an export without it is none

Vectors are of unit length: the dot product with what ``antiphon embed-text`` writes is the cosine. With ``scores`` they
are what search ranks by, correction for hubs included, and the other side is :meth:`antiphon.Model.score_text`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.library.files import utf8, write_atomically, write_json
from antiphon.library.metadata.names import unique_names
from antiphon.library.tracks import Library
from antiphon.search.indexes.exact import Index
from antiphon.search.searcher import Searcher

FORMAT = 1
ABOUT = "about.json"
FILES = ("tracks.parquet", "vectors.npy", "ids.txt")
NAMED = ("track_id", "title", "artist", "album", "path")
VECTOR = "vector"
BLOCK = 1 << 14
Float32 = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export holds: the content of its ``about.json``.

    Parameters
    ----------
    checkpoint, checkpoint_sha256 : what made the vectors.
    tracks, dimensions : of ``vectors.npy``.
    compared_by : "cosine" with what ``embed-text`` writes, or "dot product" with ``score_text``.
    corrects_hubs : whether search corrects scores, and these vectors therefore rank as it does only with ``scores``.
    """

    format: int = FORMAT
    checkpoint: str
    checkpoint_sha256: str
    encoder: str
    text_encoder: str
    tracks: int
    dimensions: int
    compared_by: str
    corrects_hubs: bool


def export_vectors(searcher: Searcher, folder: Path, *, scores: bool = False) -> Exported:
    """Write the tracks of a library, in the shared space of a checkpoint, into a folder.

    Parameters
    ----------
    folder : made if absent; an earlier export is replaced.
    scores : vectors that rank as search does, in place of those of unit length.

    Raises
    ------
    ConfigError : the folder holds something else.
    """
    _require_own(folder)
    index, model = searcher.index, searcher.model
    vectors = index.vectors if scores else index.vectors[:, : model.dim]
    (folder / ABOUT).unlink(missing_ok=True)
    tables = with_vectors(export_rows(searcher.library, index), vectors)
    write_atomically(folder / "tracks.parquet", lambda stream: _parquet(stream, tables))
    write_atomically(folder / "vectors.npy", lambda stream: _npy(stream, vectors))
    write_atomically(folder / "ids.txt", utf8("".join(f"{item}\n" for item in index.track_ids)))
    made = Exported(
        checkpoint=model.name,
        checkpoint_sha256=index.made_from["checkpoint_sha256"],
        encoder=model.encoder,
        text_encoder=model.text_encoder,
        tracks=len(index),
        dimensions=vectors.shape[1],
        compared_by="dot product" if scores else "cosine",
        corrects_hubs=model.bundle.hubness is not None,
    )
    write_json(folder / ABOUT, asdict(made))
    return made


def _require_own(folder: Path) -> None:
    """Refuse a folder with anything in it that no export wrote."""
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file.", fix="Name a folder: -o DIR.")
    others = [path.name for path in folder.glob("*") if path.name not in (*FILES, ABOUT)] if folder.exists() else []
    if others:
        raise ConfigError(f"{folder} holds something else, such as {min(others)}.", fix="Name a new folder: -o DIR.")


def _parquet(stream: BinaryIO, tables: Iterable[pa.Table]) -> None:
    writer: pq.ParquetWriter | None = None
    for table in tables:
        writer = writer or pq.ParquetWriter(stream, table.schema, compression="zstd")
        writer.write_table(table)
    if writer is not None:
        writer.close()


def _npy(stream: BinaryIO, vectors: Float32) -> None:
    np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": vectors.shape})
    for start in range(0, len(vectors), BLOCK):
        stream.write(np.ascontiguousarray(vectors[start : start + BLOCK], "<f4").data)


def export_rows(library: Library, index: Index) -> pa.Table:
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
