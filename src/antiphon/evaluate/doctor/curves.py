"""What the curves say: falling or stuck, steady or jagged, overfitting, finished or worth going on."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from antiphon.align.config import TrainConfig
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.schedule import CLIP
from antiphon.evaluate.doctor.bands import GUIDE_CHANCE_LOSS, above_chance, as_in_guide
from antiphon.evaluate.doctor.findings import Case, Finding, figure, val_loss

GAP = 0.3
"""Largest healthy gap between val and train loss on the guide's scale."""

LARGE_GAP = 1.0
"""Gap from which val counts as much above train."""

STILL = 0.01
"""Change of the loss, as a share of its chance level, that counts as none."""

HIGH_LR = 0.03
"""Learning rate from which it is the first suspect when nothing is learned: ten times the default."""

JAGGED = 0.35
"""Share of the loss's way that goes up instead of down from which a curve counts as jagged."""


def jaggedness(values: list[float]) -> float:
    """Share of a curve's total way that goes up, 0 (falls throughout) … 1."""
    steps = np.diff(np.asarray(values, dtype=np.float64))
    way = float(np.abs(steps).sum())
    return float(steps[steps > 0].sum()) / way if way > 0 else 0.0


def falling(case: Case) -> list[Finding]:
    """Does the loss fall from the start, and steadily?"""
    first, last = case.history[0], case.history[-1]
    if len(case.history) < 2:
        return []
    chance = first.loss_chance
    evidence = f"train loss {first.train_loss:.3f} → {last.train_loss:.3f}"
    if case.judged:
        evidence += f", val loss {val_loss(case.judged[0]):.3f} → {val_loss(case.judged[-1]):.3f}"
    evidence += f"; {chance:.3f} is chance"
    if last.epoch >= 5 and _stuck(case):
        return [_not_decreasing(case, evidence)]
    up_to = case.history[: case.best.epoch] if case.best else case.history
    steady = len(up_to) > 1 and jaggedness([r.train_loss for r in up_to]) < 0.1
    if case.judged:
        steady = steady and val_loss(case.best or last) < val_loss(case.judged[0])
    return [Finding(severity="good", title="Loss falls steadily", evidence=evidence)] if steady else []


def _stuck(case: Case) -> bool:
    """Whether the train loss stands still after epoch 5 although there is far to go."""
    later = case.history[min(4, len(case.history) - 2) :]
    drop = later[0].train_loss - later[-1].train_loss
    chance = later[-1].loss_chance
    return drop < STILL * chance and as_in_guide(later[-1].train_loss, chance) > 2.0


def _not_decreasing(case: Case, evidence: str) -> Finding:
    rough = jaggedness(case.step_losses)
    norms = [r.grad_norm for r in case.history]
    lr, chance = case.config.lr, case.history[-1].loss_chance
    clipped = float(np.median(norms)) > 5 * CLIP
    above = max(case.history[-1].train_loss, case.step_losses[-1]) > (1 + STILL) * chance
    high = rough > JAGGED or clipped or above or lr >= HIGH_LR
    norm = f"gradient norm {np.median(norms):.2g} (clipped at {CLIP:g})"
    why = f"{100 * rough:.0f}% of the step loss's movement is upwards, {norm}"
    return Finding(
        severity="problem",
        title=f"Loss is not decreasing after epoch 5: the learning rate is probably too {'high' if high else 'low'}",
        evidence=f"{evidence}; lr {lr:g}; {why}",
        advice=f"Put lr = {another_lr(lr, 1 / 3 if high else 3):.2g} into the settings and train again.",
        command=case.beside_command(),
    )


def another_lr(lr: float, factor: float) -> float:
    """The learning rate times a factor, within what the settings take; from a very high one at least to ``HIGH_LR``."""
    item = next(item for item in fields(TrainConfig) if item.name == "lr")
    found = min(max(lr * factor, float(item.metadata["low"])), float(item.metadata["high"]))
    return min(found, HIGH_LR) if factor < 1 else found


def jagged(case: Case) -> list[Finding]:
    """Are the curves smooth?"""
    if len(case.history) < 6:
        return []
    losses = case.step_losses
    rough, fallen, moved = jaggedness(losses), losses[0] - min(losses), max(losses) - min(losses)
    if rough <= JAGGED or moved < STILL * case.history[0].loss_chance:
        return []
    return [
        Finding(
            severity="warning",
            title="Jagged loss curve: lower the learning rate",
            evidence=f"{100 * rough:.0f}% of the step loss's movement is upwards (it fell by {fallen:.3f} at best); "
            f"lr {case.config.lr:g}",
            advice=f"Put lr = {another_lr(case.config.lr, 1 / 3):.2g} into the settings, or raise batch_size.",
            command=case.beside_command(),
        )
    ]


