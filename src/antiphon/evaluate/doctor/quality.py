"""How good the result is: bands, chance, baselines, and what to use it for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from antiphon.align.config import TEMPERATURE_MAX, TEMPERATURE_MIN
from antiphon.evaluate.baselines import title
from antiphon.evaluate.benchmark import SMALL_SPLIT, beats_chance
from antiphon.evaluate.doctor.bands import BANDED, NO_BETTER, band, loss_band
from antiphon.evaluate.doctor.curves import another_lr
from antiphon.evaluate.doctor.findings import Case, Finding, Severity, figure, val_loss
from antiphon.metrics.figures import label, written
from antiphon.metrics.pairing import caution, decided, interval_text

WAYS = ("t2a", "a2t")


def bands(case: Case) -> list[Finding]:
    """The band of every figure of the best epoch."""
    best = case.best
    if best is None:
        return [
            Finding(
                severity="warning",
                title="There is no val split, so nothing but the train loss can be judged",
                evidence=f"train loss {case.history[-1].train_loss:.3f}",
                advice="Split the library so that val gets tracks.",
                command=case.command("ingest", "MANIFEST"),
            )
        ]
    loss = f"loss {val_loss(best):.3f} ({loss_band(val_loss(best), best.loss_chance)}; chance {best.loss_chance:.3f})"
    where = "" if case.solved else f" (epoch {best.epoch})"
    found = banded(best.val or {}, case.chance, loss=loss, where=where)
    if case.val_only_made and found.severity == "good":  # a model that repeats its own words has not shown anything yet
        return [replace(found, severity="note", title=f"{found.title}, against captions that Antiphon made")]
    return [found]


def banded(
    figures: Mapping[str, Mapping[str, float]],
    chance: Mapping[str, Mapping[str, float]],
    *,
    loss: str = "",
    where: str = "",
) -> Finding:
    """The band of every figure of both directions, headed by that of R@1; ``loss`` and ``where`` are put in."""
    said = [loss] if loss else []
    for way in WAYS:
        judged = [
            f"{label(key)} {written(key, figures[way][key])} {band(key, figures[way][key], chance[way])}"
            for key in BANDED
        ]
        said.append(f"{way}: {', '.join(judged)}")
    mrr = figures["t2a"]["MRR"]
    said.append(f"MRR {mrr:.4f} is a harmonic mean rank of {1 / mrr:.1f}")
    overall = band("R@1", figures["t2a"]["R@1"], chance["t2a"])
    by_chance = [band(key, figures[way][key], chance[way]) == NO_BETTER for key in BANDED[:-1] for way in WAYS]
    severity: Severity = "good" if overall in ("good", "excellent") else "warning" if overall == NO_BETTER else "note"
    title = f"Val t2a R@1 is {overall}{where}"
    if all(by_chance):
        severity, title = "problem", f"Val retrieval is {NO_BETTER}, in both directions{where}"
    return Finding(severity=severity, title=title, evidence="; ".join(said))


def collapse(case: Case) -> list[Finding]:
    """Does everything lie in one point?"""
    if len(case.judged) < 3:
        return []
    last = case.judged[-1]
    worst = all(figure(last, "median_rank", way) > 1.6 * case.chance[way]["median_rank"] for way in ("t2a", "a2t"))
    blind = last.train_loss > 0.97 * last.loss_chance and figure(last, "MRR") <= 1.5 * case.chance["t2a"]["MRR"]
    if not (worst or blind):
        return []
    return [
        Finding(
            severity="problem",
            title="The shared space has collapsed: text and audio are not told apart",
            evidence=f"epoch {last.epoch}: train loss {last.train_loss:.3f}, by chance {last.loss_chance:.3f}; val t2a "
            f"median rank {figure(last, 'median_rank'):g}, by chance {case.chance['t2a']['median_rank']:g} "
            "(ties count against us)",
            advice="Check that captions stand beside the right tracks. If they do, put "
            f"lr = {another_lr(case.config.lr, 1 / 3):.2g} into the settings and train again.",
            command=case.beside_command(),
        )
    ]


def temperature(case: Case) -> list[Finding]:
    """Has the temperature run into a bound?"""
    last = case.history[-1]
    low = "With a small train loss that is overfitting: more dropout or weight_decay."
    high = "All pairs look alike to it: check that captions stand beside the right tracks."
    bounds = (("lower", TEMPERATURE_MIN, low), ("upper", TEMPERATURE_MAX, high))
    return [
        Finding(
            severity="warning",
            title=f"The temperature sits at its {name} bound",
            evidence=f"{last.temperature:.4g} after epoch {last.epoch}; the bound is {bound:g}",
            advice=advice,
        )
        for name, bound, advice in bounds
        if abs(last.temperature / bound - 1) < 0.01
    ]


def small_val(case: Case) -> list[Finding]:
    """Is val large enough to choose an epoch by?"""
    return small_split(case.n_val, case.chance["t2a"]) if case.judged else []


def small_split(n_val: int, chance: Mapping[str, float]) -> list[Finding]:
    """Is val large enough to choose by?"""
    if n_val >= SMALL_SPLIT:
        return []
    return [
        Finding(
            severity="warning",
            title=f"The val split is small ({n_val} tracks): its figures jump about",
            evidence=f"one track is {100 / max(n_val, 1):.1f} points of R@1; by chance "
            f"R@1 is {chance['R@1']:.1f}%, R@10 {chance['R@10']:.0f}%",
            advice="Differences on val mean little (bands are corrected for chance). More tracks help most.",
        )
    ]


def on_test(case: Case) -> list[Finding]:
    """What the test split says: chance, baselines, warnings."""
    if case.test is None:
        return [
            Finding(
                severity="note",
                title="There is no test result to judge by yet",
                evidence="what is kept was chosen on val, so val figures are a little too good",
                advice="Take the test split as the final benchmark.",
                command=case.command("evaluate", f"checkpoints/{case.name}_best_r1.pt"),
            )
        ]
    found = [_against_chance(case.test, way) for way in ("t2a", "a2t") if not beats_chance(case.test[way])]
    found += _against_baselines(case)
    for warning in case.test.get("warnings", ()):
        leaked = "trained on" in warning and "no track" not in warning
        found.append(
            Finding(severity="problem" if leaked else "note", title="About the test figures", evidence=str(warning))
        )
    return found


def _against_chance(test: Any, way: str) -> Finding:
    figures = test[way]
    low, high = figures["ci95"]["MRR"]
    chance = f"chance {figures['chance']['MRR']:.4f}"
    if low is None:
        return Finding(
            severity="warning",
            title=f"Test {way} retrieval cannot be told from chance: the split is one group",
            evidence=f"MRR {figures['MRR']:.4f}, {chance}; an interval needs two groups at least",
            advice="Add tracks of other artists (or other groups), and split the library anew.",
            command="",
        )
    return Finding(
        severity="problem",
        title=f"Test {way} retrieval is not distinguishable from chance",
        evidence=f"MRR {figures['MRR']:.4f} (95% {low:.4f}–{high:.4f}), {chance}",
        advice="Check that captions describe their tracks, and that the audio vectors belong to them; then add data.",
    )


def _against_baselines(case: Case) -> list[Finding]:
    baselines = (case.test or {}).get("baselines") or {}
    if not baselines:
        return []
    name = max(baselines, key=lambda key: baselines[key]["t2a"]["MRR"] + baselines[key]["a2t"]["MRR"])
    gain = baselines[name]["training_minus_baseline"]["mean"]["MRR"]
    best, found = title(name), decided(gain)
    evidence = f"MRR {gain['difference']:+.4f} over {best} ({interval_text(gain, 4)}, p = {gain['p']:.2g})"
    evidence = "; ".join(filter(None, [evidence, caution(gain)]))
    if found == "better":
        return [Finding(severity="good", title="Training beats every baseline", evidence=evidence)]
    return [
        Finding(
            severity="warning",
            title=f"Training is worse than {best}" if found == "worse" else f"Training does not measurably beat {best}",
            evidence=evidence,
            advice="Usual with few tracks: add data, or regularise more (dropout, weight_decay, soft_weight)."
            if case.history
            else "Usual with few tracks: add data, or improve the trainings that were fused.",
            command=case.beside_command() if case.history else "",
        )
    ]


def checkpoints(case: Case) -> list[Finding]:
    """Which checkpoint is for what."""
    if not case.judged or case.best is None:
        return []
    lowest = min(case.judged, key=val_loss)
    name = case.name
    return [
        Finding(
            severity="note",
            title=f"For search use {name}_best_r1.pt",
            evidence=f"{name}_best_r1.pt: epoch {case.best.epoch}, best retrieval (highest val R@1, "
            f"{figure(case.best, 'R@1'):.2f}%); "
            f"{name}_best_loss.pt: epoch {lowest.epoch}, lowest val loss ({val_loss(lowest):.3f}), most general; "
            f"{name}_last.pt: epoch {case.history[-1].epoch}, to go on with --resume",
            command=case.command("index", f"checkpoints/{name}_best_r1.pt"),
        )
    ]
