"""Exact ranks, both directions, beside the bare matrix product; CPU time, which a busy machine disturbs least.

OPENBLAS_NUM_THREADS=1 python -m benchmarks.ranks.products [items] [dims]
"""

from __future__ import annotations

import sys
import time
import tracemalloc

import numpy as np

from antiphon.metrics.ranks import one_each, ranks_both_ways

BLOCK = 1024


def product(q: np.ndarray, x: np.ndarray) -> None:
    """The same blocks, the product only."""
    for i in range(0, len(q), BLOCK):
        for j in range(0, len(x), BLOCK):
            q[i : i + BLOCK] @ x[j : j + BLOCK].T


def main(n: int, d: int) -> None:
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, d), dtype=np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    noise = rng.standard_normal((n, d), dtype=np.float32) / np.sqrt(d, dtype=np.float32)
    correct = one_each(np.arange(n))
    print(f"{n:,} × {n:,} × {d}, float32, both directions")
    for name, strength in (("trained (about half the queries at rank 1)", 4.5), ("untrained", 1e6)):
        q = x + np.float32(strength) * noise
        q /= np.linalg.norm(q, axis=1, keepdims=True)
        ratios = []
        for _ in range(5):
            start = time.process_time()
            product(q, x)
            bare = time.process_time() - start
            start = time.process_time()
            found, _ = ranks_both_ways(q, x, correct, correct, block=BLOCK)
            ratios.append(bare / (time.process_time() - start))
        speed = 2e-9 * n * n * d / bare
        print(f"{name}: {100 * np.median(ratios):.0f} % of the bare product's speed ({speed:.0f} GFLOP/s), ", end="")
        print(f"R@1 {100 * np.mean(found == 1):.1f} %")
    same = np.ones_like(x)
    start = time.process_time()
    found, _ = ranks_both_ways(same, same, correct, correct, block=BLOCK)
    print(f"all vectors equal: {bare / (time.process_time() - start):.2f} × the speed, worst rank {found.min():,}")
    tracemalloc.start()
    ranks_both_ways(q, x, correct, correct, block=BLOCK)
    print(f"memory over the vectors: {tracemalloc.get_traced_memory()[1] / 2**20:.0f} MiB")


if __name__ == "__main__":
    main(*(int(a) for a in (sys.argv[1:] + ["20000", "512"][len(sys.argv) - 1 :])))
