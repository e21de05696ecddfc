"""The search index: every track of a library as a vector in the shared space of one checkpoint.

``index/vectors.npy``   (n, k) float32, of unit length; two more numbers where the checkpoint corrects for hubness
``index/tracks.parquet`` track_id, title, artist, path; row i belongs to vector i
``index/index.json``    which checkpoint and which audio vectors it was made from

Search is exact: one matrix-vector product with what :meth:`antiphon.align.checkpoint.bundle.Bundle.score_text` gives.
An index remembers what it was made from and is never used beside another checkpoint or after the library's vectors
changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.files import read_parquet, write_atomically, write_json, write_parquet
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import part_names

FORMAT = 1
BLOCK = 8192


@dataclass(frozen=True, kw_only=True)
class Index:
    """An opened index.

    Parameters
    ----------
    vectors : (n, score_dim) float32, memory-mapped: the tracks as the checkpoint's ``score_audio`` gives them.
    track_ids, titles, artists, paths : (n,) strings; paths as they stand on this machine, "" where there is none.
    made_from : what :func:`source_of` returned when the index was built.
    """

    vectors: NDArray[np.float32]
    track_ids: NDArray[np.object_]
    titles: NDArray[np.object_]
    artists: NDArray[np.object_]
    paths: NDArray[np.object_]
    made_from: dict[str, Any]


def file_hash(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def source_of(library: Library, checkpoint: Path, encoder: str) -> dict[str, Any]:
    """What an index depends on: the content of the checkpoint and of the tables, and where sound lies now."""
    folder = library.embedding_folder("audio", encoder)
    folders = [folder] if folder.is_dir() else [library.embedding_folder("audio", n) for n in part_names(encoder)]
    tables = [folder / "rows.parquet" for folder in folders]
    return {
        "format": FORMAT,
        "checkpoint": checkpoint.name,
        "checkpoint_path": str(checkpoint.absolute()),
        "checkpoint_sha256": file_hash(checkpoint),
        "encoder": encoder,
        "vectors_sha256": "+".join(file_hash(rows) if rows.exists() else "" for rows in tables),
        "tracks_sha256": file_hash(library.root / "tracks.parquet"),
        "sound_from": [library.sound_at("."), str(library.root.resolve())],
    }


def indexed_checkpoint(root: Path) -> Path | None:
    """The checkpoint that a library's index was made from, where it is still there."""
    try:
        made_from = json.loads((root / "index" / "index.json").read_text(encoding="utf-8"))
        path = Path(made_from["checkpoint_path"])
        return path if path.is_file() else None
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def build_index(root: Path, checkpoint: Path) -> Index:
    """Project every embedded track of a library and write the index.

    Raises
    ------
    EmbeddingError : the library's vectors were made in another way than those the checkpoint was trained on.
    LibraryError : no track has a vector.
    """
    library, bundle = Library(root), Bundle.load(checkpoint)
    stored = open_embedding(library, "audio", bundle.encoder)
    bundle.require(audio=stored.provenance)
    known = [track_id for track_id in library.column("track_id") if track_id in stored.row_of]
    if not known:
        raise LibraryError(
            f"No track of {root} has a {bundle.encoder} vector.",
            fix=f"antiphon embed --encoder {bundle.encoder} --library {root}",
        )
    blocks = [bundle.score_audio(stored.take(known[i : i + BLOCK])) for i in range(0, len(known), BLOCK)]
    vectors = np.concatenate(blocks).astype(np.float32)
    rows = library.track_table.take([library.row_of_track[track_id] for track_id in known])
    folder = root / "index"
    write_atomically(folder / "vectors.npy", lambda stream: np.save(stream, vectors))
    write_parquet(folder / "tracks.parquet", _with_full_paths(library, rows))
    write_json(folder / "index.json", source_of(library, checkpoint, bundle.encoder))
    return open_index(root)


def _with_full_paths(library: Library, rows: pa.Table) -> pa.Table:
    paths = [library.sound_at(path) for path in rows.column("path").to_pylist()]
    table = rows.select(["track_id", "title", "artist"])
    return table.append_column("path", pa.array(paths, pa.string()))


def open_index(root: Path) -> Index:
    """Open the index of a library.

    Raises
    ------
    EmbeddingError : there is none, or it is damaged.
    """
    folder = root / "index"
    try:
        made_from = json.loads((folder / "index.json").read_text(encoding="utf-8"))
        vectors = np.load(folder / "vectors.npy", mmap_mode="r")
        table = read_parquet(folder / "tracks.parquet")
    except (OSError, ValueError, pa.ArrowException) as error:
        raise EmbeddingError(
            f"The search index in {folder} cannot be read: {error}", fix=f"antiphon index --library {root}"
        ) from error
    if len(vectors) != table.num_rows:
        raise EmbeddingError(
            f"The search index in {folder} has {len(vectors)} vectors for {table.num_rows} tracks.",
            fix=f"antiphon index --library {root}",
        )
    track_ids, titles, artists, paths = (
        table.column(name).to_numpy(zero_copy_only=False) for name in ("track_id", "title", "artist", "path")
    )
    return Index(
        vectors=vectors,
        track_ids=track_ids,
        titles=titles,
        artists=artists,
        paths=paths,
        made_from=made_from,
    )


def current_index(root: Path, checkpoint: Path, encoder: str) -> Index:
    """The index for a checkpoint, built anew when it is missing, damaged, or older than what it was made from."""
    wanted = source_of(Library(root), checkpoint, encoder)
    try:
        index = open_index(root)
    except EmbeddingError:
        return build_index(root, checkpoint)
    return index if index.made_from == wanted else build_index(root, checkpoint)
