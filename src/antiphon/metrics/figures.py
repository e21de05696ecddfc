"""The figures that describe a ranking: the one list of them, what a query gives to each, and how each is written.

A figure is a mean over queries of something that a query's best rank decides (``HITS`` and ``MEANS``), or the median
rank. What stands here is computed, compared with chance, tested, stored and shown everywhere, under its key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Float64 = NDArray[np.float64]
PerQuery = Callable[[NDArray[Any]], Float64]

KS = (1, 5, 10)
"""K of R@K where nobody asks for others; these are there always."""
HITS = {f"R@{k}": k for k in KS}
"""R@K → K: percent of queries whose rank is K or better."""
MEANS: dict[str, PerQuery] = {"MRR": lambda ranks: 1.0 / ranks}
"""Other figures → what a query of each (1-based) rank gives to the mean; the better the rank, the more."""
METRICS = (*HITS, *MEANS, "median_rank")
PERCENT = ("R", "success", "recall", "precision")
"""Figures in percent, but for their @K; those of whole result lists too (:mod:`antiphon.metrics.graded.figures`)."""
FROM_0_TO_1 = (*MEANS, "mAP", "nDCG", "nDCG_exp")
DIRECTIONS = ("t2a", "a2t")


def hits(ks: Iterable[int] = ()) -> dict[str, int]:
    """R@K → K, of ``HITS`` and of further K, rising."""
    return {f"R@{k}": k for k in sorted({*KS, *ks})}


def metrics(ks: Iterable[int] = ()) -> tuple[str, ...]:
    """``METRICS``, with R@K of further K among them."""
    return (*hits(ks), *MEANS, "median_rank")


def per_query(ranks: NDArray[Any], ks: Iterable[int] = ()) -> dict[str, Float64]:
    """What each query gives to the figures that are means: ``{"R@1": (q,) 0 or 100, …, "MRR": (q,)}``.

    Parameters
    ----------
    ranks : (q,) 1-based ranks.
    ks : further K of R@K.
    """
    found = {key: 100.0 * (ranks <= k).astype(np.float64) for key, k in hits(ks).items()}
    return found | {key: of(ranks) for key, of in MEANS.items()}


def label(key: str) -> str:
    """A figure's name in a sentence or a table."""
    return key.replace("_", " ")


def written(key: str, value: float) -> str:
    """A figure as people read it: ``"12.45%"``, ``"0.2156"``, ``"3.5"``."""
    name = key.split("@")[0]
    if name in PERCENT:
        return f"{value:.2f}%"
    if name in FROM_0_TO_1:
        return f"{value:.4f}"
    if name == "median_rank":
        value = round(value, 1)  # ends of its interval may lie anywhere between two ranks
    return f"{value:.1f}" if name == "mean_rank" else f"{value:.6g}"
