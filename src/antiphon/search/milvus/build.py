"""A library's tracks into a collection: only those that are new or changed; those that went are removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import EmbeddingError
from antiphon.library.files import file_hash
from antiphon.library.tracks import Library
from antiphon.search.indexes.account import indexed_line
from antiphon.search.indexes.projection import Projection, project
from antiphon.search.milvus.address import Address
from antiphon.search.milvus.collection import BATCH, LARGEST, TEXT, Collection
from antiphon.search.milvus.rows import meta_of, row_hash


@dataclass(frozen=True, kw_only=True)
class Filled:
    """What filling a collection came to: how many tracks stayed, came or changed, and went, and the space's size."""

    kept: int
    put: int
    gone: int
    dim: int

    def lines(self, checkpoint: str, address: str) -> list[str]:
        """As a person reads it."""
        return [
            indexed_line(self.kept + self.put, self.dim, f"{checkpoint}, in {address}"),
            f"{self.kept:,} stayed as they were; {self.put:,} new or changed, {self.gone:,} gone.",
        ]


def fill_collection(root: Path, checkpoint: Path, address: Address) -> Filled:
    """Bring a collection up to date with a library and a checkpoint. Run again after a kill it goes on.

    Tracks of another checkpoint answer until all of this one's are there.

    Raises
    ------
    EmbeddingError : nobody answers there, the vectors are too large, or were made in another way than those the
        checkpoint was trained on.
    LibraryError : no track has a vector.
    """
    library, bundle = Library(root), Bundle.load(checkpoint)
    if bundle.score_dim > LARGEST:
        raise EmbeddingError(f"Milvus takes vectors of {LARGEST:,} numbers at most, not {bundle.score_dim:,}.")
    projection = project(library, bundle)
    collection = Collection(address)
    try:
        name = collection.name_for(file_hash(checkpoint))
        collection.make(name, bundle.score_dim)
        return _filled(collection, name, library, projection)
    finally:
        collection.close()


def _filled(collection: Collection, name: str, library: Library, projection: Projection) -> Filled:
    there = collection.hashes(name)
    described = [_described(library, projection, at) for at in range(len(projection.ids))]
    changed = [at for at, row in enumerate(described) if there.get(row["track_id"]) != row["hash"]]
    collection.put(name, _with_vectors(projection, described, changed))
    gone = sorted(there.keys() - set(projection.ids))
    collection.remove(name, gone)
    collection.use(name)
    kept = len(projection.ids) - len(changed)
    return Filled(kept=kept, put=len(changed), gone=len(gone), dim=projection.bundle.dim)


def _described(library: Library, projection: Projection, at: int) -> dict[str, Any]:
    track_id = projection.ids[at]
    row = library.row_of_track[track_id]
    texts: dict[str, str] = {name: library.column(name)[row] or "" for name in ("title", "artist")}
    texts["path"] = library.sound_at(library.column("path")[row])
    shortened = {name: text.encode()[:TEXT].decode("utf-8", "ignore") for name, text in texts.items()}
    found: dict[str, Any] = {**shortened, "meta": meta_of(library, row)}
    return {"track_id": track_id, "hash": row_hash(int(projection.hashes[at]), found), **found}


def _with_vectors(
    projection: Projection, described: Sequence[dict[str, Any]], changed: Sequence[int]
) -> Iterator[dict[str, Any]]:
    for start in range(0, len(changed), BATCH):
        some = changed[start : start + BATCH]
        raw = projection.stored.take([projection.ids[at] for at in some])
        for at, vector in zip(some, np.asarray(projection.bundle.score_audio(raw)), strict=True):
            yield {**described[at], "vector": vector.tolist()}
