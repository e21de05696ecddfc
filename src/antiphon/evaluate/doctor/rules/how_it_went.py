"""The one finding about how a training went, its evidence and its advice: one verdict, one voice."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

from antiphon.align.config import TrainConfig
from antiphon.align.training.schedule import CLIP
from antiphon.evaluate.doctor.case import Case, figure, val_loss
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.doctor.rules.course import JAGGED, LEVEL_EPOCHS, RISING_EPOCHS, STILL, VISIBLE, Course
from antiphon.evaluate.doctor.trends import climbs, jaggedness

HIGH_LR = 0.03
"""Learning rate from which it is the first suspect when nothing is learned: ten times the default."""


def went(course: Course) -> list[Finding]:
    """The one finding about how the training went; none where there is nothing to say."""
    say = {
        "collapsed": _collapsed,
        "stuck": _not_decreasing,
        "jagged": _jagged,
        "overfitting": _overfitting,
        "overconfident": _overconfident,
        "fell back": _fell_back,
        "early plateau": _early_plateau,
        "still rising": _still_rising,
        "complete": _complete,
    }
    return [say[course.verdict](course)] if course.verdict in say else []


def losses_said(case: Case) -> str:
    """From where to where both losses went, and what chance is."""
    first, last = case.history[0], case.history[-1]
    said = f"train loss {first.train_loss:.3f} → {last.train_loss:.3f}"
    if case.judged:
        said += f", val loss {val_loss(case.judged[0]):.3f} → {val_loss(case.judged[-1]):.3f}"
    return f"{said}; {first.loss_chance:.3f} is chance"


def _collapsed(course: Course) -> Finding:
    case = course.case
    last = case.judged[-1]
    return Finding(
        id="collapsed",
        severity="problem",
        title="The shared space has collapsed: text and audio are not told apart",
        evidence=f"epoch {last.epoch}: train loss {last.train_loss:.3f}, by chance {last.loss_chance:.3f}; val t2a "
        f"median rank {figure(last, 'median_rank'):g}, by chance {case.chance['t2a']['median_rank']:g} "
        "(ties count against us)",
        why="Every question would get the same answer.",
        advice=f"{_from_before(case)}Check that captions stand beside the right tracks. If they do, put "
        f"lr = {another_lr(case.config.lr, 1 / 3):.2g} into the settings and train again.",
        command=case.beside_command(),
        epochs=(last.epoch,),
    )


def _from_before(case: Case) -> str:
    best = case.best
    if best is None or best.epoch == case.judged[-1].epoch or figure(best, "R@1") < 10 + case.chance["t2a"]["R@1"]:
        return ""
    return f"{case.name}_best_r1.pt (epoch {best.epoch}) is from before and of use. "


def _not_decreasing(course: Course) -> Finding:
    case = course.case
    rough = jaggedness(case.step_losses)
    norms = [r.grad_norm for r in case.history]
    lr, chance = case.config.lr, case.history[-1].loss_chance
    clipped = float(np.median(norms)) > 5 * CLIP
    above = case.history[-1].train_loss > min(1.1 * chance, case.history[0].train_loss + STILL * chance)
    swings = climbs(case.step_losses)[0] > VISIBLE * chance and rough > JAGGED
    high = swings or clipped or above or lr >= HIGH_LR
    norm = f"gradient norm {np.median(norms):.2g} (clipped at {CLIP:g})"
    return Finding(
        id="rate-too-high" if high else "rate-too-low",
        severity="problem",
        title=f"Loss is not decreasing after epoch 5: the learning rate is probably too {'high' if high else 'low'}",
        evidence=f"{losses_said(case)}; lr {lr:g}; {100 * rough:.0f}% of the step loss's movement is upwards, {norm}",
        why="Nothing is being learned any more, and there is far to go.",
        advice=f"Put lr = {another_lr(lr, 1 / 3 if high else 3):.2g} into the settings and train again.",
        command=case.beside_command(),
    )


def another_lr(lr: float, factor: float) -> float:
    """The learning rate times a factor, within what the settings take; from a very high one at least to ``HIGH_LR``."""
    item = next(item for item in fields(TrainConfig) if item.name == "lr")
    found = min(max(lr * factor, float(item.metadata["low"])), float(item.metadata["high"]))
    return min(found, HIGH_LR) if factor < 1 else found


def _jagged(course: Course) -> Finding:
    case = course.case
    name, rough = max(course.jagged_curves.items(), key=lambda each: each[1])
    return Finding(
        id="jagged",
        severity="warning",
        title="Jagged loss curve: lower the learning rate",
        evidence=f"{100 * rough:.0f}% of the {name}'s movement is upwards; {losses_said(case)}; lr {case.config.lr:g}",
        why="Steps overshoot, and which epoch is kept is a matter of luck.",
        advice=f"Put lr = {another_lr(case.config.lr, 1 / 3):.2g} into the settings, or raise batch_size.",
        command=case.beside_command(),
    )


def _since(course: Course) -> str:
    case = course.case
    lowest, last = course.turned, case.judged[-1]
    assert lowest is not None
    return (
        f"since epoch {lowest.epoch} val loss {val_loss(lowest):.3f} → {val_loss(last):.3f} while train loss "
        f"{lowest.train_loss:.3f} → {last.train_loss:.3f}; mean MRR {lowest.mean_mrr:.3f} → {last.mean_mrr:.3f}"
    )


def _from_turn_to_end(course: Course) -> tuple[int, ...]:
    return () if course.turned is None else (course.turned.epoch, course.case.judged[-1].epoch)


def _overfitting(course: Course) -> Finding:
    case = course.case
    return Finding(
        id="overfitting",
        severity="warning",
        title="Val loss rises while train loss falls: overfitting, do not train longer",
        evidence=_since(course),
        why="The model learns its training tracks by heart and gets worse on all others.",
        advice=f"Use {case.name}_best_r1.pt or {case.name}_best_loss.pt, not {case.name}_last.pt. "
        "To do better: more dropout or weight_decay, or more training tracks.",
        command=case.beside_command(),
        epochs=_from_turn_to_end(course),
    )


def _overconfident(course: Course) -> Finding:
    case, improves = course.case, course.since_turn.rises
    ranking, helps = ("still improves", "not help the loss") if improves else ("stays level", "help neither")
    return Finding(
        id="overconfident",
        severity="note",
        title=f"Val loss rises while ranking {ranking}: overconfident, not worse",
        evidence=f"{_since(course)} (up to {course.since_turn.tolerance:.2g} of it is chance)",
        why="The loss punishes certainty where it errs; search only asks for the order.",
        advice=f"Use {case.name}_best_r1.pt for search. Training longer will {helps}.",
        epochs=_from_turn_to_end(course),
    )


def _fell_back(course: Course) -> Finding:
    case = course.case
    which, trend, unit = ("R@1", course.r1, "%") if course.r1.fell else ("mean MRR", course.mrr, "")
    at, best = case.judged[trend.peak_at], case.best
    assert best is not None
    return Finding(
        id="fell-back",
        severity="warning",
        title=f"Retrieval got worse again: val {which} fell from its peak",
        evidence=f"{which} about {trend.peak:.4g}{unit} around epoch {at.epoch}, {trend.end:.4g}{unit} at the end "
        f"(unrest and single tracks make up to {trend.peak_tolerance:.2g}); {losses_said(case)}",
        why="What was trained last is worse than what was trained before.",
        advice=f"Use {case.name}_best_r1.pt (epoch {best.epoch}), not {case.name}_last.pt; "
        f"lr = {another_lr(case.config.lr, 1 / 3):.2g} would likely hold the peak.",
        command=case.beside_command(),
        epochs=(at.epoch,),
    )


def _early_plateau(course: Course) -> Finding:
    case = course.case
    reached, last = course.reached, case.judged[-1]
    return Finding(
        id="early-plateau",
        severity="warning",
        title="Retrieval stopped improving before epoch 10: it may need more training data",
        evidence=f"mean MRR {reached.mean_mrr:.3f} in epoch {reached.epoch}, {last.mean_mrr:.3f} in epoch "
        f"{last.epoch}; {case.n_train} training tracks",
        why="What these pairs can teach was learned early; more epochs repeat it.",
        advice="Add tracks, or captions to tracks: more pairs help more than more epochs here.",
        command=case.command("ingest", "MANIFEST"),
        epochs=(reached.epoch,),
    )


def _still_rising(course: Course) -> Finding:
    case = course.case
    driven = course.driven[-RISING_EPOCHS:]
    first, last, n = driven[0], driven[-1], case.judged[-1].epoch
    level = "" if last.epoch == n else "; after that the learning rate was too small to move it"
    return Finding(
        id="still-rising",
        severity="note",
        title="R@1 was still rising: train longer",
        evidence=f"val t2a R@1 {figure(first, 'R@1'):.2f}% → {figure(last, 'R@1'):.2f}% in epochs {first.epoch}–"
        f"{last.epoch}, mean MRR {first.mean_mrr:.3f} → {last.mean_mrr:.3f}{level}",
        why="It was stopped before it had learned what it can.",
        advice=f"Train {round(1.5 * n)}–{2 * n} epochs.",
        command=case.longer_command(2 * n),
        epochs=(first.epoch, last.epoch),
    )


def _complete(course: Course) -> Finding:
    case = course.case
    first, last = case.judged[-LEVEL_EPOCHS - 1], case.judged[-1]
    return Finding(
        id="complete",
        severity="note",
        title="Loss has been level for five epochs: training is complete",
        evidence=f"val loss {val_loss(first):.3f} → {val_loss(last):.3f}",
        advice="More epochs will not help.",
        epochs=(first.epoch, last.epoch),
    )
