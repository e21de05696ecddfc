"""The same on made sets of lists of tags, of sizes that no library at hand has.

OMP_NUM_THREADS=1 python -m benchmarks.phrases.large LIBRARY [--kinds noisy clear] [--sizes 1600 6400]
                                                     [--shares .1 .25] [--sets 2] [--cache DIR]

LIBRARY gives the tags: its captions by people are lists. Made sets are split as ``benchmarks.sizes`` splits them, the
whole default is trained, and judged as in ``benchmarks.phrases``, by 500 further tracks.
"""

from __future__ import annotations

import argparse
import pickle
import time
from functools import cache
from pathlib import Path

import torch

from benchmarks.phrases.__main__ import Judged, default_on, precision_cell
from benchmarks.phrases.made import told_of
from benchmarks.phrases.sets import Told
from benchmarks.sizes.__main__ import TEST, split
from benchmarks.templates import average_precisions
from benchmarks.unused.gains import cell, gain, ranked


def judged(asked: argparse.Namespace, kind: str, tracks: int, share: float) -> list[Judged]:
    """Set after set; kept in the cache."""
    found = []
    for number in range(asked.sets):
        kept = None if asked.cache is None else asked.cache / f"made_{kind}_{tracks}_{share}_{number}.pickle"
        if kept is not None and kept.exists():
            found.append(pickle.loads(kept.read_bytes()))
            continue
        told = _told(asked.library, kind, tracks, number)
        parts = split(told.whole, tracks, number)
        queries = told.queries(parts[2])
        start = time.process_time()
        vectors, read = default_on(told, parts, share, list(queries), frozenset())
        print(kind, tracks, share, number, f"{time.process_time() - start:.0f} s", flush=True)
        precision = average_precisions(read @ vectors.audio.T, list(queries.values()))
        found.append(Judged(ranked(vectors, parts[2]), [f"{number} {each}" for each in queries], precision))
        for one in (found[-1].ranked.text_groups, found[-1].ranked.track_groups):
            one[:] = one + 1_000_000 * number
        if kept is not None:
            kept.write_bytes(pickle.dumps(found[-1]))
    return found


@cache
def _told(library: Path, kind: str, tracks: int, number: int) -> Told:
    return told_of(library, kind, tracks + TEST, side="minilm", seed=number)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("library", type=Path)
    parser.add_argument("--kinds", nargs="+", default=["noisy", "clear"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[1600, 6400])
    parser.add_argument("--shares", nargs="+", type=float, default=[0.1, 0.25])
    parser.add_argument("--sets", type=int, default=2)
    parser.add_argument("--cache", type=Path, help="existing folder of finished sets")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for tracks in asked.sizes:
        for kind in asked.kinds:
            base = judged(asked, kind, tracks, 0.0)
            for share in asked.shares:
                mine = judged(asked, kind, tracks, share)
                whole = gain([one.ranked for one in mine], [one.ranked for one in base], seed=0)
                phrases = precision_cell(mine, base)
                print(f"| {kind}, {tracks:,} | {share} | {whole.base:.3f} | {cell(whole)} | {phrases} |", flush=True)


if __name__ == "__main__":
    main()
