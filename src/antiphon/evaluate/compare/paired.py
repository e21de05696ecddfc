"""Encoders side by side: the same captions and tracks for all, paired tests, and what each is best for.

Every checkpoint ``NAME_best_r1.pt`` of the library is measured on the tracks and captions for which *all* encoders
have vectors. Nothing about an encoder is known beforehand: "best for" follows from the figures and the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.evaluate.baselines import CHOSEN_ON, NATIVE, Baseline, Effort, closed_forms, native_towers, sources
from antiphon.evaluate.compare.award import award
from antiphon.evaluate.compare.costs import embedding_speed, query_costs, search_ms, training_seconds
from antiphon.evaluate.compare.in_common import in_common
from antiphon.evaluate.compare.query_cost import QueryCost
from antiphon.evaluate.compare.row import Row
from antiphon.evaluate.compare.same_queries import Candidate, candidates
from antiphon.evaluate.compare.slices.findings import Queries, slice_findings
from antiphon.evaluate.compare.slices.masks import Slice, slices_by
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.review.counted import with_judgements
from antiphon.evaluate.split_vectors import SplitVectors, Sure
from antiphon.evaluate.warned import warnings
from antiphon.library.judgements.file import read_judgements
from antiphon.library.vectors.joined import source_names
from antiphon.metrics.retrieval import Ranked
from antiphon.metrics.significance import holm

WAYS: tuple[Literal["t2a"], Literal["a2t"]] = ("t2a", "a2t")


def compare(
    root: Path,
    *,
    beside: Sequence[Path] = (),
    split: str = "test",
    by: str | None = None,
    baselines: bool = True,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Measure every trained encoder of a library on the same queries.

    Parameters
    ----------
    root : library folder.
    beside : other libraries whose split asks the same queries; their trainings stand in the same table.
    split : ``"val"`` or ``"test"`` (``"train"`` shows how well training was learned by heart).
    by : what to slice the queries by (:func:`antiphon.evaluate.compare.slices.masks.slices_by`); None for no slices.
    baselines : whether to add, for each encoder, the closed form that is best on val, and the native text tower of
        each that has one. Where several trainings share a baseline it stands once.
    resamples, seed : of intervals and tests.

    Raises
    ------
    CheckpointError : nothing was trained here.
    ConfigError : there is no such column to slice by.
    LibraryError : the encoders have no track in common, vectors are missing, or another library asks other queries.
    EmbeddingError : vectors were made another way than those a checkpoint was trained on.
    """
    root = Path(root)
    systems = candidates(root, [Path(each) for each in beside], split)
    common = in_common([each.splits.vectors(each.bundle, split) for each in systems])
    spaces = {each.name: space for each, space in zip(systems, common, strict=True)}
    first = next(iter(spaces.values()))
    sure = Sure(resamples=resamples, seed=seed)
    sliced = [] if by is None else slices_by(systems[0].splits.library, first.pairs, by)
    ranked = {name: space.ranked for name, space in spaces.items()}
    costs, notes = query_costs([each.bundle for each in systems])
    rows = [_row(each, spaces[each.name], sure, costs.get(each.bundle.text_provenance.fingerprint)) for each in systems]
    forms, missing = _beside(systems, spaces) if baselines else ({}, [])
    shown = {form.name: (form, each.bundle.text_encoder) for each in systems for form in forms.get(each.name, ())}
    rows += [_baseline_row(each, text, first, sure) for each, text in shown.values()]
    tests = _tests(spaces, ranked, sure)
    against = [
        _against(each.name, spaces[each.name], ranked[each.name], form, sure)
        for each in systems
        for form in forms.get(each.name, ())
    ]
    order = sorted(rows, key=lambda row: -row.mean("MRR"))
    by_rank = {row.name: ranked[row.name] for row in order if row.name in ranked}
    return award(
        Comparison(
            split=split,
            n_tracks=len(first.pairs.track_ids),
            n_captions=len(first.pairs.caption_ids),
            rows=tuple(order),
            tests=tests,
            baseline_tests=tuple(against),
            judgements=_judged(root, spaces),
            slices=None if by is None else _slices(by, sliced, first, by_rank, sure),
            notes=tuple(dict.fromkeys([*notes, *missing])),
            warnings=_cautions(systems, spaces, split),
        )
    )


