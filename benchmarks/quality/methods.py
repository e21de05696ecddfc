"""The methods that ``quality.py`` compares: each takes train, val and test and returns test vectors to rank by."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from antiphon.align.assembly import prepare
from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.closed_form.linear_cca import Settings, ccas_with, choose_cca
from antiphon.align.closed_form.linear_form import Axes, LinearForm
from antiphon.align.closed_form.linear_ridge import choose_ridge
from antiphon.align.config import TrainConfig
from antiphon.align.data.features import Rows
from antiphon.align.data.material import Material
from antiphon.align.data.pair_set import PairSet
from antiphon.align.ensemble.closed_forms import fit_closed_forms
from antiphon.align.hubness.correction import scored
from antiphon.align.hubness.fit import fit_hubness_of
from antiphon.align.inference import embed_pairs
from antiphon.align.model import SharedSpace
from antiphon.align.training.setup import resolve_settings
from antiphon.arrays import Embeddings, unit_length
from antiphon.library.vectors.provenance import Provenance
from benchmarks.quality.captioned import Captioned, mean_mrr
from benchmarks.quality.peers import plain_loop, usual

RIDGES, POWERS, DIMS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0), (0.0, 1.0, 2.0), (16, 32, 64, 128, 256)
INNER = 4


def by_form(choose: Callable[[Captioned, Captioned], LinearForm]) -> Callable[..., Embeddings]:
    """A closed form that is chosen on train and val."""

    def make(train: Captioned, val: Captioned, test: Captioned, _: int) -> Embeddings:
        form = choose(train, val)
        return Embeddings(form.embed_text(test.text), form.embed_audio(test.audio))

    return make


def cca_by_inner_folds(train: Captioned, _: Captioned) -> LinearForm:
    """CCA with the settings that are best over grouped folds inside train; val is not used."""
    names = np.random.default_rng(0).permutation(np.unique(train.groups))
    settings = [(r, p) for r in RIDGES for p in POWERS]
    scores: dict[tuple[float, float, int], float] = {}
    for k in range(INNER):
        out = np.isin(train.groups, names[k::INNER])
        inner, held = train.only(~out), train.only(out)
        forms = _ccas(inner, settings, max(DIMS))
        for (ridge, power), form in zip(settings, forms, strict=True):
            text = ((held.text - form.text_mean) / form.text_scale) @ form.text_weight
            audio = ((held.audio - form.audio_mean) / form.audio_scale) @ form.audio_weight
            for dims in DIMS:
                score = mean_mrr(unit_length(text[:, :dims]), unit_length(audio[:, :dims]), held)
                scores[ridge, power, dims] = scores.get((ridge, power, dims), 0.0) + score
    ridge, power, dims = max(scores, key=lambda key: scores[key])
    return _ccas(train, [(ridge, power)], dims)[0]


def _ccas(train: Captioned, settings: list[tuple[float, float]], dims: int) -> list[LinearForm]:
    axes = Axes.from_pairs(train.text, train.audio, train.track_of_caption)
    return ccas_with(axes, [Settings(ridge, dims, power) for ridge, power in settings])


def kernel_forms(train: Captioned, _: Captioned, test: Captioned, __: int) -> Embeddings:
    """The closed forms that stand beside Antiphon's trained heads, alone; val is not used."""
    return embed_pairs(_forms(train), pairs_of(test))


def corrected_forms(train: Captioned, _: Captioned, test: Captioned, seed: int) -> Embeddings:
    """The closed forms alone with hubness correction, as the recipe "fast" has them; val is not used."""
    space, pairs = _forms(train), pairs_of(train)
    return scored(embed_pairs(space, pairs_of(test)), fit_hubness_of(space, pairs, seed=seed))


def _forms(train: Captioned) -> SharedSpace:
    return fit_closed_forms(
        pairs_of(train),
        groups=np.unique(train.groups, return_inverse=True)[1],
        sources=[source.size for source in train.layout.sources],
        text_sources=[source.size for source in train.text_layout.sources],
    ).space


