"""Exact words as a text side of their own beside MiniLM: tags and words of captions, hashed or projected at random.

OMP_NUM_THREADS=1 python -m benchmarks.lexical DATA --sets moods:musicnn prompts:timbre+harmony+rhythm …
                                               [--mixtures …] [--base minilm] [--assignments 3] [--cache DIR]

DATA is a folder of libraries as for ``benchmarks.quality``, whose sets and folds these are. Each text side is judged
with kernel CCAs and hubness correction; beside the base (BASE+SIDE) in one distance, as joined text encoders are, or
with kernel CCAs of its own whose cosines are averaged with the base's (BASE*3,SIDE*1 gives the base three quarters). A
cell is the gain in percent of the base's MRR (mean of both directions), with its 95 % interval over groups; the last
column is the mean over sets, for which sets of one library are drawn together.
"""

from __future__ import annotations

import argparse
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.ensemble import joined
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.align.hubness.correction import Hubness, scored
from antiphon.align.hubness.fit import NEIGHBOURS, WEIGHT
from antiphon.align.inference import embed_pairs
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from benchmarks.lexical.sides import SIDES, with_side
from benchmarks.quality.__main__ import FOLDS, folds
from benchmarks.quality.captioned import Captioned
from benchmarks.quality.methods import pairs_of
from benchmarks.unused.gains import Ranked, cell, gain, over_sets, ranked


class Embedded(NamedTuple):
    """Train and test in the space of kernel CCAs of one text side."""

    train: Embeddings
    test: Embeddings
    of_test: Captioned


def embedded(asked: argparse.Namespace, name: str, side: str) -> Iterator[Embedded]:
    """Fold after fold of each assignment; kept in the cache."""
    whole = None
    for assignment in range(asked.assignments):
        for number in range(FOLDS):
            file = f"{name}_{side}_{assignment}_{number}.pickle".replace(":", "_")
            kept = None if asked.cache is None else asked.cache / file
            if kept is not None and kept.exists():
                yield pickle.loads(kept.read_bytes())
                continue
            whole = whole or with_side(asked.data, name, side)
            train, _, test = list(folds(whole, seed=assignment))[number]
            found = Embedded(*_fitted(train, test), test)
            if kept is not None:
                kept.write_bytes(pickle.dumps(found))
            yield found


def _fitted(train: Captioned, test: Captioned) -> tuple[Embeddings, Embeddings]:
    space = space_of(train)
    return embed_pairs(space, pairs_of(train)), embed_pairs(space, pairs_of(test))


def space_of(train: Captioned) -> SharedSpace:
    """Kernel CCAs."""
    texts = [source.size for source in train.text_layout.sources]
    return fit_closed_forms(
        pairs_of(train),
        sources=[source.size for source in train.layout.sources],
        text_sources=texts if len(texts) > 1 else (),
        measured=NOT_MEASURED,
    ).space


def judged(asked: argparse.Namespace, name: str, mixture: str) -> list[Ranked]:
    """A mixture such as ``minilm*3,words-projected*1`` on the folds of a set."""
    members, found = members_of(mixture), []
    for each in zip(*(embedded(asked, name, side) for side in members), strict=True):
        vectors = corrected(list(members.values()), [one.train for one in each], [one.test for one in each])
        found.append(ranked(vectors, each[0].of_test))
    return found


def members_of(mixture: str) -> dict[str, float]:
    """Text side → its share of a mixture."""
    parts = [part.partition("*")[::2] for part in mixture.split(",")]
    total = sum(float(weight or 1) for _, weight in parts)
    return {side: float(weight or 1) / total for side, weight in parts}


def corrected(shares: list[float], train: list[Embeddings], test: list[Embeddings]) -> Embeddings:
    """Test by the weighted mean of members' cosines, with the hubness correction of train."""
    known, asked = (joined(each, shares) if len(each) > 1 else each[0] for each in (train, test))
    return scored(asked, Hubness.from_reference(*known, weight=WEIGHT, neighbours=NEIGHBOURS))


def main() -> None:
    """Print a table, a mixture a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--base", default="minilm")
    parser.add_argument("--mixtures", nargs="+", help="all sides beside the base, in both ways, unless named")
    parser.add_argument("--assignments", type=int, default=3)
    parser.add_argument("--cache", type=Path, help="existing folder of finished folds")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    both = [mixture for side in SIDES for mixture in (f"{asked.base}+{side}", f"{asked.base}*3,{side}*1")]
    print("| text side | " + " | ".join([*asked.sets, "mean"]) + " |\n|" + " --- |" * (len(asked.sets) + 2), flush=True)
    base = {name: judged(asked, name, asked.base) for name in asked.sets}
    for mixture in asked.mixtures or both:
        gains = [gain(judged(asked, name, mixture), base[name], seed=0) for name in asked.sets]
        print(f"| {mixture} | " + " | ".join(cell(each) for each in [*gains, over_sets(gains)]) + " |", flush=True)
    bases = [gain(each, each, seed=0).base for each in base.values()]
    print("| *MRR of the base* | " + " | ".join(f"{each:.3f}" for each in bases) + " | |")


if __name__ == "__main__":
    main()
