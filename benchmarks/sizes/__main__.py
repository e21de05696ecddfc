"""Whether the default training is measurably below ridge, CCA or plain heads anywhere: it may not be.

OMP_NUM_THREADS=1 python -m benchmarks.sizes [--kinds clear noisy …] [--sizes 100 400 …] [--sets 4]
                                             [--real DATA SET …] [--cache DIR] [--out FILE.md]

Made sets (``made.py`` beside this) of several kinds and sizes, and five grouped folds of real ones, named as for
``benchmarks.quality``. Of a made set a tenth is val, the rest train, and 500 further tracks in groups of their own are
the test; all methods (``methods.py``) see the same tracks and are judged once on test by the mean of both directions'
MRR. Small sets are made several times (``--sets`` at 100 tracks, half as many at four times as many). What is compared
is the paired difference of the default to each other method over all queries of a cell, with a 95 % interval over
groups; *below* means that it excludes 0.
"""

from __future__ import annotations

import argparse
import math
import pickle
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from antiphon.metrics.retrieval import rank_both
from antiphon.metrics.significance import paired_means
from benchmarks.quality.__main__ import FOLDS, folds, load, pooled
from benchmarks.quality.captioned import Captioned
from benchmarks.sizes.made import DEEP, KINDS, make
from benchmarks.sizes.methods import DEFAULT, METHODS, Given

TEST, VAL = 500, 0.1
SHALLOW = tuple(kind for kind in KINDS if kind not in DEEP)
LARGE = ("noisy", "nuisance", "layers", "tags")
GRID = {
    100: SHALLOW,
    400: SHALLOW,
    1_600: (*SHALLOW, *DEEP),
    5_000: DEEP,
    6_400: SHALLOW,
    25_000: LARGE,
    50_000: LARGE,
}
"""Kinds that are made at each size."""
RESULT = Path(__file__).parents[1] / "results" / "sizes.md"
Split = tuple[Captioned, Captioned, Captioned]
Judged = dict[str, dict[str, Any]]
"""Method → reciprocal ranks ``t2a`` and ``a2t``, their ``groups``, and ``seconds`` of processor time."""


@dataclass(frozen=True)
class Cell:
    """One kind of set at one size; or a real set, whose ``tracks`` are all that it has."""

    kind: str
    tracks: int
    sets: int
    data: Path | None = None

    def split(self, number: int) -> Split:
        """Train, val and test of a set, or of a fold."""
        if self.data is not None:
            return list(folds(load(self.data, self.kind)))[number]
        return split(make(self.kind, self.tracks + TEST, seed=number), self.tracks, number)


def split(whole: Captioned, tracks: int, seed: int) -> Split:
    """Train, val and test of a made set: whole groups, all that reach beyond the first ``tracks`` are test."""
    test = np.isin(whole.groups, whole.groups[tracks:])
    rest = np.random.default_rng([seed, 1]).permutation(np.unique(whole.groups[~test]))
    val = np.isin(whole.groups, rest[: max(2, round(VAL * len(rest)))])
    return whole.only(~val & ~test), whole.only(val), whole.only(test)


def judge(cell: Cell, number: int, cache: Path | None) -> Judged:
    """All methods on one set, from the cache where they are there."""
    kept = None if cache is None else cache / f"{cell.kind}_{cell.tracks}_{number}.pickle".replace(":", "_")
    found: Judged = pickle.loads(kept.read_bytes()) if kept is not None and kept.exists() else {}
    if missing := [name for name in METHODS if name not in found]:
        given = Given(*cell.split(number), number)
        for name in missing:
            found[name] = _judged(name, given)
            if kept is not None:
                kept.write_bytes(pickle.dumps(found))
    return {name: found[name] for name in METHODS}


def _judged(name: str, given: Given) -> dict[str, Any]:
    started, test = time.process_time(), given.test
    text, audio = METHODS[name](given)
    seconds = time.process_time() - started
    ranks = rank_both(text, audio, test.track_of_caption, test.text_id)
    groups = [
        np.array([f"{given.seed} {group}" for group in test.groups[rows]])
        for rows in (test.track_of_caption, slice(None))
    ]
    return {"t2a": 1 / ranks["t2a"], "a2t": 1 / ranks["a2t"], "groups": groups, "seconds": seconds}


