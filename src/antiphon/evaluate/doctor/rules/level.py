"""How good the result is on val: the band of every figure of the best epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from antiphon.evaluate.doctor.bands import BANDED, CERTAIN, NO_BETTER, VERY_EARLY, band, loss_band, loss_floor
from antiphon.evaluate.doctor.case import Case, val_loss
from antiphon.evaluate.doctor.findings import Finding, Severity
from antiphon.metrics.figures import DIRECTIONS, label, written

FLOOR = 0.1
"""Loss of a perfect model from which it is said: below, the loss can be read as it stands."""


def bands(case: Case) -> list[Finding]:
    """The band of every figure of the best epoch."""
    best = case.best
    if best is None:
        return [
            Finding(
                id="no-val",
                severity="warning",
                title="There is no val split, so nothing but the train loss can be judged",
                evidence=f"train loss {case.history[-1].train_loss:.3f}",
                why="An epoch can only be chosen by tracks that were not trained on.",
                advice="Split the library so that val gets tracks.",
                command=case.command("ingest", "MANIFEST"),
            )
        ]
    loss, chance, floor = val_loss(best), best.loss_chance, loss_floor(best.loss_chance, best.temperature)
    said = f"loss {loss:.3f} ({loss_band(loss, chance, best.temperature)}; chance {chance:.3f}"
    said += f", perfect {floor:.2f} at temperature {best.temperature:.2g})" if floor > FLOOR else ")"
    where = "" if case.solved else f" (epoch {best.epoch})"
    found = banded(best.val or {}, case.chance, loss=said, where=where)
    if found.severity == "good" and (case.val_only_made or case.val_few_people):
        # a model that repeats its own words has not shown anything yet
        whose = "mostly captions" if case.val_few_people else "captions"
        return [replace(found, severity="note", title=f"{found.title}, against {whose} that Antiphon made")]
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
    for way in DIRECTIONS:
        judged = [
            f"{label(key)} {written(key, figures[way][key])} {band(key, figures[way][key], chance[way])}"
            for key in BANDED
        ]
        said.append(f"{way}: {', '.join(judged)}")
    mrr = figures["t2a"]["MRR"]
    said.append(f"MRR {mrr:.4f} is a harmonic mean rank of {1 / mrr:.1f}")
    overall = band("R@1", figures["t2a"]["R@1"], chance["t2a"])
    severity: Severity = "good" if overall in ("good", "excellent") else "warning" if overall == NO_BETTER else "note"
    title = f"Val t2a R@1 is {overall}{where}"
    if overall == CERTAIN:
        title = "Val is too small to tell: any model has its R@1"
    elif all(_by_chance(key, figures[way][key], chance[way]) for key in BANDED[:-1] for way in DIRECTIONS):
        severity, title = "problem", f"Val retrieval is {NO_BETTER}, in both directions{where}"
    why = "Answers are a matter of luck." if severity == "problem" else ""
    return Finding(id=f"val-{severity}", severity=severity, title=title, evidence="; ".join(said), why=why)


def _by_chance(key: str, value: float, chance: Mapping[str, float]) -> bool:
    """Whether luck gives as much; of some hundred tracks a few more than one may come first by it."""
    by_luck = (CERTAIN, NO_BETTER, VERY_EARLY) if key == "R@1" else (CERTAIN, NO_BETTER)
    return band(key, value, chance) in by_luck
