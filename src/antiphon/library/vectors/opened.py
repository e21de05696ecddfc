"""Vectors on disk, opened for reading: those that are good, memory-mapped, beside the ids that they belong to.

What the files are stands in :mod:`antiphon.library.vectors.store`, which writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EmbeddingError
from antiphon.library.vectors.provenance import Provenance, made_again, read_provenance
from antiphon.library.vectors.rows import checksums_of, read_rows

HEADER_BYTES = 128
DTYPE = np.dtype(np.float16)
CHECKED_NUMBERS = 1 << 22
"""Numbers that are looked at together, where all of a file are."""


@dataclass(frozen=True)
class Vectors:
    """The good vectors of a folder, memory-mapped.

    Parameters
    ----------
    ids : (n,) of those that are good.
    matrix : (m, d) float16 memory map of the whole file, failed rows included.
    rows : (n,) position in ``matrix`` of each id.
    provenance : what made them.
    failed : id → reason, of those that are not good: failed or stale.
    signatures : (n,) which content each good vector describes.
    checksums : id → checksum, of the good vectors that have one.
    sources : of vectors that are joined, those that they are joined of.
    """

    ids: NDArray[np.object_]
    matrix: NDArray[np.float16]
    rows: NDArray[np.int64]
    provenance: Provenance
    failed: dict[str, str]
    signatures: NDArray[np.object_] | None = None
    checksums: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Vectors, ...] = ()

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Position in ``matrix`` of each good id."""
        return dict(zip(self.ids.tolist(), self.rows.tolist(), strict=True))

    def take(self, ids: Sequence[str]) -> NDArray[np.float16]:
        """(len(ids), d) float16 copies in the order of ``ids``; KeyError for one that is not there."""
        return self.matrix[[self.row_of[item] for item in ids]]

    def damaged(self, ids: Sequence[str]) -> set[str]:
        """Those of some good ids whose numbers are not those that were written: a disk has changed them, or the table
        is that of another file. Where there are no checksums, those that are not finite."""
        if self.sources:
            return set().union(*(source.damaged(ids) for source in self.sources))
        found: set[str] = set()
        for start in range(0, len(ids), step := block_rows(int(self.matrix.shape[1]))):
            some = ids[start : start + step]
            vectors = self.take(some)
            bad = ~np.isfinite(vectors).all(axis=1)
            if self.checksums:
                wanted = [self.checksums.get(item, "") for item in some]
                pairs = zip(wanted, checksums_of(vectors), strict=True)
                bad |= np.array([bool(had) and had != now for had, now in pairs])
            found |= {some[at] for at in np.flatnonzero(bad).tolist()}
        return found


def open_vectors(folder: Path) -> Vectors:
    """Open the vectors of a folder for reading; an unfinished run's complete batches are included.

    Raises
    ------
    EmbeddingError : there are none, or the files do not belong together.
    """
    provenance = read_provenance(folder / "provenance.json")
    rows = read_rows(folder)
    size = provenance.layout.size
    path = folder / "vectors.npy"
    stored = max(0, path.stat().st_size - HEADER_BYTES) // (size * DTYPE.itemsize) if path.exists() else 0
    if stored < len(rows):
        raise EmbeddingError(
            f"{path} holds {stored} vectors, but its table names {len(rows)}.",
            fix=f"{made_again(provenance)} It repairs the folder.",
        )
    matrix: NDArray[np.float16]
    if stored:
        matrix = np.memmap(path, DTYPE, "r", HEADER_BYTES, (stored, size))
    else:
        matrix = np.empty((0, size), DTYPE)
    good = np.array([i for i, row in enumerate(rows) if row.status == "ok"], dtype=np.int64)
    ids = np.array([rows[i].id for i in good], dtype=object)
    failed = {row.id: row.error for row in rows if row.status != "ok"}
    signatures = np.array([rows[i].signature for i in good], dtype=object)
    checksums = {rows[i].id: rows[i].checksum for i in good if rows[i].checksum}
    return Vectors(ids, matrix, good, provenance, failed, signatures, checksums)


def block_rows(size: int) -> int:
    """Vectors of ``size`` numbers that are looked at together."""
    return max(1, CHECKED_NUMBERS // max(1, size))
