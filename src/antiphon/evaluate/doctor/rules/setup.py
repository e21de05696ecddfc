"""How the training was set up: the temperature, the size of val, what each step had to tell apart, which checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

from antiphon.align.config import TEMPERATURE_MAX, TEMPERATURE_MIN
from antiphon.evaluate.doctor.case import Case, figure, val_loss
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.doctor.rules.how_it_went import another_lr
from antiphon.evaluate.warned import SMALL_SPLIT


def temperature(case: Case) -> list[Finding]:
    """Has the temperature run into a bound?"""
    last = case.history[-1]
    low = "With a small train loss that is overfitting: more dropout or weight_decay."
    high = "All pairs look alike to it: check that captions stand beside the right tracks."
    bounds = (("lower", TEMPERATURE_MIN, low), ("upper", TEMPERATURE_MAX, high))
    return [
        Finding(
            id=f"temperature-{name}",
            severity="warning",
            title=f"The temperature sits at its {name} bound",
            evidence=f"{last.temperature:.4g} after epoch {last.epoch}; the bound is {bound:g}",
            why="The loss asks for a temperature that it is not allowed: something else is out of order.",
            advice=advice,
        )
        for name, bound, advice in bounds
        if abs(last.temperature / bound - 1) < 0.01
    ]


def diverged(case: Case) -> list[Finding]:
    """Did a step break the training?"""
    broken = case.diverged
    if broken is None:
        return []
    return [
        Finding(
            id="diverged",
            severity="problem",
            title=f"Training diverged in {broken}: a loss or gradient was no number",
            evidence=f"lr {broken.lr:g}, temperature {broken.temperature:g} at the start; epochs up to "
            f"{case.history[-1].epoch} are kept",
            why="From that step on nothing can be learned, so it stopped there.",
            advice=f"Put lr = {another_lr(broken.lr, 1 / 3):.2g} into the settings, less weight_decay if it is large, "
            "and train again.",
            command=case.beside_command(),
            epochs=(case.history[-1].epoch,),
        )
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
            id="small-val",
            severity="warning",
            title=f"The val split is small ({n_val} tracks): its figures jump about",
            evidence=f"one track is {100 / max(n_val, 1):.1f} points of R@1; by chance "
            f"R@1 is {chance['R@1']:.1f}%, R@10 {chance['R@10']:.0f}%",
            advice="Differences on val mean little (bands are corrected for chance). More tracks help most.",
        )
    ]


def checkpoints(case: Case) -> list[Finding]:
    """Which checkpoint is for what."""
    if not case.judged or case.best is None:
        return []
    lowest = min(case.judged, key=val_loss)
    name, for_search, again = case.name, f"{case.name}_best_r1.pt", ""
    if case.has_serving:
        for_search = f"{name}_serving.pt"
        again = f"{for_search}: the former, its closed forms fitted again on train and val; "
    return [
        Finding(
            id="checkpoints",
            severity="note",
            title=f"For search use {for_search}",
            evidence=f"{name}_best_r1.pt: epoch {case.best.epoch}, best retrieval (highest val R@1, "
            f"{figure(case.best, 'R@1'):.2f}%); {again}"
            f"{name}_best_loss.pt: epoch {lowest.epoch}, lowest val loss ({val_loss(lowest):.3f}), most general; "
            f"{name}_last.pt: epoch {case.history[-1].epoch}, to go on with --resume",
            command=case.command("index", f"checkpoints/{for_search}"),
        )
    ]
