"""Stored vectors beside the tracks of a library: which rows they are, and scores put in their places."""

from __future__ import annotations

import logging

import numpy as np
from numpy.typing import NDArray

from antiphon.library.pairs import DAMAGED
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors
from antiphon.search.zero_shot.ways.way import Float32

LOG = logging.getLogger(__name__)


def rows_of(library: Library, stored: Vectors) -> tuple[list[str], NDArray[np.int64]]:
    """The tracks of a library that have a good vector, and their rows in ``tracks.parquet``, in its order."""
    ids = [track_id for track_id in library.column("track_id") if track_id in stored.row_of]
    if damaged := stored.damaged(ids):
        LOG.warning("%d tracks are left out, such as %s: %s.", len(damaged), min(damaged), DAMAGED)
        ids = [track_id for track_id in ids if track_id not in damaged]
    return ids, np.array([library.row_of_track[track_id] for track_id in ids], np.int64)


def rows_known(rows: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    """(n,) which of all tracks the rows are of."""
    found = np.zeros(n, bool)
    found[rows] = True
    return found


def spread_out(values: NDArray[np.floating], rows: NDArray[np.int64], n: int) -> Float32:
    """(n,) float32 with ``values`` in their rows and NaN elsewhere."""
    found = np.full(n, np.nan, np.float32)
    found[rows] = values
    return found
