"""The figures that describe a ranking: the one list of them, what a query gives to each, and how each is written.

A figure is a mean over queries of something that a query's best rank decides (``HITS`` and ``MEANS``), or the median
rank. What stands here is computed, compared with chance, tested, stored and shown everywhere, under its key.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
PerQuery = Callable[[NDArray[Any]], Float64]

HITS = {"R@1": 1, "R@5": 5, "R@10": 10}
"""R@K → K: percent of queries whose rank is K or better."""
MEANS: dict[str, PerQuery] = {"MRR": lambda ranks: 1.0 / ranks}
"""Other figures → what a query of each (1-based) rank gives to the mean; the better the rank, the more."""
METRICS = (*HITS, *MEANS, "median_rank")
DIRECTIONS = ("t2a", "a2t")


def per_query(ranks: NDArray[Any]) -> dict[str, Float64]:
    """What each query gives to the figures that are means: ``{"R@1": (q,) 0 or 100, …, "MRR": (q,)}``."""
    found = {key: 100.0 * (ranks <= k).astype(np.float64) for key, k in HITS.items()}
    return found | {key: of(ranks) for key, of in MEANS.items()}


def label(key: str) -> str:
    """A figure's name in a sentence or a table."""
    return key.replace("_", " ")


def written(key: str, value: float) -> str:
    """A figure as people read it: ``"12.45%"``, ``"0.2156"``, ``"3.5"``."""
    if key in HITS:
        return f"{value:.2f}%"
    return f"{value:.4f}" if key in MEANS else f"{value:g}"
