"""Encoders side by side: the same captions and tracks for all, paired tests, and what each is best for.

Every checkpoint ``NAME_best_r1.pt`` of the library is measured on the tracks and captions for which *all* encoders
have vectors. Nothing about an encoder is known beforehand: "best for" follows from the figures and the tests.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import best_checkpoints
from antiphon.evaluate.baselines import CHOSEN_ON, NATIVE, Baseline, Effort, closed_forms, native_towers, sources
from antiphon.evaluate.benchmark import warnings
from antiphon.evaluate.compare.award import award
from antiphon.evaluate.compare.costs import embedding_speed, query_costs, search_ms, training_seconds
from antiphon.evaluate.compare.in_common import in_common
from antiphon.evaluate.compare.query_cost import QueryCost
from antiphon.evaluate.compare.row import Row
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.split_vectors import Splits, SplitVectors, Sure
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.retrieval import Ranked
from antiphon.metrics.significance import holm

WAYS: tuple[Literal["t2a"], Literal["a2t"]] = ("t2a", "a2t")


def compare(
    root: Path, *, split: str = "test", baselines: bool = True, resamples: int = 1000, seed: int = 0
) -> Comparison:
    """Measure every trained encoder of a library on the same queries.

    Parameters
    ----------
    root : library folder.
    split : ``"val"`` or ``"test"`` (``"train"`` shows how well training was learned by heart).
    baselines : whether to add, for each encoder, the closed form that is best on val, and the native text tower of
        each that has one. Where several trainings share a baseline it stands once.
    resamples, seed : of intervals and tests.

    Raises
    ------
    CheckpointError : nothing was trained here.
    LibraryError : the encoders have no track in common, or vectors are missing.
    EmbeddingError : vectors were made another way than those a checkpoint was trained on.
    """
    root = Path(root)
    bundles = [Bundle.load(path) for path in best_checkpoints(root)]
    splits = Splits(root)
    spaces = in_common([splits.vectors(bundle, split) for bundle in bundles])
    sure = Sure(resamples=resamples, seed=seed)
    ranked = {b.run: s.ranked for b, s in zip(bundles, spaces, strict=True)}
    rows: list[Row] = []
    cautions: dict[str, list[str]] = {}
    costs, notes = query_costs(bundles)
    for bundle, space in zip(bundles, spaces, strict=True):
        rows.append(_row(root, bundle, space, ranked[bundle.run], sure, costs.get(bundle.text_provenance.fingerprint)))
        for warning in warnings(splits.library, bundle, space, split):
            cautions.setdefault(warning, []).append(bundle.run)
    beside, missing = _beside(splits, bundles, spaces) if baselines else ({}, [])
    shown = {each.name: (each, bundle.text_encoder) for bundle in bundles for each in beside.get(bundle.run, ())}
    rows += [_baseline_row(each, text, spaces[0], sure) for each, text in shown.values()]
    tests = _tests({b.run: s for b, s in zip(bundles, spaces, strict=True)}, ranked, sure)
    pairs = spaces[0].pairs
    return award(
        Comparison(
            split=split,
            n_tracks=len(pairs.track_ids),
            n_captions=len(pairs.caption_ids),
            rows=tuple(sorted(rows, key=lambda row: -row.mean("MRR"))),
            tests=tests,
            baseline_tests=tuple(
                _against(bundle.run, space, ranked[bundle.run], each, sure)
                for bundle, space in zip(bundles, spaces, strict=True)
                for each in beside.get(bundle.run, ())
            ),
            notes=tuple(dict.fromkeys([*notes, *missing])),
            warnings=tuple(
                said if len(names) == len(bundles) else f"{' and '.join(names)}: {said}"
                for said, names in cautions.items()
            ),
        )
    )


def _row(root: Path, bundle: Bundle, space: SplitVectors, ranked: Ranked, sure: Sure, cost: QueryCost | None) -> Row:
    layout = bundle.audio_provenance.layout
    return Row(
        name=bundle.run,
        encoder=bundle.encoder,
        kind="trained",
        audio_dim=layout.size,
        figures=space.figures(ranked, **sure),
        bytes_per_track=2 * layout.size,
        shared_bytes_per_track=4 * bundle.score_dim,
        parameters=bundle.parameters,
        embedded_per_minute=embedding_speed(root, bundle.encoder),
        training_seconds=training_seconds(root, bundle.run),
        search_ms_100k=search_ms(bundle.score_dim),
        text=bundle.text_encoder,
        text_dim=bundle.text_provenance.layout.size,
        query_ms=None if cost is None else cost.ms,
        query_cold_s=None if cost is None else cost.cold_s,
        text_mb=None if cost is None else cost.mb,
    )


def _beside(
    splits: Splits, bundles: list[Bundle], spaces: list[SplitVectors]
) -> tuple[dict[str, list[Baseline]], list[str]]:
    """Baselines of each training, named as they stand in the table, and why others are missing.

    Of the closed forms the one that is best on val (the first where there is no val). Trainings on the same vectors,
    whatever the order of their sources, share it.
    """
    found: dict[str, list[Baseline]] = {}
    notes: list[str] = []
    made: dict[tuple[frozenset[str], str], list[Baseline]] = {}
    for bundle, space in zip(bundles, spaces, strict=True):
        encoder = sources(bundle.encoder)
        key = frozenset(source_names(encoder)), bundle.text_encoder
        if key not in made:
            effort = Effort(chosen_on=CHOSEN_ON)
            made[key] = closed_forms(splits, encoder, bundle.text_encoder, space, effort, best_alone=True)
            notes += effort.chosen(splits, made[key])
        towers, missing = native_towers(splits, encoder, space)
        side = f"@{bundle.text_encoder}" if len({each.text_encoder for each in bundles}) > 1 else ""
        named = [replace(form, name=f"{form.encoder}{side} {form.name}") for form in made[key]]
        found[bundle.run] = [*named, *(replace(tower, name=f"{tower.encoder} {NATIVE}") for tower in towers)]
        notes += missing
    return found, notes


def _baseline_row(baseline: Baseline, text: str, space: SplitVectors, sure: Sure) -> Row:
    return Row(
        name=baseline.name,
        encoder=baseline.encoder,
        kind="baseline",
        audio_dim=baseline.audio_dim,
        figures=space.figures(baseline.ranked, **sure),
        bytes_per_track=2 * baseline.audio_dim,
        shared_bytes_per_track=4 * baseline.dim,
        text=baseline.settings.get("text_encoder", text),
    )


def _against(encoder: str, space: SplitVectors, ranked: Ranked, baseline: Baseline, sure: Sure) -> dict[str, Any]:
    mean = space.gain(ranked, baseline.ranked, **sure)["mean"]
    return {"trained": encoder, "baseline": baseline.name, **{key: mean[key] for key in ("MRR", "R@1", "R@10")}}


def _tests(spaces: dict[str, SplitVectors], ranked: dict[str, Ranked], sure: Sure) -> tuple[dict[str, Any], ...]:
    """Every pair of encoders, the better one first; p values corrected for their number (Holm 1979)."""
    mrr = {name: sum(float(np.mean(1 / np.asarray(both[way]))) for way in WAYS) for name, both in ranked.items()}
    order = sorted(ranked, key=lambda name: -mrr[name])
    tests: list[dict[str, Any]] = []
    for i, better in enumerate(order):
        for worse in order[i + 1 :]:
            found = spaces[better].gain(ranked[better], ranked[worse], **sure)
            mean = found["mean"]
            tests.append({"better": better, "worse": worse, **{key: mean[key] for key in ("MRR", "R@1", "R@10")}})
    for test, corrected in zip(tests, holm([test["MRR"]["p"] for test in tests]), strict=True):
        test["p_holm"] = corrected
    return tuple(tests)