def _judged(root: Path, spaces: dict[str, SplitVectors]) -> dict[str, Any] | None:
    """Figures of each training with what was judged here; None where nothing of this split was."""
    told = read_judgements(root)
    found = {name: with_judgements(space, told, resamples=0, seed=0) for name, space in spaces.items()}
    first = next(iter(found.values()))
    if first is None:
        return None
    counts = {key: first[key] for key in ("pairs", "same", "different", "unsure")}
    return {**counts, "systems": {name: {way: each[way] for way in WAYS} for name, each in found.items() if each}}


def _slices(
    by: str, sliced: Sequence[Slice], space: SplitVectors, ranked: dict[str, Ranked], sure: Sure
) -> dict[str, Any]:
    """What slices show, the best training of all first among ``ranked``."""
    pairs = space.pairs
    queries = Queries(track_of_caption=pairs.track_of_caption, text_id=pairs.text_id, clusters=space.clusters)
    found = slice_findings(sliced, queries, ranked, **sure)
    return {"by": by, "systems": list(ranked), "slices": found, "too_small": len(sliced) - len(found)}


def _cautions(systems: Sequence[Candidate], spaces: dict[str, SplitVectors], split: str) -> tuple[str, ...]:
    """Every warning once, with the names that it is about where these are not all."""
    cautions: dict[str, list[str]] = {}
    for each in systems:
        for warning in warnings(each.splits.library, each.bundle, spaces[each.name], split):
            cautions.setdefault(warning, []).append(each.name)
    return tuple(
        said if len(names) == len(systems) else f"{' and '.join(names)}: {said}" for said, names in cautions.items()
    )


def _row(candidate: Candidate, space: SplitVectors, sure: Sure, cost: QueryCost | None) -> Row:
    bundle, root = candidate.bundle, candidate.splits.library.root
    layout = bundle.audio_provenance.layout
    return Row(
        name=candidate.name,
        encoder=bundle.encoder,
        kind="trained",
        audio_dim=layout.size,
        figures=space.figures(space.ranked, **sure),
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
        checkpoint_checksum=stored_checksum(checkpoint_paths(root, bundle.run)["best_r1"]),
    )


def _beside(
    systems: Sequence[Candidate], spaces: dict[str, SplitVectors]
) -> tuple[dict[str, list[Baseline]], list[str]]:
    """Baselines of each training, named as they stand in the table, and why others are missing.

    Of the closed forms the one that is best on val (the first where there is no val). Trainings of a library on the
    same vectors, whatever the order of their sources, share it.
    """
    found: dict[str, list[Baseline]] = {}
    notes: list[str] = []
    made: dict[tuple[int, frozenset[str], str], list[Baseline]] = {}
    several = len({each.bundle.text_encoder for each in systems}) > 1
    for each in systems:
        bundle, splits, space = each.bundle, each.splits, spaces[each.name]
        encoder = sources(bundle.encoder)
        key = id(splits), frozenset(source_names(encoder)), bundle.text_encoder
        if key not in made:
            effort = Effort(chosen_on=CHOSEN_ON)
            made[key] = closed_forms(splits, encoder, bundle.text_encoder, space, effort, best_alone=True)
            notes += effort.chosen(splits, made[key])
        towers, missing = native_towers(splits, encoder, space)
        side = f"@{bundle.text_encoder}" if several else ""
        where = each.name.removeprefix(bundle.run)
        named = [replace(form, name=f"{form.encoder}{side} {form.name}{where}") for form in made[key]]
        named += [replace(tower, name=f"{tower.encoder} {NATIVE}{where}") for tower in towers]
        found[each.name] = named
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
            figures = {key: found["mean"][key] for key in ("MRR", "R@1", "R@10")}
            each_way = {f"{way}_MRR": found[way]["MRR"] for way in WAYS}
            tests.append({"better": better, "worse": worse, **figures, **each_way})
    for test, corrected in zip(tests, holm([test["MRR"]["p"] for test in tests]), strict=True):
        test["p_holm"] = corrected
    return tuple(tests)
