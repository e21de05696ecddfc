"""Captions' phrases as further captions, with a share of their caption's weight, against whole captions alone.

OMP_NUM_THREADS=1 python -m benchmarks.phrases DATA --sets moods:musicnn prompts:timbre+harmony+rhythm …
                                               [--ways forms:.1 antiphon:.1 …] [--base forms:0] [--assignments 3]
                                               [--withhold] [--made] [--cache DIR]

DATA is a folder of libraries as for ``benchmarks.quality``, whose sets and folds these are. A way is what is trained
and the share of phrases: ``forms`` is kernel CCAs with hubness correction, ``antiphon`` the whole default; ``/TEXT``
behind either names the text side, ``/minilm*6,mean-of-phrases*1,words-1024*1`` several with kernel CCAs of their own,
as in ``benchmarks.lexical``. The first table is the gain in MRR (mean of both directions) with whole captions as
queries, its 95 % interval over groups, and the mean over sets, for which sets of one library are drawn together. The
second asks with every phrase of the test captions; every test track that has it is right: mean average precision, and
the gain with its paired interval over phrases. ``--withhold``: half of the phrases, drawn at random, are never read as
phrases in training, and only these are asked. ``--made``: trained on the captions that Antiphon made of the tracks in
place of those that people wrote, who ask all the same.
"""

from __future__ import annotations

import argparse
import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from antiphon.align.assembly import prepare
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.align.inference import embed, embed_pairs
from antiphon.align.training.setup import resolve_settings
from antiphon.arrays import Embeddings
from antiphon.metrics import significance
from benchmarks.lexical.__main__ import corrected, members_of
from benchmarks.phrases.sets import Told
from benchmarks.quality.__main__ import FOLDS, folds
from benchmarks.quality.captioned import Captioned
from benchmarks.quality.methods import material_of, pairs_of
from benchmarks.templates import average_precisions
from benchmarks.unused.gains import Ranked, cell, gain, over_sets, ranked


class Judged(NamedTuple):
    """What a way came to on one fold: ranks of whole captions and tracks, and the precision of each phrase."""

    ranked: Ranked
    phrases: list[str]
    precision: np.ndarray


class Way(NamedTuple):
    """What is trained, the share of phrases, and the text sides with their weights."""

    method: str
    share: float
    sides: dict[str, float]

    @classmethod
    def named(cls, text: str) -> Way:
        what, _, side = text.partition("/")
        method, _, share = what.partition(":")
        return cls(method, float(share or 0), members_of(side or "minilm"))


def judged(asked: argparse.Namespace, name: str, way: str) -> list[Judged]:
    """Fold after fold of each assignment; kept in the cache."""
    found = []
    told: dict[str, Told] = {}
    for assignment in range(asked.assignments):
        for number in range(FOLDS):
            file = f"{name}_{way}_{assignment}_{number}{'_withheld' * asked.withhold}{'_made' * asked.made}.pickle"
            kept = None if asked.cache is None else asked.cache / file.replace(":", "_").replace("/", "@")
            if kept is not None and kept.exists():
                found.append(pickle.loads(kept.read_bytes()))
                continue
            told = told or {side: Told.of(asked.data, name, side) for side in Way.named(way).sides}
            told_by = {side: Told.made(asked.data, name, side) for side in told} if asked.made else told
            found.append(_judged(told, told_by, Way.named(way), (assignment, number), withhold=asked.withhold))
            if kept is not None:
                kept.write_bytes(pickle.dumps(found[-1]))
    return found


def _judged(
    told: dict[str, Told], told_by: dict[str, Told], way: Way, fold: tuple[int, int], *, withhold: bool
) -> Judged:
    """``told`` says what is asked, ``told_by`` what is learned from; of the same tracks."""
    assignment, number = fold
    parts = {
        side: (*list(folds(told_by[side].whole, seed=assignment))[number][:2], _test_of(each, fold))
        for side, each in told.items()
    }
    first, test = next(iter(told.values())), next(iter(parts.values()))[2]
    queries = first.queries(test)
    withheld = _half(first, assignment) if withhold else frozenset[str]()
    if withhold:
        queries = {phrase: rows for phrase, rows in queries.items() if phrase in withheld}
    if way.method == "antiphon":
        (side,) = told
        vectors, asked = default_on(told_by[side], parts[side], way.share, list(queries), withheld)
    else:
        each = [_forms(told_by[side], parts[side], way.share, list(queries), withheld) for side in told]
        shares = list(way.sides.values())
        known = [found[0] for found in each]
        vectors = corrected(shares, known, [found[1] for found in each])
        asked = corrected(shares, known, [found[2] for found in each]).text
    precision = average_precisions(asked @ vectors.audio.T, list(queries.values())) if queries else np.empty(0)
    return Judged(ranked(vectors, test), list(queries), precision)


