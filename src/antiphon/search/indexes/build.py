"""From vectors and a checkpoint to an index: written beside the old one, swapped in whole.

An index of the same checkpoint that is there already is brought up to date: tracks that are new or have another vector
are projected, all others are copied.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.arrays import reading
from antiphon.errors import EmbeddingError
from antiphon.library.files import file_hash, write_atomically, write_json
from antiphon.library.lock import only_writer
from antiphon.library.tracks import Library
from antiphon.search.indexes.approximate import EXACT_BYTES
from antiphon.search.indexes.exact import FORMAT, Index, files_of, open_index, read_about
from antiphon.search.indexes.lists import with_lists
from antiphon.search.indexes.projection import Earlier, Hashes, Projection, project
from antiphon.search.indexes.sources import source_of, stamps_of

TOKEN_LENGTH = 12
PATTERNS = ("vectors-*.npy", "hashes-*.npy", "tracks-*.arrow", "tracks-*.parquet", "lists-*.faiss")
"""Files of indexes, those of earlier versions among them."""


def build_index(root: Path, checkpoint: Path, *, anew: bool = False, exact_bytes: int | None = None) -> Index:
    """Put every embedded track of a library into the shared space of a checkpoint, and write the index.

    Parameters
    ----------
    anew : project every track, also where an index of this checkpoint has most of them.
    exact_bytes : size of the vectors up to which the index is exact; None for what the index that is there was made
        with, else for :data:`antiphon.search.indexes.approximate.EXACT_BYTES`.

    Raises
    ------
    EmbeddingError : the library's vectors were made in another way than those the checkpoint was trained on.
    LibraryError : no track has a vector, or another process is writing the index.
    """
    folder = root / "index"
    with only_writer(folder, "writing the search index in"):
        library, bundle = Library(root), Bundle.load(checkpoint)
        stamps = stamps_of(library, checkpoint, bundle.encoder)
        made_from = source_of(library, checkpoint, bundle.encoder)
        earlier = None if anew else _earlier(root, made_from["checkpoint_sha256"])
        projection = project(library, bundle, earlier)
        about = _written(folder, projection, made_from)
        limit = _limit(folder) if exact_bytes is None else exact_bytes
        about |= {"exact_bytes": limit} | with_lists(folder, about, library, projection, limit)
        sums = {name: file_hash(folder / name) for name in files_of(about)}
        write_json(folder / "index.json", {**about, "sha256": sums, "stamps": stamps})
        _remove_all_but(folder, files_of(about))
        return open_index(root)


def index_in_memory(library: Library, checkpoint: Path) -> Index:
    """The same index, where none can be written."""
    bundle = Bundle.load(checkpoint)
    made_from = source_of(library, checkpoint, bundle.encoder)
    projection = project(library, bundle)
    return Index.from_table(np.concatenate(list(projection.blocks())), projection.tracks, made_from, {})


def _earlier(root: Path, checkpoint_sha256: str) -> Earlier | None:
    """The index that is there, if it is of this checkpoint and whole."""
    with suppress(EmbeddingError, OSError, ValueError, EOFError):
        index = open_index(root)
        file = root / "index" / str(index.about["hashes"])
        with reading(file):
            hashes: Hashes = np.load(file, allow_pickle=False)
        whole = hashes.dtype == np.uint64 and hashes.shape == (len(index),)
        if whole and index.made_from["checkpoint_sha256"] == checkpoint_sha256:
            return Earlier(index=index, hashes=hashes)
    return None


def _limit(folder: Path) -> int:
    with suppress(OSError, ValueError):
        return int(read_about(folder).get("exact_bytes", EXACT_BYTES))
    return EXACT_BYTES


def _written(folder: Path, projection: Projection, made_from: dict[str, Any]) -> dict[str, Any]:
    """Write the files of an index; what is to stand in its ``index.json``."""
    token = hashlib.sha256(json.dumps(made_from, sort_keys=True).encode()).hexdigest()[:TOKEN_LENGTH]
    about: dict[str, Any] = {
        "format": FORMAT,
        "vectors": f"vectors-{token}.npy",
        "tracks": f"tracks-{token}.arrow",
        "hashes": f"hashes-{token}.npy",
        "shape": list(projection.shape),
        "changes": projection.changes(),
        "made_from": made_from,
    }
    write_atomically(folder / about["vectors"], projection.write)
    write_atomically(folder / about["tracks"], lambda stream: _arrow_file(stream, projection.tracks))
    write_atomically(folder / about["hashes"], lambda stream: np.save(stream, projection.hashes))
    return about


def _arrow_file(stream: BinaryIO, table: pa.Table) -> None:
    with pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def _remove_all_but(folder: Path, kept: list[str]) -> None:
    """Older indexes go once the new one counts; who has their files open keeps them."""
    for path in (path for pattern in PATTERNS for path in folder.glob(pattern)):
        if path.name not in kept:
            path.unlink(missing_ok=True)
