"""What a model takes for the same audio, and what the signal says of it.

A model that was taught tags gives two hi-hats, or two rock songs of one band, nearly the same vector: it was taught not
to hear what tells them apart. Where the signal was measured too (timbre, harmony, rhythm), such a pair has to be alike
there as well: re-encoded copies are, with distances of a tenth of a typical pair's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALIKE = 0.5
"""Most that a pair's distance may be of the library's typical one, in any signal encoder."""
SAMPLE = 4_096
"""Tracks that the scale of each number, and the typical distance, are taken from."""

Ids = Sequence[tuple[str, str]]


def contradicted(pairs: Ids, signal: Mapping[str, tuple[Sequence[str], Any]]) -> NDArray[np.bool_]:
    """(m,) whether any signal encoder hears two tracks that are not alike; one that lacks a track says nothing.

    Parameters
    ----------
    pairs : ids of tracks.
    signal : encoder → (ids, (n, d) matrix).
    """
    found = np.zeros(len(pairs), bool)
    for ids, matrix in signal.values():
        row_of = {item: row for row, item in enumerate(ids)}
        known = np.array([a in row_of and b in row_of for a, b in pairs], bool)
        if not known.any() or len(ids) < 3:
            continue
        rows = np.array([(row_of[a], row_of[b]) for (a, b), both in zip(pairs, known, strict=True) if both])
        found[known] |= _distances(matrix, rows) > ALIKE
    return found


def _distances(matrix: Any, pairs: NDArray[np.int64]) -> NDArray[np.float32]:
    """(m,) distances of rows, each number over its spread, as a share of the typical distance of two tracks."""
    rng = np.random.default_rng(0)
    some = np.asarray(matrix[np.sort(rng.permutation(len(matrix))[:SAMPLE])], np.float32)
    spread = some.std(axis=0)
    spread[spread == 0] = np.inf  # a number that never changes tells nothing
    others = rng.permutation(len(some))
    apart = np.sqrt((((some - some[others]) / spread) ** 2).sum(axis=1))[others != np.arange(len(some))]
    typical = float(np.median(apart)) or 1.0
    a, b = (np.asarray(matrix[pairs[:, side]], np.float32) for side in (0, 1))
    return np.asarray(np.sqrt((((a - b) / spread) ** 2).sum(axis=1)) / typical, np.float32)
