"""Tracks that sound like one, by the stored audio vectors alone.

Every encoder's vectors are standardised over the library, number by number, and compared by their cosine; the answer is
by the mean over the encoders that know both tracks.
"""

from __future__ import annotations

import numpy as np

from antiphon.arrays import unit_length
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.zero_shot.track_rows import rows_of, spread_out
from antiphon.search.zero_shot.ways.way import Float32

OUTLIER = 4.0
"""Spreads within which a standardised number is held: one wild number must not decide."""
BLOCK = 4096


def alike(library: Library, track_id: str) -> Float32:
    """(n,) float32: mean cosine of each track with one of them, −1 … 1; NaN where they share no encoder's vectors."""
    n = library.track_table.num_rows
    found = []
    for name in library.embedded("audio"):
        stored = open_embedding(library, "audio", name)
        if track_id in stored.row_of:
            ids, rows = rows_of(library, stored)
            found.append(spread_out(_cosines(stored, ids, ids.index(track_id)), rows, n))
    if not found:
        return np.full(n, np.nan, np.float32)
    said = np.stack(found)
    counts = np.isfinite(said).sum(axis=0)
    means = np.nansum(said, axis=0) / np.maximum(counts, 1)
    return np.where(counts > 0, means, np.nan).astype(np.float32)


def _cosines(stored: Vectors, ids: list[str], at: int) -> Float32:
    """(len(ids),) cosines with the track at one place, block by block: the vectors may be larger than memory."""
    blocks = [ids[start : start + BLOCK] for start in range(0, len(ids), BLOCK)]
    sums = [stored.take(block).astype(np.float64).sum(axis=0) for block in blocks]
    mean = np.sum(sums, axis=0) / len(ids)
    squares = [np.square(stored.take(block) - mean).sum(axis=0) for block in blocks]
    spread = np.sqrt(np.sum(squares, axis=0) / len(ids))
    scale = np.where(spread > 1e-5 * np.maximum(np.abs(mean), 1e-3), 1 / np.maximum(spread, 1e-12), 0)

    def standardised(block: list[str]) -> Float32:
        return unit_length(np.clip((stored.take(block) - mean) * scale, -OUTLIER, OUTLIER))

    wanted = standardised([ids[at]])[0]
    return np.concatenate([standardised(block) @ wanted for block in blocks])
