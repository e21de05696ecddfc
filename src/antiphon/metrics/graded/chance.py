"""What figures of result lists are expected to be when the items are in random order: exact, nothing is drawn.

With n items, c of them correct, and L = min(K, n) places:

success@K     1 − C(n−c, L) / C(n, L)
recall@K      L / n
precision@K   c · L / (n · K)
mAP@K         1/n · Σ_{i≤L} (1 + (i−1)(c−1)/(n−1)) / i: the item at place i is correct with probability c/n, and then
              each of the i−1 before it with (c−1)/(n−1)
nDCG@K        mean gain of an item · Σ_{i≤L} 1/log₂(i+1), divided by the best list's
mean_rank     (n + 1) / (c + 1)
MRR           as :func:`antiphon.metrics.retrieval.chance`
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from antiphon.metrics import retrieval
from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.graded.figures import AT_K, GAINS, dcg, discounts
from antiphon.metrics.graded.lists import ideal
from antiphon.metrics.tiling.tile import Float64


def chance(correct: Correct, grades: Float64, n_items: int, ks: Sequence[int]) -> dict[str, float]:
    """Expectation of every figure of :mod:`antiphon.metrics.graded.figures`.

    Parameters
    ----------
    correct, grades : as :func:`antiphon.metrics.graded.lists.result_lists`.
    n_items : n ≥ 1.
    ks : K of each figure.
    """
    c = correct.counts
    found = {"mean_rank": float(np.mean((n_items + 1) / (c + 1))), "MRR": retrieval.chance(n_items, c)["MRR"]}
    for name in AT_K:
        for k in ks:
            values = _gained(name, correct, grades, n_items, k) if name in GAINS else _of(name, c, n_items, k)
            found[f"{name}@{k}"] = float(np.mean(values))
    return found


def _of(name: str, c: Index, n: int, k: int) -> Float64:
    places = np.arange(min(k, n))
    if name == "recall":
        return np.full(len(c), 100.0 * len(places) / n)
    if name == "precision":
        return np.asarray(100.0 * c * len(places) / (n * k))
    if name == "mAP":
        before = places * (c[:, None] - 1) / max(1, n - 1)
        return np.asarray(((1 + before) / (places + 1)).sum(axis=1) / n)
    missed = np.maximum(n - c[:, None] - places, 0) / (n - places)
    return np.asarray(100.0 * (1.0 - missed.prod(axis=1)))


def _gained(name: str, correct: Correct, grades: Float64, n: int, k: int) -> Float64:
    gain = GAINS[name]
    mean = np.add.reduceat(gain(grades), correct.indptr[:-1]) / n
    return np.asarray(mean * discounts(min(k, n)).sum() / dcg(ideal(correct, grades, min(k, n)), k, gain))
