"""What the checkpoint for search gains over ``best_r1``: ``antiphon train`` once a fold, both judged on the test fold.

python -m benchmarks.unused.product DATA --sets prompts:timbre+harmony+rhythm moods:musicnn … [--assignments 3]
                                    [--cache DIR]

Sets, folds, intervals and the table are those of ``python -m benchmarks.unused``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from antiphon.align.assembly import prepare
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.ensemble.serving import fitted_again
from antiphon.align.training.setup import resolve_settings
from antiphon.arrays import Embeddings
from benchmarks.quality.methods import material_of
from benchmarks.unused.gains import Ranked, cell, gain, over_sets, ranked
from benchmarks.unused.situation import Situation, judged_folds

BASE, AGAIN = "best_r1", "for search"


def main() -> None:
    """Print a table of one row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--assignments", type=int, default=1)
    parser.add_argument("--folds", type=int, default=5, help="of the five, how many to judge")
    parser.add_argument("--cache", type=Path, help="existing folder of finished folds")
    asked = parser.parse_args()
    print("| | " + " | ".join([*asked.sets, "mean"]) + " |\n|" + " --- |" * (len(asked.sets) + 2), flush=True)
    judged = {name: list(of_set(name, asked)) for name in asked.sets}
    gains = [gain([one[AGAIN] for one in each], [one[BASE] for one in each], seed=0) for each in judged.values()]
    print(f"| {AGAIN} | " + " | ".join(cell(each) for each in [*gains, over_sets(gains)]) + " |")
    print("| *MRR of best_r1* | " + " | ".join(f"{each.base:.3f}" for each in gains) + " | |")


def of_set(name: str, asked: argparse.Namespace) -> Iterator[dict[str, Ranked]]:
    """Both checkpoints' ranks, fold after fold of each assignment."""

    def judge(given: Situation, found: dict[str, Ranked]) -> None:
        if BASE not in found:
            found.update(both(given))

    for assignment in range(asked.assignments):
        yield from judged_folds(name, assignment, asked, judge, kept_as="product_")


def both(given: Situation) -> dict[str, Ranked]:
    """One training, and its best checkpoint before and after it is fitted again."""
    with tempfile.TemporaryDirectory() as folder:
        material = material_of(Path(folder), given.train, given.val)
        prepare(material, resolve_settings(TrainConfig(seed=given.seed), **material.about)).go(None)
        best = Bundle.load(checkpoint_paths(material.root, material.name)["best_r1"])
        again = fitted_again(best, material)
    test = given.test
    vectors = {
        name: (one.score_text(test.text), one.score_audio(test.audio)) for name, one in ((BASE, best), (AGAIN, again))
    }
    return {name: ranked(Embeddings(*sides), test) for name, sides in vectors.items()}


if __name__ == "__main__":
    main()
