"""The search for duplicates in a forest of random splits, beside the comparison of all pairs: what it misses, and time.

    python -m benchmarks.duplicates [--tracks 20000]

Vectors are made: tracks in families (artists) on a curved surface of few dimensions, in many correlated numbers, stored
as float16. Copies are planted at set distances, as shares of a typical pair's. Writes benchmarks/results/duplicates.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from antiphon.library.leakage.same_audio import equal_vectors, neighbours
from antiphon.library.leakage.same_audio.equal_vectors import find_equal

SHARES = (0.005, 0.02, 0.05, 0.08, 0.11)
COPIES = 200
RESULT = Path(__file__).parent / "results" / "duplicates.md"


def made(tracks: int, latent: int, size: int, seed: int) -> tuple[np.ndarray, dict[tuple[int, int], float]]:
    """(n, size) float16, and the planted pairs with their distance as a share of a typical one."""
    random = np.random.default_rng(seed)
    artists = random.standard_normal((max(2, tracks // 12), latent))
    hidden = artists[random.integers(0, len(artists), tracks)] + 0.5 * random.standard_normal((tracks, latent))
    first, second = random.standard_normal((latent, size)), random.standard_normal((latent, size))
    vectors = (
        np.tanh(hidden @ first / latent**0.5)
        + 0.3 * np.cos(hidden @ second)
        + 0.02 * random.standard_normal((tracks, size))
    )
    spread = vectors.std(axis=0)
    originals = random.choice(tracks, COPIES * len(SHARES), replace=False)
    shares = np.repeat(SHARES, COPIES)
    noise = random.standard_normal((len(originals), size)) * spread * 2**0.5
    copies = vectors[originals] + shares[:, None] * noise
    pairs = {(int(o), tracks + i): float(s) for i, (o, s) in enumerate(zip(originals, shares, strict=True))}
    return np.concatenate([vectors, copies]).astype(np.float16), pairs


def searched(matrix: np.ndarray, exact_up_to: int) -> tuple[set[tuple[int, int]], float]:
    equal_vectors.EXACT_UP_TO = neighbours.EXACT_UP_TO = exact_up_to
    started = time.process_time()
    pairs, _ = find_equal(matrix)
    return {(int(a), int(b)) for a, b in pairs}, time.process_time() - started


def row(tracks: int, latent: int, size: int) -> tuple[str, list[str]]:
    matrix, planted = made(tracks, latent, size, seed=latent)
    slow, slow_s = searched(matrix, 10**9)
    fast, fast_s = searched(matrix, 0)
    title = f"| {len(matrix):,} × {size} | {latent} | {len(slow)} | {len(slow & fast)} | {len(fast - slow)} |"
    found = []
    for share in SHARES:
        wanted = {pair for pair, at in planted.items() if at == share} & slow
        found.append(f"{len(wanted & fast)} of {len(wanted)}")
    return f"{title} {slow_s:.1f} | {fast_s:.1f} | " + " | ".join(found) + " |", found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tracks", type=int, default=20_000)
    tracks = parser.parse_args().tracks
    lines = [
        "# Duplicates: a forest beside all pairs",
        "",
        "Processor seconds, one thread. Found: planted pairs that all pairs find, by their distance.",
        "",
        "| vectors | hidden dimensions | all pairs: joins | in both | forest alone | all pairs, s | forest, s | "
        + " | ".join(f"{share:g}" for share in SHARES)
        + " |",
        "|" + " --- |" * (7 + len(SHARES)),
    ]
    for latent, size in ((4, 256), (8, 256), (16, 512), (32, 1024), (64, 768)):
        lines.append(row(tracks, latent, size)[0])
        print(lines[-1], flush=True)
    RESULT.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
