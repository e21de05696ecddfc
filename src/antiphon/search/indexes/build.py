"""From vectors and a checkpoint to an index: projected in blocks, written beside the old one, swapped in."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import EmbeddingError, LibraryError
from antiphon.library.commands import command, place
from antiphon.library.files import file_hash, write_atomically, write_json, write_parquet
from antiphon.library.lock import only_writer
from antiphon.library.pairs import DAMAGED, open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import stored_names
from antiphon.search.indexes.exact import COLUMNS, FORMAT, Index, open_index

LOG = logging.getLogger(__name__)
BLOCK = 8192
TOKEN_LENGTH = 12


def source_of(library: Library, checkpoint: Path, encoder: str) -> dict[str, Any]:
    """What an index depends on: the content of the checkpoint and of the tables, and where sound lies now."""
    folder = library.embedding_folder("audio", encoder).parent
    tables = [folder / n / rows for n in stored_names(folder, encoder) for rows in ("rows.parquet", "rows.jsonl")]
    return {
        "checkpoint": checkpoint.name,
        "checkpoint_path": str(checkpoint.absolute()),
        "checkpoint_sha256": file_hash(checkpoint),
        "encoder": encoder,
        "vectors_sha256": "+".join(file_hash(rows) for rows in tables if rows.exists()),
        "tracks_sha256": file_hash(library.root / "tracks.parquet"),
        "sound_from": [library.sound_at("."), str(library.root.resolve())],
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class _Projection:
    """The tracks of a library on their way into the shared space of a checkpoint."""

    tracks: pa.Table
    blocks: Iterator[NDArray[np.float32]]
    shape: tuple[int, int]
    made_from: dict[str, Any]

    @property
    def token(self) -> str:
        """The same for the same sources: it makes the files' names."""
        return hashlib.sha256(json.dumps(self.made_from, sort_keys=True).encode()).hexdigest()[:TOKEN_LENGTH]

    def write(self, stream: BinaryIO) -> None:
        """As a .npy file, a block at a time: memory does not grow with the library."""
        header = {"descr": "<f4", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(stream, header)
        for block in self.blocks:
            stream.write(np.ascontiguousarray(block, "<f4").data)


def _project(library: Library, checkpoint: Path) -> _Projection:
    bundle = Bundle.load(checkpoint)
    stored = open_embedding(library, "audio", bundle.encoder)
    bundle.require(audio=stored.provenance)
    known = [track_id for track_id in library.column("track_id") if track_id in stored.row_of]
    if damaged := stored.damaged(known):
        LOG.warning("%d tracks are left out, such as %s: %s.", len(damaged), min(damaged), DAMAGED)
        known = [track_id for track_id in known if track_id not in damaged]
    if not known:
        raise LibraryError(
            f"No track of {place(library.root)} has a {bundle.encoder} vector.",
            fix=command(f"embed --encoder {bundle.encoder}", library.root),
        )
    rows = library.track_table.take([library.row_of_track[track_id] for track_id in known])
    return _Projection(
        tracks=_with_full_paths(library, rows),
        blocks=(bundle.score_audio(stored.take(known[i : i + BLOCK])) for i in range(0, len(known), BLOCK)),
        shape=(len(known), bundle.score_dim),
        made_from=source_of(library, checkpoint, bundle.encoder),
    )


def _with_full_paths(library: Library, rows: pa.Table) -> pa.Table:
    paths = [library.sound_at(path) for path in rows.column("path").to_pylist()]
    return rows.select(list(COLUMNS[:-1])).append_column("path", pa.array(paths, pa.string()))


def build_index(root: Path, checkpoint: Path) -> Index:
    """Project every embedded track of a library and write the index.

    Raises
    ------
    EmbeddingError : the library's vectors were made in another way than those the checkpoint was trained on.
    LibraryError : no track has a vector, or another process is writing the index.
    """
    folder = root / "index"
    with only_writer(folder, "writing the search index in"):
        projection = _project(Library(root), checkpoint)
        about: dict[str, Any] = {
            "format": FORMAT,
            "vectors": f"vectors-{projection.token}.npy",
            "tracks": f"tracks-{projection.token}.parquet",
            "shape": list(projection.shape),
            "made_from": projection.made_from,
        }
        write_atomically(folder / about["vectors"], projection.write)
        write_parquet(folder / about["tracks"], projection.tracks)
        write_json(folder / "index.json", about)
        _remove_all_but(folder, about)
        return open_index(root)


def _remove_all_but(folder: Path, about: dict[str, Any]) -> None:
    """Older indexes go once the new one counts; who has their files open keeps them."""
    kept = {about["vectors"], about["tracks"]}
    for path in [*folder.glob("vectors*.npy"), *folder.glob("tracks*.parquet")]:
        if path.name not in kept:
            path.unlink(missing_ok=True)


def current_index(root: Path, checkpoint: Path, encoder: str) -> Index:
    """The index for a checkpoint, built anew when it is missing, damaged, or older than what it was made from.

    Where it cannot be written (a read-only disk, another process at it) the answer comes from memory.
    """
    library = Library(root)
    try:
        index = open_index(root)
        if index.made_from == source_of(library, checkpoint, encoder):
            return index
    except EmbeddingError:
        pass  # missing or damaged: built anew
    try:
        return build_index(root, checkpoint)
    except (OSError, LibraryError) as error:
        unwritten = error
    projection = _project(library, checkpoint)  # where the library itself is at fault, this says so
    LOG.warning("The search index is not written (%s): this answer comes from memory.", unwritten)
    return Index.from_table(np.concatenate(list(projection.blocks)), projection.tracks, projection.made_from)
