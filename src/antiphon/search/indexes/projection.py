"""The tracks of a library on their way into the shared space of a checkpoint: only those that have changed.

A track has changed where the hash of its raw vector is not the one that stands beside its vector in the index before.
The raw vectors are read once to find that out, and once more where they have to be projected.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import LibraryError
from antiphon.library.commands import as_typed, command
from antiphon.library.pairs import DAMAGED, all_damaged, open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.indexes.exact import COLUMNS, ROW, Index

LOG = logging.getLogger(__name__)
Float32 = NDArray[np.float32]
Hashes = NDArray[np.uint64]
Places = NDArray[np.int64]

MOST_ROWS, LEAST_ROWS, NUMBERS = 8192, 64, 1 << 25
"""Tracks of a block: as many as have this many raw numbers together, within bounds."""
HASH_BYTES = 8
NONE = np.empty(0, np.uint64)


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An index of the same checkpoint, to be brought up to date."""

    index: Index
    hashes: Hashes


@dataclass(frozen=True, kw_only=True, eq=False)
class Projection:
    """What an index will hold.

    Parameters
    ----------
    bundle : the checkpoint, opened.
    stored : the raw vectors.
    ids : (n,) the tracks, in the order of the library.
    hashes : (n,) of their raw vectors.
    before : (n,) each one's place in the index before if its vector there still holds, else −1.
    tracks : n rows for :class:`~antiphon.search.indexes.exact.Index`.
    earlier : the index before, if it has anything to give.
    """

    bundle: Bundle
    stored: Vectors
    ids: Sequence[str]
    hashes: Hashes
    before: Places
    tracks: pa.Table
    earlier: Earlier | None

    @property
    def shape(self) -> tuple[int, int]:
        """Of the vectors."""
        return len(self.ids), self.bundle.score_dim

    def blocks(self) -> Iterator[Float32]:
        """The vectors, (some, score_dim) float32 a block: memory does not grow with the library."""
        step = _block_rows(self.stored)
        for start in range(0, len(self.ids), step):
            yield self._block(slice(start, start + step))

    def _block(self, span: slice) -> Float32:
        before, ids = self.before[span], self.ids[span]
        found = np.empty((len(ids), self.bundle.score_dim), np.float32)
        kept = before >= 0
        if self.earlier is not None:
            found[kept] = self.earlier.index.vectors[before[kept]]
        if not kept.all():
            changed = [ids[at] for at in np.flatnonzero(~kept).tolist()]
            found[~kept] = self.bundle.score_audio(self.stored.take(changed))
        return found

    def write(self, stream: BinaryIO) -> None:
        """As a .npy file, block by block."""
        header = {"descr": "<f4", "fortran_order": False, "shape": self.shape}
        np.lib.format.write_array_header_1_0(stream, header)
        for block in self.blocks():
            stream.write(np.ascontiguousarray(block, "<f4").data)

    def changes(self) -> dict[str, int]:
        """How many tracks stayed, are new, have another vector, and are gone since the index before."""
        if self.earlier is None:
            return {"kept": 0, "new": len(self.ids), "changed": 0, "gone": 0}
        known = set(self.earlier.index.track_ids.tolist())
        there = sum(item in known for item in self.ids)
        kept = int((self.before >= 0).sum())
        return {"kept": kept, "new": len(self.ids) - there, "changed": there - kept, "gone": len(known) - there}


def project(library: Library, bundle: Bundle, earlier: Earlier | None = None) -> Projection:
    """Find out which tracks of a library have a vector, and which of those need projecting.

    Parameters
    ----------
    bundle : the checkpoint, opened.
    earlier : an index of the same checkpoint; None projects every track.

    Raises
    ------
    EmbeddingError : the library's vectors were made in another way than those the checkpoint was trained on.
    LibraryError : no track has a vector.
    """
    stored = open_embedding(library, "audio", bundle.encoder)
    bundle.require(audio=stored.provenance)
    if earlier is not None and earlier.index.vectors.shape[1] != bundle.score_dim:
        earlier = None
    known = [track_id for track_id in library.column("track_id") if track_id in stored.row_of]
    hashes, good = _hashed(stored, known)
    ids = [track_id for track_id, is_good in zip(known, good, strict=True) if is_good]
    if known and not ids:
        raise all_damaged(library, len(known), bundle.encoder)
    if not ids:
        raise LibraryError(
            f"No track of {as_typed(library.root)} has a {bundle.encoder} vector.",
            fix=command(f"embed --encoder {bundle.encoder}", library.root),
        )
    hashes = hashes[good]
    return Projection(
        bundle=bundle,
        stored=stored,
        ids=ids,
        hashes=hashes,
        before=_places_before(ids, hashes, earlier),
        tracks=_described(library, ids),
        earlier=earlier,
    )


def _hashed(stored: Vectors, ids: Sequence[str]) -> tuple[Hashes, NDArray[np.bool_]]:
    """The hash of each raw vector, and whether it is the one that was written; those that are damaged are named."""
    hashes, good = np.empty(len(ids), np.uint64), np.empty(len(ids), bool)
    step = _block_rows(stored)
    for start in range(0, len(ids), step):
        some = list(ids[start : start + step])
        hashes[start : start + step] = hashes_of(stored.take(some))
        damaged_here = stored.damaged(some)
        good[start : start + step] = [track_id not in damaged_here for track_id in some]
    if not good.all():
        damaged = min(ids[at] for at in np.flatnonzero(~good).tolist())
        LOG.warning("%d tracks are left out, such as %s: %s.", int((~good).sum()), damaged, DAMAGED)
    return hashes, good


def hashes_of(raw: NDArray[np.float16]) -> Hashes:
    """(n,) 64 bits of BLAKE2b over each of (n, d) raw vectors."""
    rows = np.ascontiguousarray(raw)
    digests = (hashlib.blake2b(row.data, digest_size=HASH_BYTES).digest() for row in rows)
    return np.frombuffer(b"".join(digests), "<u8") if len(rows) else NONE


def _places_before(ids: Sequence[str], hashes: Hashes, earlier: Earlier | None) -> Places:
    if earlier is None:
        return np.full(len(ids), -1, np.int64)
    place_of = {track_id: at for at, track_id in enumerate(earlier.index.track_ids.tolist())}
    places = np.array([place_of.get(track_id, -1) for track_id in ids], np.int64)
    same = (places >= 0) & (earlier.hashes[places] == hashes)
    return np.where(same, places, -1)


def _block_rows(stored: Vectors) -> int:
    return int(np.clip(NUMBERS // max(1, int(stored.matrix.shape[1])), LEAST_ROWS, MOST_ROWS))


def _described(library: Library, ids: Sequence[str]) -> pa.Table:
    rows = pa.array([library.row_of_track[track_id] for track_id in ids], pa.int64())
    named = library.track_table.take(rows)
    paths = [library.sound_at(path) for path in named.column("path").to_pylist()]
    table = named.select(list(COLUMNS[:-1])).append_column("path", pa.array(paths, pa.string()))
    return table.append_column(ROW, rows).combine_chunks()
