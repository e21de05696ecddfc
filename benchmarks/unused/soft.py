"""Soft targets from the closed forms: do heads learn more from cosines there than from the text encoder's own?

OMP_NUM_THREADS=1 python -m benchmarks.unused.soft DATA --sets prompts:timbre+harmony+rhythm moods:musicnn …
                                                        [--teachers …] [--assignments 1] [--cache DIR]

Each training is that of ``antiphon train`` up to its last epoch, with the texts that tell who is alike exchanged: the
targets of a step go by their cosines. A row is a teacher, the heads alone and beside the closed forms as the product
weighs them, both with its hubness correction; sets, folds, intervals and the table are those of
``python -m benchmarks.unused``, gains are over the text encoder's own cosines.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations_with_replacement
from pathlib import Path

import numpy as np
import torch

from antiphon.align.config import TrainConfig
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.ensemble.ensemble import Ensemble
from antiphon.align.ensemble.linear.look import NOT_MEASURED
from antiphon.align.ensemble.weights import CLOSED_FORM_WEIGHT
from antiphon.align.hubness.correction import scored
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.inference import embed_pairs
from antiphon.align.model import SharedSpace
from antiphon.align.training.loop import Loop
from antiphon.align.training.setup import compute_dtype, fresh_space, resolve_settings, training_data
from antiphon.arrays import unit_length
from benchmarks.quality.methods import material_of
from benchmarks.unused.gains import Ranked, cell, gain, over_sets, ranked
from benchmarks.unused.situation import Situation, judged_folds

BASE = "text encoder, share .3"
HELD = 4
"""Parts of the training tracks of which two are held out at a time."""


def from_text(forms: SharedSpace, material: Material) -> np.ndarray:
    """Captions as the closed forms embed them."""
    return np.asarray(embed_pairs(forms, material.train).text)


def from_both(forms: SharedSpace, material: Material) -> np.ndarray:
    """Captions and their tracks there: cosines are the mean of both."""
    text, audio = embed_pairs(forms, material.train)
    return np.concatenate([text, np.asarray(audio)[material.train.track_of_caption]], axis=1) / 2**0.5


def unseen(_: SharedSpace, material: Material) -> np.ndarray:
    """Captions by the cosines in closed forms that were fitted without either one's tracks, as near as vectors come."""
    train, groups = material.train, material.train_groups
    part = np.random.default_rng(0).permutation(int(groups.max()) + 1)[groups] % HELD
    owner, n = part[train.track_of_caption], len(train.track_of_caption)
    cosines = np.eye(n)
    for one, other in combinations_with_replacement(range(HELD), 2):
        out = np.isin(part, [one, other])
        text = np.asarray(embed_pairs(kernel_forms(train.only(np.flatnonzero(~out)), material), train).text)
        rows, columns = np.flatnonzero(owner == one), np.flatnonzero(owner == other)
        between = text[rows] @ text[columns].T
        cosines[np.ix_(rows, columns)] = between
        cosines[np.ix_(columns, rows)] = between.T
    values, vectors = np.linalg.eigh(cosines)
    return unit_length((vectors * np.sqrt(np.maximum(values, 0))).astype(np.float32))


def kernel_forms(train: PairSet, material: Material) -> SharedSpace:
    """Kernel CCAs of some of the training tracks; linear ones, which most sets here do without, are left out."""
    audio, text = material.audio_provenance.layout, material.text_provenance.layout
    return fit_closed_forms(
        train,
        sources=[source.size for source in audio.sources],
        text_sources=[source.size for source in text.sources],
        measured=NOT_MEASURED,
    ).space


TEACHERS: dict[str, tuple[float, Callable[[SharedSpace, Material], np.ndarray] | None]] = {
    BASE: (0.3, None),
    "no soft targets": (0.0, None),
    "closed forms' text, share .3": (0.3, from_text),
    "closed forms' text and sound, share .3": (0.3, from_both),
    "closed forms fitted without them, share .3": (0.3, unseen),
}
"""Teacher → share of the targets that is soft, and the vectors by which texts are alike; None for the text encoder."""
WAYS = ("heads alone", "beside closed forms")


def main() -> None:
    """Print a table, a teacher and a way a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="+", required=True)
    parser.add_argument("--teachers", nargs="+", default=[name for name in TEACHERS if name != BASE], choices=TEACHERS)
    parser.add_argument("--assignments", type=int, default=1)
    parser.add_argument("--folds", type=int, default=5, help="of the five, how many to judge")
    parser.add_argument("--cache", type=Path, help="existing folder of finished folds")
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print("| teacher | " + " | ".join([*asked.sets, "mean"]) + " |\n|" + " --- |" * (len(asked.sets) + 2), flush=True)
    judged = {name: list(of_set(name, asked)) for name in asked.sets}
    bases = []
    for way in WAYS:
        base = {name: [fold[BASE, way] for fold in judged[name]] for name in asked.sets}
        for teacher in asked.teachers:
            of = [gain([f[teacher, way] for f in judged[name]], base[name], seed=0) for name in asked.sets]
            print(f"| {teacher}: {way} | " + " | ".join(cell(each) for each in [*of, over_sets(of)]) + " |")
        bases.append([gain(each, each, seed=0).base for each in base.values()])
    for way, row in zip(WAYS, bases, strict=True):
        print(f"| *MRR of {BASE}: {way}* | " + " | ".join(f"{each:.3f}" for each in row) + " | |")


def of_set(name: str, asked: argparse.Namespace) -> Iterator[dict[tuple[str, str], Ranked]]:
    """(teacher, way) → ranks, fold after fold of each assignment."""

    def judge(given: Situation, found: dict[tuple[str, str], Ranked]) -> None:
        missing = [teacher for teacher in [BASE, *asked.teachers] if (teacher, WAYS[0]) not in found]
        if missing:
            found.update(taught(given, missing))

    for assignment in range(asked.assignments):
        yield from judged_folds(name, assignment, asked, judge, kept_as="soft_")


def taught(given: Situation, teachers: list[str]) -> dict[tuple[str, str], Ranked]:
    """One training a teacher, judged on the test fold."""
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        material = material_of(Path(folder), given.train, given.val)
        config = resolve_settings(TrainConfig(seed=given.seed), **material.about)
        forms = kernel_forms(material.train, material)
        for teacher in teachers:
            share, vectors = TEACHERS[teacher]
            meaning = None if vectors is None else vectors(forms, material)
            heads = trained(material, replace(config, soft_weight=share), meaning)
            weight = CLOSED_FORM_WEIGHT.value
            whole = Ensemble.from_members([forms, heads], [weight, 1 - weight]).space
            for way, space in zip(WAYS, (heads, whole), strict=True):
                test = material_of(Path(folder), given.test, given.test).train
                vectors_of_test = scored(embed_pairs(space, test), fit_hubness_of(space, material.train, seed=0))
                found[teacher, way] = ranked(vectors_of_test, given.test)
    return found


def trained(material: Material, config: TrainConfig, meaning: np.ndarray | None) -> SharedSpace:
    """Heads after the last epoch.

    Parameters
    ----------
    meaning : (m, ·) unit vectors of the training captions that tell which are alike; None for the text encoder's own.
    """
    space = fresh_space(material, config)
    data, dtype = training_data(material, space, config), compute_dtype(config)
    if meaning is not None:
        data = replace(data, meaning=torch.from_numpy(meaning).to(dtype))
    loop = Loop(space, data, config, dtype=dtype)
    for epoch in range(1, config.epochs + 1):
        loop.run_epoch(epoch)
    return space.eval().requires_grad_(False)


if __name__ == "__main__":
    main()