def row(cell: Cell, found: list[Judged]) -> dict[str, Any]:
    """MRR of each method over all sets, and the default's differences with their intervals."""
    values = {name: pooled([one[name] for one in found]) for name in METHODS}
    mine, groups = values[DEFAULT]
    row: dict[str, Any] = {"cell": cell, "seconds": np.mean([one[DEFAULT]["seconds"] for one in found]), "over": {}}
    row["MRR"] = {name: float(each.mean()) for name, (each, _) in values.items()}
    for name in METHODS.keys() - {DEFAULT}:
        row["over"][name] = paired_means(mine - values[name][0], (groups,))["ci95"]
    return row


def below(row: dict[str, Any]) -> list[str]:
    """Methods that are measurably better than the default."""
    return [name for name in METHODS if name != DEFAULT and row["over"][name][1] < 0]


def verdict(rows: list[dict[str, Any]]) -> str:
    """One line: how many comparisons, and those in which the default is below."""
    worse = [f"{r['cell'].kind} at {r['cell'].tracks:,} ({', '.join(below(r))})" for r in rows if below(r)]
    said = f"The default is measurably below in {len(worse)} of {len(rows)} cells"
    return f"{said}: {'; '.join(worse)}." if worse else f"{said}."


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table and its verdict."""
    others = [name for name in METHODS if name != DEFAULT]
    lines = [
        "# The default at every size",
        "",
        f"{date.today()}. `python -m benchmarks.sizes`. MRR, mean of both directions, on held-out groups; in brackets",
        "the 95 % interval of the default's paired difference, over groups; **bold** where the default is measurably",
        "below. Seconds are the default training's, of one processor.",
        "",
        f"| set | tracks | {DEFAULT} | {' | '.join(others)} | seconds |",
        "| --- |" + " --- |" * (len(others) + 3),
    ]
    for r in rows:
        cells = [_cell(r, name) for name in others]
        cell = r["cell"]
        lines.append(
            f"| {cell.kind} | {cell.tracks:,} | {r['MRR'][DEFAULT]:.3f} | {' | '.join(cells)} | {r['seconds']:.1f} |"
        )
    kinds = [f"- {name}: {kind.about}." for name, kind in KINDS.items()]
    return "\n".join([*lines, "", verdict(rows), "", *kinds, ""])


def _cell(row: dict[str, Any], name: str) -> str:
    low, high = row["over"][name]
    said = f"{row['MRR'][name]:.3f} ({low:+.3f} … {high:+.3f})"
    return f"**{said}**" if name in below(row) else said


def cells(options: argparse.Namespace) -> list[Cell]:
    """Those asked for, small ones first."""
    made = [
        Cell(kind, tracks, max(1, options.sets >> round(math.log(tracks / 100, 4))))
        for tracks in sorted(options.sizes)
        for kind in options.kinds or GRID[tracks]
    ]
    if not options.real:
        return made
    data = Path(options.real[0])
    return made + [Cell(name, len(load(data, name).audio), FOLDS, data) for name in options.real[1:]]


def main() -> None:
    """Judge every cell; the table is written after each of them, so that a run that is stopped leaves what it found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kinds", nargs="*", choices=KINDS, help="in place of those that each size has")
    parser.add_argument("--sizes", nargs="*", type=int, choices=GRID, default=list(GRID))
    parser.add_argument("--sets", type=int, default=4, help="made sets at 100 tracks; half as many at 400, and so on")
    parser.add_argument(
        "--real", nargs="+", default=[], help="a folder of libraries, then sets: LIBRARY:ENCODER+ENCODER"
    )
    parser.add_argument("--cache", type=Path, help="existing folder of finished sets, to go on after a stop")
    parser.add_argument("--out", type=Path, default=RESULT)
    options = parser.parse_args()
    rows = []
    for cell in cells(options):
        rows.append(row(cell, [judge(cell, number, options.cache) for number in range(cell.sets)]))
        options.out.write_text(markdown(rows), encoding="utf-8")
        print(
            cell.kind, cell.tracks, {k: round(v, 3) for k, v in rows[-1]["MRR"].items()}, *below(rows[-1]), flush=True
        )
    print(verdict(rows))


if __name__ == "__main__":
    main()