def random_vectors(_: Captioned, __: Captioned, test: Captioned, seed: int) -> Embeddings:
    """Chance."""
    rng = np.random.default_rng(seed)
    return Embeddings(*(unit_length(rng.normal(size=(len(side), 64))) for side in (test.text, test.audio)))


def antiphon(kept: str = "best_r1", **settings: Any) -> Callable[..., Embeddings]:
    """What ``antiphon train`` leaves in ``…_best_r1.pt`` (or another file)."""

    def make(train: Captioned, val: Captioned, test: Captioned, seed: int) -> Embeddings:
        with tempfile.TemporaryDirectory() as folder:
            material = material_of(Path(folder), train, val)
            torch.set_num_threads(1)
            prepare(material, resolve_settings(TrainConfig(**settings, seed=seed), **material.about)).go(None)
            bundle = Bundle.load(checkpoint_paths(material.root, material.name)[kept])
        return Embeddings(bundle.score_text(test.text), bundle.score_audio(test.audio))

    return make


def pairs_of(tracks: Captioned) -> PairSet:
    """What closed forms are fitted on."""
    return PairSet(Rows.all_of(tracks.audio), Rows.all_of(tracks.text), tracks.track_of_caption, tracks.text_id)


def material_of(root: Path, train: Captioned, val: Captioned) -> Material:
    """What ``antiphon train`` would read of a library with these tracks."""
    sound, words = (
        Provenance(encoder=kind, kind=kind, layout=layout, weights_id="none")
        for kind, layout in (("audio", train.layout), ("text", train.text_layout))
    )
    return Material(
        root=root,
        name="joined",
        encoder="joined",
        text_encoder="minilm",
        train=pairs_of(train),
        val=pairs_of(val),
        audio_provenance=sound,
        text_provenance=words,
        train_ids=np.arange(len(train.audio)).astype(object),
        split_fingerprint="",
        left_out={},
        train_groups=np.unique(train.groups, return_inverse=True)[1],
    )


METHODS: dict[str, tuple[Callable[..., Embeddings], bool]] = {
    "random": (random_vectors, True),
    "ridge": (by_form(choose_ridge), False),
    "cca": (by_form(choose_cca), False),
    "cca-cv": (by_form(cca_by_inner_folds), False),
    "antiphon": (antiphon(), True),
    "antiphon, last epoch": (antiphon("last"), True),
    "antiphon, closed forms alone": (kernel_forms, False),
    "antiphon, closed forms alone, hubness .3": (corrected_forms, False),
    "antiphon, no hubness correction": (antiphon(hubness="none"), True),
    "antiphon, trained heads alone": (antiphon(closed_form="none"), True),
    "antiphon, last epoch, trained heads alone": (antiphon("last", closed_form="none"), True),
    "ClipLoss, full batch": (usual("clip", None), True),
    "ClipLoss, batch 32": (usual("clip", 32), True),
    "MNRL, batch 32": (usual("mnrl", 32), True),
    "NT-Xent, batch 32": (usual("nt-xent", 32), True),
    "plain loop": (plain_loop, True),
}
"""Name → method, and whether it depends on a seed."""


def named(name: str) -> tuple[Callable[..., Embeddings], bool]:
    """One of ``METHODS``, or ``antiphon`` or ``antiphon, last epoch`` with other settings: ``antiphon KEY=VALUE …``.

    Raises
    ------
    KeyError : there is no such method.
    """
    if name in METHODS:
        return METHODS[name]
    words = name.split()
    given = [word for word in words if "=" in word]
    kept = {"antiphon": "best_r1", "antiphon, last epoch": "last"}[" ".join(words[: len(words) - len(given)])]
    settings = dict(word.split("=", 1) for word in given)
    return antiphon(kept, **{key: _value(text) for key, text in settings.items()}), True


def _value(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return text
