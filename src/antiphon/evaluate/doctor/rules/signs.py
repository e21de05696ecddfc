"""Signs of good training, and the gap between val and train loss; all read the course's verdict."""

from __future__ import annotations

from antiphon.evaluate.doctor.case import Case, figure, val_loss
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.doctor.rules.course import Course
from antiphon.evaluate.doctor.rules.how_it_went import losses_said
from antiphon.evaluate.doctor.trends import jaggedness
from antiphon.metrics.figures import DIRECTIONS

GAP = 0.3
"""Largest healthy difference between val and train loss, both over as many candidates."""
SMOOTH = 0.1
"""Share of a train loss's movement that may go upwards while it falls steadily."""
NOT_FALLING = ("collapsed", "stuck", "jagged", "overfitting", "overconfident")
"""Verdicts that say that a loss does not fall, or no longer."""
RISES = (
    ("recall-rises", "R@1, R@5 and R@10 all rise", ("R@1", "R@5", "R@10")),
    ("mrr-rises", "MRR rises", ("MRR",)),
)


def falling(course: Course) -> list[Finding]:
    """Do both losses fall from the start, and steadily?"""
    case = course.case
    if len(case.history) < 2 or course.verdict in NOT_FALLING:
        return []
    up_to = case.history[: case.best.epoch] if case.best else case.history
    steady = len(up_to) > 1 and jaggedness([r.train_loss for r in up_to]) < SMOOTH
    if case.judged:
        steady = steady and val_loss(case.best or case.judged[-1]) < val_loss(case.judged[0])
    said = Finding(id="loss-falls", severity="good", title="Loss falls steadily", evidence=losses_said(case))
    return [said] if steady else []


def rising(course: Course) -> list[Finding]:
    """Do R@1, R@5, R@10 and MRR rise, and stay where they have risen to?"""
    case = course.case
    judged = case.judged
    if len(judged) < 3 or course.verdict in ("collapsed", "stuck", "overfitting", "fell back"):
        return []
    found = []
    for name, title, keys in RISES:
        if all(course.trend(key, way).rises for key in keys for way in DIRECTIONS):
            said = ", ".join(f"{key} {figure(judged[0], key):.4g} → {figure(judged[-1], key):.4g}" for key in keys)
            found.append(Finding(id=name, severity="good", title=title, evidence=f"val t2a {said}; val a2t too"))
    return found


def gap(course: Course) -> list[Finding]:
    """Is the val loss near the train loss, or does the model learn by heart?"""
    case = course.case
    if case.best is None or course.verdict in ("collapsed", "stuck", "overfitting", "overconfident"):
        return []
    best, distance = case.best, course.gap
    evidence = (
        f"epoch {best.epoch}: train {best.train_loss:.3f}, val {val_loss(best):.3f}, a gap of {distance:.2f}; "
        "both over as many candidates"
    )
    if distance <= GAP:
        title = "Val loss stays within 0.3 of train loss"
        return [Finding(id="small-gap", severity="good", title=title, evidence=evidence)]
    if case.closed_form_weight:
        return [_by_heart(case, evidence)]
    if not course.learns_by_heart:
        title = "Val loss is somewhat above train loss"
        return [Finding(id="some-gap", severity="note", title=title, evidence=evidence)]
    return [
        Finding(
            id="large-gap",
            severity="warning",
            title="Val loss is far above train loss: overfitting",
            evidence=evidence,
            why="The model knows its training tracks far better than any other.",
            advice="Raise dropout or weight_decay, lower dim or hidden, or add training tracks.",
            command=case.beside_command(),
        )
    ]


def _by_heart(case: Case, evidence: str) -> Finding:
    return Finding(
        id="closed-forms-know-train",
        severity="note",
        title="Val loss is above train loss, as it always is with closed forms",
        evidence=f"{evidence}; closed forms have {100 * case.closed_form_weight:.0f}% of the weight",
        why="They are fitted to the training tracks at once and know them closely, so this gap is no sign of "
        "overfitting: whether val gets worse, and the baselines on test, are.",
    )
