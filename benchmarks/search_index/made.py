"""Made vectors for the search index: causes behind them, queries of the same causes, a filter's column, the truth."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from antiphon.search.indexes.recall import exact_answers
from benchmarks.search_index.engines import FILTERED, SHARES, D, K

CAUSES, QUERIES = 32, 60


def make(folder: Path, n: int) -> None:
    """Vectors, queries, a column to filter by, and the true answers."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((CAUSES, D)).astype(np.float32)

    def some(rows: int) -> np.ndarray:
        found = rng.standard_normal((rows, CAUSES), np.float32) ** 3 @ mixing + 2 * rng.standard_normal(
            (rows, D), np.float32
        )
        return found / np.linalg.norm(found, axis=1, keepdims=True)

    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (n, D))
    for start in range(0, n, 50_000):
        vectors[start : start + 50_000] = some(min(50_000, n - start))
    vectors.flush()
    queries, column = some(QUERIES), rng.random(n)
    np.savez(folder / "asked.npz", queries=queries, column=column)
    truth = {"1": exact_answers(vectors, queries)}
    for share in SHARES:
        places = np.flatnonzero(column < share)
        truth[str(share)] = places[exact_answers(vectors[places], queries[:FILTERED], min(K, len(places)))]
    np.savez(folder / "truth.npz", **truth)


if __name__ == "__main__":
    make(Path(sys.argv[1]), int(sys.argv[2]))