def _test_of(told: Told, fold: tuple[int, int]) -> Captioned:
    return list(folds(told.whole, seed=fold[0]))[fold[1]][2]


def _half(told: Told, assignment: int) -> frozenset[str]:
    known = sorted(told.queries(told.whole))
    return frozenset(np.random.default_rng([assignment, 5]).permutation(known)[::2].tolist())


def _forms(
    told: Told, parts: tuple[Captioned, ...], share: float, queries: list[str], withheld: frozenset[str]
) -> tuple[Embeddings, Embeddings, Embeddings]:
    """Train, test, and test with phrases as texts, in the space of kernel CCAs."""
    train, _, test = parts
    texts = [source.size for source in train.text_layout.sources]
    space = fit_closed_forms(
        pairs_of(train),
        sources=[source.size for source in train.layout.sources],
        text_sources=texts if len(texts) > 1 else (),
        phrases=told.phrases(train, withheld) if share else None,
        phrase_weight=share,
        measured=NOT_MEASURED,
    ).space
    of_test = embed_pairs(space, pairs_of(test))
    asked = embed(space.text, Rows.all_of(told.read(queries))).numpy() if queries else of_test.text[:0]
    return embed_pairs(space, pairs_of(train)), of_test, Embeddings(asked, of_test.audio)


def default_on(
    told: Told, parts: tuple[Captioned, ...], share: float, queries: list[str], withheld: frozenset[str]
) -> tuple[Embeddings, np.ndarray]:
    """Test, and phrases, by what ``antiphon train`` leaves in ``…_best_r1.pt``."""
    train, val, test = parts
    with tempfile.TemporaryDirectory() as folder:
        material = material_of(Path(folder), train, val)
        settings = resolve_settings(TrainConfig(seed=0, caption_phrases=share), **material.about)
        if share:
            material = replace(material, has_phrases=True, phrases=told.phrases(train, withheld))
        prepare(material, settings).go(None)
        bundle = Bundle.load(checkpoint_paths(material.root, material.name)["best_r1"])
    asked = bundle.score_text(told.read(queries)) if queries else bundle.score_text(test.text)[:0]
    return Embeddings(bundle.score_text(test.text), bundle.score_audio(test.audio)), asked


def precision_cell(mine: list[Judged], base: list[Judged]) -> str:
    """``.232 (+.023 … +.043)``: the mean average precision, and the paired interval of its gain over phrases."""
    names = np.array([name for one in mine for name in one.phrases])
    ours, theirs = (np.concatenate([one.precision for one in folds]) for folds in (mine, base))
    if not len(names):
        return ""
    low, high = significance.paired_means(ours - theirs, (names,))["ci95"]
    return f"{ours.mean():.3f} {ours.mean() / theirs.mean():.3f} ({low:+.3f} … {high:+.3f})".replace("-", "−")


def rows(asked: argparse.Namespace) -> Iterator[str]:
    """Both tables, a way a row."""
    base = {name: judged(asked, name, asked.base) for name in asked.sets}
    each = {way: {name: judged(asked, name, way) for name in asked.sets} for way in asked.ways}
    head = "| way | " + " | ".join([*asked.sets, "mean"]) + " |\n|" + " --- |" * (len(asked.sets) + 2)
    yield head
    whole = {name: [one.ranked for one in found] for name, found in base.items()}
    for way, found in each.items():
        gains = [gain([one.ranked for one in found[name]], whole[name], seed=0) for name in asked.sets]
        yield f"| {way} | " + " | ".join(cell(one) for one in [*gains, over_sets(gains)]) + " |"
    levels = [gain(one, one, seed=0).base for one in whole.values()]
    yield f"| *MRR, {asked.base}* | " + " | ".join(f"{level:.3f}" for level in levels) + " | |\n\n" + head
    for way, found in {asked.base: base, **each}.items():
        yield f"| {way} | " + " | ".join(precision_cell(found[name], base[name]) for name in asked.sets) + " | |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--ways", nargs="+", default=["forms:.05", "forms:.1", "forms:.25"])
    parser.add_argument("--base", default="forms:0")
    parser.add_argument("--assignments", type=int, default=3)
    parser.add_argument("--withhold", action="store_true")
    parser.add_argument("--made", action="store_true")
    parser.add_argument("--cache", type=Path, help="existing folder of finished folds")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    for row in rows(asked):
        print(row, flush=True)


if __name__ == "__main__":
    main()
