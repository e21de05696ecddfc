"""Made-up vectors of unit length, where most queries find their item first."""

from __future__ import annotations

import numpy as np

Float32 = np.ndarray


def unit(n: int, d: int, seed: int) -> Float32:
    """(n, d) random directions."""
    vectors = np.random.default_rng(seed).standard_normal((n, d), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors


def query_and_item(n: int, d: int, strength: float = 4.5) -> tuple[Float32, Float32]:
    """Queries, and the items that they ask for: row by row."""
    items, queries = unit(n, d, 0), unit(n, d, 1)
    queries *= np.float32(strength)
    queries += items
    queries /= np.linalg.norm(queries, axis=1, keepdims=True)
    return queries, items
