"""Systems that answered the same queries, as a table with paired tests: whether of one split or of grouped folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from antiphon.align.checkpoint.file import stored_checksum
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.evaluate.baselines import Baseline
from antiphon.evaluate.compare.award import award
from antiphon.evaluate.compare.costs.query_cost import QueryCost
from antiphon.evaluate.compare.costs.system_costs import embedding_speed, query_costs, search_ms, training_seconds
from antiphon.evaluate.compare.queries.contest import Contest, Queries
from antiphon.evaluate.compare.queries.same_queries import Candidate
from antiphon.evaluate.compare.row import Row
from antiphon.evaluate.compare.slices.findings import slice_findings
from antiphon.evaluate.compare.slices.masks import in_several, slices_by
from antiphon.evaluate.compare.table import Comparison
from antiphon.evaluate.split_vectors import Sure
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import Ranked
from antiphon.metrics.significance import holm

TESTED = ("MRR", "R@1", "R@10")


@dataclass(frozen=True, kw_only=True, eq=False)
class Contestant:
    """A training with its answers.

    Parameters
    ----------
    candidate : which one.
    ranked : ranks of all queries.
    judged : the same with what people judged; None where nobody judged anything.
    beside : its baselines, named as they stand in the table; several trainings may share one.
    """

    candidate: Candidate
    ranked: Ranked
    judged: Ranked | None = None
    beside: Sequence[Baseline] = ()

    @property
    def name(self) -> str:
        """In the table."""
        return self.candidate.name


def side_by_side(
    contest: Contest,
    contestants: Sequence[Contestant],
    found: Comparison,
    *,
    by: str | None = None,
    sure: Sure,
) -> Comparison:
    """Fill a comparison: rows, tests, slices, and what each training is best for.

    Parameters
    ----------
    found : what is known before anything is tested: where the queries come from, judgements, notes and warnings.
    by : what to slice the queries by; None for no slices.

    Raises
    ------
    ConfigError : there is no such column to slice by.
    """
    first = contestants[0].candidate
    sliced = [] if by is None else slices_by(first.splits.library, contest.pairs, by)
    costs, unknown = query_costs([each.candidate.bundle for each in contestants])
    rows = [_row(each, contest, sure, costs) for each in contestants]
    shown = {form.name: (form, each.candidate.bundle.text_encoder) for each in contestants for form in each.beside}
    rows += [_baseline_row(form, text, contest, sure) for form, text in shown.values()]
    rows.sort(key=lambda row: -row.mean("MRR"))
    place = {row.name: i for i, row in enumerate(rows)}
    ordered = sorted(contestants, key=lambda each: place[each.name])
    comparison = replace(
        found,
        n_tracks=len(contest.pairs.track_ids),
        n_captions=len(contest.pairs.caption_ids),
        rows=tuple(rows),
        tests=_tests({each.name: each.ranked for each in ordered}, contest, sure),
        baseline_tests=tuple(
            _against(each.name, each.ranked, form.name, form.ranked, contest, sure)
            for each in ordered
            for form in each.beside
        ),
        judgements=_with_tests(found.judgements, ordered, contest, sure),
        notes=tuple(dict.fromkeys([*unknown, *found.notes])),
    )
    if by is None:
        return award(comparison)
    queries = Queries.of_contest(contest)
    leader = ordered[0]
    answered = {each.name: each.ranked for each in ordered} | {form.name: form.ranked for form in leader.beside}
    slices = slice_findings(sliced, queries, answered, **sure)
    return award(
        replace(
            comparison,
            slices={
                "by": by,
                "systems": list(answered),
                "slices": slices,
                "too_small": len(sliced) - len(slices),
                "in_several": in_several(sliced),
            },
        )
    )


def _row(each: Contestant, contest: Contest, sure: Sure, costs: Mapping[str, QueryCost]) -> Row:
    bundle, root = each.candidate.bundle, each.candidate.splits.library.root
    layout, cost = bundle.audio_provenance.layout, costs.get(bundle.text_provenance.fingerprint)
    return Row(
        name=each.name,
        encoder=bundle.encoder,
        kind="trained",
        audio_dim=layout.size,
        figures=contest.figures(each.ranked, **sure),
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


def _baseline_row(baseline: Baseline, text: str, contest: Contest, sure: Sure) -> Row:
    return Row(
        name=baseline.name,
        encoder=baseline.encoder,
        kind="baseline",
        audio_dim=baseline.audio_dim,
        figures=contest.figures(baseline.ranked, **sure),
        bytes_per_track=2 * baseline.audio_dim,
        shared_bytes_per_track=None if baseline.dim is None else 4 * baseline.dim,
        text=baseline.settings.get("text_encoder", text),
    )


def _against(trained: str, ranked: Ranked, baseline: str, over: Ranked, contest: Contest, sure: Sure) -> dict[str, Any]:
    mean = contest.gain(ranked, over, **sure)["mean"]
    return {"trained": trained, "baseline": baseline, **{key: mean[key] for key in TESTED}}


def _tests(ranked: Mapping[str, Ranked], contest: Contest, sure: Sure) -> tuple[dict[str, Any], ...]:
    """Every pair of systems, the better one first; p values corrected for their number (Holm 1979)."""
    mrr = {name: float(np.mean(1.0 / each["t2a"]) + np.mean(1.0 / each["a2t"])) for name, each in ranked.items()}
    order = sorted(ranked, key=lambda name: -mrr[name])
    tests: list[dict[str, Any]] = []
    for i, better in enumerate(order):
        for worse in order[i + 1 :]:
            found = contest.gain(ranked[better], ranked[worse], **sure)
            figures = {key: found["mean"][key] for key in TESTED}
            each_way = {f"{way}_MRR": found[way]["MRR"] for way in DIRECTIONS}
            tests.append({"better": better, "worse": worse, **figures, **each_way})
    for test, corrected in zip(tests, holm([test["MRR"]["p"] for test in tests]), strict=True):
        test["p_holm"] = corrected
    return tuple(tests)


def _with_tests(
    judgements: Mapping[str, Any] | None, ordered: Sequence[Contestant], contest: Contest, sure: Sure
) -> dict[str, Any] | None:
    """The same tests with what people judged, counted for every system alike."""
    if judgements is None:
        return None
    ranked = {each.name: each.judged for each in ordered if each.judged is not None}
    against = [
        _against(each.name, each.judged, form.name, form.judged, contest, sure)
        for each in ordered
        for form in each.beside
        if each.judged is not None and form.judged is not None
    ]
    return {**judgements, "tests": list(_tests(ranked, contest, sure)), "baseline_tests": against}
