"""The methods that the sizes benchmark compares: the default training, and what it may never be below."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.closed_form.kinds import KINDS, Choose
from antiphon.align.closed_form.linear_form import Axes
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.arrays import Embeddings
from antiphon.layout import Layout
from antiphon.library.tracks import Caption, Track, save_library
from antiphon.library.vectors.provenance import Provenance
from antiphon.library.vectors.store import Row, VectorWriter
from benchmarks.quality.captioned import Captioned


@dataclass(frozen=True, eq=False)
class Given:
    """One set's tracks, and a seed of what is random."""

    train: Captioned
    val: Captioned
    test: Captioned
    seed: int

    @cached_property
    def axes(self) -> Axes:
        """What ridge and CCA are solved from: of wide vectors of many tracks the 2,048 greatest axes, else all."""
        return Axes.from_pairs(self.train.text, self.train.audio, self.train.track_of_caption)


Method = Callable[[Given], Embeddings]
"""Texts and tracks of test."""


def trained(config: TrainConfig) -> Method:
    """What ``antiphon train`` leaves in ``…_best_r1.pt``."""

    def make(given: Given) -> Embeddings:
        with tempfile.TemporaryDirectory() as folder:
            _write(Path(folder), given.train, given.val)
            result = train(Path(folder), "sound", text="words", config=replace(config, seed=given.seed))
            bundle = Bundle.load(result.checkpoints["best_r1"])
        return Embeddings(bundle.score_text(given.test.text), bundle.score_audio(given.test.audio))

    return make


def solved(choose: Choose) -> Method:
    """A closed form whose settings are best on val."""

    def make(given: Given) -> Embeddings:
        form = choose(given.train, given.val, axes=given.axes)
        return Embeddings(form.embed_text(given.test.text), form.embed_audio(given.test.audio))

    return make


DEFAULT = "default"
PLAIN = TrainConfig(dropout=0.1, weight_decay=0.1, soft_weight=0.0, temperature=0.07, closed_form="none")
"""InfoNCE heads as most projects train them, in large batches: the strongest plain ones, not those of the recipe
``plain``, which shows a textbook's curve.
"""
METHODS: dict[str, Method] = {
    DEFAULT: trained(TrainConfig()),
    "ridge": solved(KINDS["ridge"].choose),
    "cca": solved(KINDS["cca"].choose),
    "plain heads": trained(PLAIN),
}


def _write(root: Path, *splits: Captioned) -> None:
    """A library of a train and a val split."""
    tracks, captions = [], []
    for name, split in zip(("train", "val"), splits, strict=True):
        ids = [f"{name}{i}" for i in range(len(split.audio))]
        tracks += [Track(track_id=t, group=str(g), split=name) for t, g in zip(ids, split.groups, strict=True)]
        owners = zip(split.track_of_caption, split.text_id, strict=True)
        captions += [
            Caption(caption_id=f"{ids[t]}#{n}", track_id=ids[t], text=f"text {text}")
            for n, (t, text) in enumerate(owners)
        ]
    save_library(root, tracks, captions, {})
    for kind, encoder, layout in (("audio", "sound", splits[0].layout), ("text", "words", None)):
        vectors = np.concatenate([getattr(split, kind) for split in splits])
        made = Provenance(encoder=encoder, kind=kind, layout=layout or Layout.flat(vectors.shape[1]), weights_id="none")
        ids = [t.track_id for t in tracks] if kind == "audio" else [c.caption_id for c in captions]
        with VectorWriter(root / "embeddings" / kind / encoder, made) as writer:
            writer.write([Row(item, "ok") for item in ids], vectors)
