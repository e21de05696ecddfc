"""Whether data that lies unused makes retrieval better: paired gains over the base on held-out groups.

python -m benchmarks.unused DATA --sets moods:musicnn prompts:timbre+harmony made:bent:1600 … [--ideas …]
                            [--captioned 0.25] [--assignments 3] [--folds 5] [--cache DIR]

DATA is a folder of libraries with vectors, as for ``benchmarks.quality``. ``--captioned`` is the share of the training
tracks whose captions are known; of the rest, of val and (where an idea says so) of test only the sound is. A cell is
the gain in percent of the base's MRR (mean of both directions), with its 95 % interval over groups; the last column is
the mean over sets, for which sets of one library are drawn together.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from benchmarks.unused.gains import Gain, Ranked, cell, gain, over_sets, ranked
from benchmarks.unused.ideas import IDEAS, Case
from benchmarks.unused.situation import Situation, judged_folds


def main() -> None:
    """Print a table, an idea a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--ideas", nargs="+", default=[name for name in IDEAS if name != "base"], choices=IDEAS)
    parser.add_argument("--captioned", type=float, default=1.0)
    parser.add_argument("--assignments", type=int, default=1)
    parser.add_argument("--folds", type=int, default=5, help="of the five, how many to judge")
    parser.add_argument("--cache", type=Path, help="existing folder of finished jobs")
    asked = parser.parse_args()
    found: dict[str, dict[str, Gain]] = {}
    print("| idea | " + " | ".join([*asked.sets, "mean"]) + " |\n|" + " --- |" * (len(asked.sets) + 2), flush=True)
    judged = {name: of_set(name, asked) for name in asked.sets}
    for idea in asked.ideas:
        mine = {name: gain(judged[name][idea], judged[name]["base"], seed=0) for name in asked.sets}
        found[idea] = mine
        print(f"| {idea} | " + " | ".join(cell(each) for each in [*mine.values(), over_sets([*mine.values()])]) + " |")
    print("| *MRR of the base* | " + " | ".join(f"{each.base:.3f}" for each in found[asked.ideas[0]].values()) + " | |")


def of_set(name: str, asked: argparse.Namespace) -> dict[str, list[Ranked]]:
    """Idea → what it came to on each fold of each assignment."""
    found: dict[str, list[Ranked]] = {idea: [] for idea in ["base", *asked.ideas]}
    for assignment in range(asked.assignments):
        for of_fold in of_assignment(name, assignment, asked):
            for idea in found:
                found[idea].append(of_fold[idea])
    return found


def of_assignment(name: str, assignment: int, asked: argparse.Namespace) -> Iterator[dict[str, Ranked]]:
    """Idea → what it came to, fold after fold; kept in the cache idea by idea."""

    def judge(given: Situation, found: dict[str, Ranked]) -> None:
        case = Case(given)
        for idea in ["base", *asked.ideas]:
            if idea not in found:
                found[idea] = ranked(IDEAS[idea](case), given.test)

    return judged_folds(name, assignment, asked, judge, captioned=asked.captioned)


if __name__ == "__main__":
    main()