def rising(case: Case) -> list[Finding]:
    """Do R@1, R@5, R@10 and MRR rise?"""
    judged = case.judged
    if len(judged) < 3:
        return []
    third = max(1, len(judged) // 3)
    found = []
    for title, keys in (("R@1, R@5 and R@10 all rise", ("R@1", "R@5", "R@10")), ("MRR rises", ("MRR",))):
        means = [
            [float(np.mean([figure(r, key, way) for r in part])) for part in (judged[:third], judged[-third:])]
            for key in keys
            for way in ("t2a", "a2t")
        ]
        if all(late > early for early, late in means):
            said = ", ".join(f"{key} {figure(judged[0], key):.4g} → {figure(judged[-1], key):.4g}" for key in keys)
            found.append(Finding(severity="good", title=title, evidence=f"val t2a {said}; val a2t too"))
    return found


def gap(case: Case) -> list[Finding]:
    """Is the val loss near the train loss, or does the model learn by heart?"""
    if not case.judged:
        return []
    last, best = case.judged[-1], case.best or case.judged[-1]
    turned = _turned(case)
    if turned is not None:
        return [_overfitting(case, turned, last)]
    distance = as_in_guide(val_loss(best) - best.train_loss, best.loss_chance)
    evidence = (
        f"epoch {best.epoch}: train {best.train_loss:.3f}, val {val_loss(best):.3f}; on the scale of a batch of 32 "
        f"(chance {GUIDE_CHANCE_LOSS:.2f}) a gap of {distance:.2f}"
    )
    if distance <= GAP:
        return [Finding(severity="good", title="Val loss stays within 0.3 of train loss", evidence=evidence)]
    if distance < LARGE_GAP:
        return [Finding(severity="note", title="Val loss is somewhat above train loss", evidence=evidence)]
    advice = "Raise dropout or weight_decay, lower dim or hidden, or add training tracks."
    command = case.beside_command()
    if case.closed_form_weight >= 0.5:
        evidence += (
            f"; closed forms have {100 * case.closed_form_weight:.0f}% of the weight and fit training tracks closely"
        )
        advice = "More training tracks help most; the heads' settings change little beside closed forms."
        command = case.command("ingest", "MANIFEST")
    return [
        Finding(
            severity="warning",
            title="Val loss is far above train loss: overfitting",
            evidence=evidence,
            advice=advice,
            command=command,
        )
    ]


def _turned(case: Case) -> EpochRecord | None:
    """The epoch of the lowest val loss, if since then, for three epochs or more, val rose while train fell."""
    lowest, last = min(case.judged, key=val_loss), case.judged[-1]
    risen = val_loss(last) - val_loss(lowest) > STILL * last.loss_chance
    fell = lowest.train_loss - last.train_loss > STILL * last.loss_chance
    return lowest if last.epoch - lowest.epoch >= 3 and risen and fell else None


def _overfitting(case: Case, lowest: EpochRecord, last: EpochRecord) -> Finding:
    evidence = (
        f"since epoch {lowest.epoch} val loss {val_loss(lowest):.3f} → {val_loss(last):.3f} "
        f"while train loss {lowest.train_loss:.3f} → {last.train_loss:.3f}"
    )
    if (last.mean_mrr or 0.0) > (lowest.mean_mrr or 0.0):
        return Finding(
            severity="note",
            title="Val loss rises while ranking still improves: overconfident, not worse",
            evidence=f"{evidence}; mean MRR {lowest.mean_mrr:.3f} → {last.mean_mrr:.3f}",
            advice=f"Use {case.name}_best_r1.pt for search. Training longer will not help the loss.",
        )
    return Finding(
        severity="warning",
        title="Val loss rises while train loss falls: overfitting, do not train longer",
        evidence=f"{evidence}; mean MRR {lowest.mean_mrr:.3f} → {last.mean_mrr:.3f}",
        advice=f"Use {case.name}_best_r1.pt or {case.name}_best_loss.pt, not {case.name}_last.pt. "
        "To do better: more dropout or weight_decay, or more training tracks.",
        command=case.beside_command(),
    )


def plateau(case: Case) -> list[Finding]:
    """Did learning end early, before epoch 10, without having got far?"""
    best = case.best
    if best is None or case.judged[-1].epoch < 10:
        return []
    last = case.judged[-1]
    peak = max(case.judged, key=lambda r: r.mean_mrr or 0.0)
    reached = next(r for r in case.judged if (r.mean_mrr or 0.0) >= 0.99 * (peak.mean_mrr or 0.0))
    skill = above_chance(figure(best, "R@1"), case.chance["t2a"]["R@1"], 100.0)
    if reached.epoch >= 10 or skill > 50:
        return []
    return [
        Finding(
            severity="warning",
            title="Retrieval stopped improving before epoch 10: it may need more training data",
            evidence=f"mean MRR {reached.mean_mrr:.3f} in epoch {reached.epoch}, {last.mean_mrr:.3f} in epoch "
            f"{last.epoch}; {case.n_train} training tracks",
            advice="Add tracks, or captions to tracks: more pairs help more than more epochs here.",
            command=case.command("ingest", "MANIFEST"),
        )
    ]


def longer(case: Case) -> list[Finding]:
    """Should it train longer?"""
    judged = case.judged
    if len(judged) < 6 or _turned(case) is not None:
        return []
    last, best = judged[-1], case.best or judged[-1]
    tail = judged[-5:]
    slope = float(np.polyfit([r.epoch for r in tail], [figure(r, "R@1") for r in tail], 1)[0])
    rises = slope > 0 and figure(last, "R@1") > figure(tail[0], "R@1")  # a level line may fit with a slope of 1e-16
    if best.epoch >= last.epoch - 1 and rises and last.epoch >= case.config.planned_epochs:
        few, many = round(1.5 * last.epoch), 2 * last.epoch
        return [
            Finding(
                severity="note",
                title="R@1 is still rising at the end: train longer",
                evidence=f"val t2a R@1 {figure(tail[0], 'R@1'):.2f}% → {figure(last, 'R@1'):.2f}% in the last 5 epochs",
                advice=f"Train {few}–{many} epochs.",
                command=case.longer_command(many),
            )
        ]
    losses = [val_loss(r) for r in judged[-6:]]
    if max(losses) - min(losses) < STILL * last.loss_chance:
        return [
            Finding(
                severity="note",
                title="Loss has been level for five epochs: training is complete",
                evidence=f"val loss {losses[0]:.3f} → {losses[-1]:.3f}",
                advice="More epochs will not help.",
            )
        ]
    return []
