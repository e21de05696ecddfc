"""The slow, obvious way to say how crowded an item stands."""

from __future__ import annotations

import numpy as np


def naive_crowding(item: np.ndarray, reference: np.ndarray, k: int) -> float:
    """Mean of the k largest dot products with a reference's rows, one number at a time."""
    cosines = [sum(float(a) * float(b) for a, b in zip(item, other, strict=True)) for other in reference]
    nearest = sorted(cosines, reverse=True)[:k]
    return sum(nearest) / len(nearest)
