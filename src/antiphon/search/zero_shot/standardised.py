"""One encoder's vectors of a library's tracks, standardised number by number: read a block at a time, or kept.

Each number has mean 0 and spread 1 over the library, is held within ±``OUTLIER``, and each vector has length 1.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.zero_shot.track_rows import rows_of
from antiphon.search.zero_shot.ways.way import Float32

OUTLIER = 4.0
"""Spreads within which a standardised number is held: one wild number must not decide."""
BLOCK_NUMBERS = 1 << 20
"""Numbers that are looked at together: the vectors may be larger than memory."""
Raw = NDArray[np.float16]


class Standardised:
    """What one encoder heard, ready to be compared.

    Parameters
    ----------
    library : whose tracks.
    stored : the encoder's vectors.
    """

    def __init__(self, library: Library, stored: Vectors) -> None:
        self.provenance = stored.provenance
        ids, self.tracks = rows_of(library, stored)
        """``tracks``: (m,) the rows, in ``tracks.parquet``, of the tracks that have a good vector."""
        self._matrix = stored.matrix
        self._places = np.array([stored.row_of[track_id] for track_id in ids], np.int64)
        self._place_of = np.full(library.track_table.num_rows, -1, np.int64)
        self._place_of[self.tracks] = self._places
        self._mean, self._scale = self._moments()
        self._kept: Float32 | None = None

    @property
    def nbytes(self) -> int:
        """Bytes that :meth:`keep` takes."""
        return 4 * len(self.tracks) * int(self._matrix.shape[1])

    def keep(self) -> None:
        """Keep the standardised vectors in memory: for a process that is asked again and again."""
        kept = np.empty((len(self.tracks), self._matrix.shape[1]), np.float32)
        done = 0
        for raw in self._blocks():
            kept[done : done + len(raw)] = self.of(raw)
            done += len(raw)
        self._kept = kept

    def of(self, raw: Raw) -> Float32:
        """(n, d) raw vectors of the encoder, standardised."""
        found = raw.astype(np.float32)
        found -= self._mean
        found *= self._scale
        return unit_length(np.clip(found, -OUTLIER, OUTLIER, out=found))

    def knows(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(q,) which rows of ``tracks.parquet`` have a good vector; row −1 is none's."""
        found: NDArray[np.bool_] = (rows >= 0) & (self._place_of[rows] >= 0)
        return found

    def vectors(self, rows: NDArray[np.int64]) -> Float32:
        """(q, d) of some rows of ``tracks.parquet`` that it knows."""
        return self.of(self._matrix[self._place_of[rows]])

    def cosines(self, wanted: Float32) -> Float32:
        """(q, m) of standardised vectors, (q, d), with all of ``tracks``."""
        if self._kept is not None:
            return np.asarray(wanted @ self._kept.T)
        found = [wanted @ self.of(raw).T for raw in self._blocks()]
        return np.concatenate(found, axis=1) if found else np.empty((len(wanted), 0), np.float32)

    def _blocks(self) -> Iterator[Raw]:
        step = max(1, BLOCK_NUMBERS // max(1, int(self._matrix.shape[1])))
        for start in range(0, len(self._places), step):
            yield self._matrix[self._places[start : start + step]]

    def _moments(self) -> tuple[Float32, Float32]:
        """(d,) mean, and one over the spread; 0 for a number that never moves.

        Numbers are counted from the first block's mean, so that the difference of two large sums is not all that is
        left of a small spread.
        """
        n, d = max(1, len(self._places)), int(self._matrix.shape[1])
        total, squares, start = np.zeros(d), np.zeros(d), np.zeros(d, np.float32)
        for number, raw in enumerate(self._blocks()):
            values = raw.astype(np.float32)
            if number == 0:
                start = values.mean(axis=0)
            values -= start
            total += values.sum(axis=0, dtype=np.float64)
            squares += np.square(values, out=values).sum(axis=0, dtype=np.float64)
        spread = np.sqrt(np.maximum(squares / n - np.square(total / n), 0))
        mean = start + total / n
        moves = spread > 1e-5 * np.maximum(np.abs(mean), 1e-3)
        scale = np.where(moves, 1 / np.maximum(spread, 1e-12), 0)
        return mean.astype(np.float32), scale.astype(np.float32)
