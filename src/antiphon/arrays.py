"""Small operations on arrays that several parts need; numpy only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


def spans(starts: Index, counts: Index) -> Index:
    """Concatenated ranges ``starts[i] … starts[i] + counts[i] − 1``, (sum(counts),)."""
    ends = np.cumsum(counts)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(starts - ends + counts, counts)
