"""Where a training should stand by which epoch: the training guide's milestones and quick checks, above chance."""

from __future__ import annotations

from dataclasses import dataclass, replace

from antiphon.align.training.results.history import EpochRecord
from antiphon.evaluate.doctor.bands import GUIDE_CHANCE_LOSS, above_chance, as_in_guide, band, loss_band
from antiphon.evaluate.doctor.case import Case, figure, val_loss
from antiphon.evaluate.doctor.findings import Finding, Severity
from antiphon.evaluate.doctor.rules.course import RISING_EPOCHS, Course
from antiphon.evaluate.doctor.trends import Trend

CHECKS = ((5, 1.0, "YES"), (10, 10.0, "YES"), (20, 30.0, "EXCELLENT"))
"""By which epoch, R@1 in percent, what a yes is."""


@dataclass(frozen=True)
class Milestone:
    """What is usual between two epochs: losses on the scale of a batch of 32, R@1 (percent) and MRR above chance."""

    first: int
    last: int
    train_loss: tuple[float, float]
    loss: tuple[float, float]
    r1: tuple[float, float]
    mrr: tuple[float, float]
    name: str


MILESTONES = (
    Milestone(1, 1, (2.8, 4.2), (2.8, 4.2), (0.0, 5.0), (0.0, 0.05), "epoch 1, close to random"),
    Milestone(5, 10, (1.3, 2.4), (1.3, 2.5), (5.0, 15.0), (0.15, 0.25), "epochs 5–10, learning"),
    Milestone(15, 20, (0.4, 1.2), (0.4, 1.3), (30.0, 50.0), (0.4, 0.6), "epochs 15–20, convergence"),
)
ON_TRACK = 10.0
"""R@1 above chance in percent from which a training between epochs 5 and 10 is on its way to a good one."""


def quick_checks(course: Course) -> list[Finding]:
    """The four questions of the quick reference."""
    case = course.case
    found = []
    start = case.history[0]
    if len(case.history) > 1 and loss_band(start.train_loss, start.loss_chance, start.temperature) != "excellent":
        first, second = start.train_loss, min(r.train_loss for r in case.history[1:])
        said = _answer("loss-after-1", second < first, "Is loss going down after epoch 1?", "YES")
        found.append(replace(said, evidence=f"{first:.3f} → {second:.3f}"))
    chance = case.chance["t2a"]["R@1"]
    for epoch, bound, answer in () if case.anybody_is_right else CHECKS:
        reached = [r for r in case.judged if r.epoch <= epoch]
        if not reached or (case.judged[-1].epoch < epoch):
            continue
        top = max(figure(r, "R@1") for r in reached)
        passed = above_chance(top, chance, 100.0) > bound
        needed = chance + bound * (100 - chance) / 100
        evidence = f"best so far {top:.2f}%; needed {needed:.2f}%, which is {bound:g}% with {chance:.2f}% by chance"
        said = _answer(f"r1-by-{epoch}", passed, f"Is R@1 above {bound:g}% by epoch {epoch}?", answer)
        found.append(replace(said, evidence=evidence))
    return found


def _answer(name: str, passed: bool, question: str, answer: str) -> Finding:
    """A question missed is a warning, unless a yes would have been excellent: then most trainings miss it."""
    missed: Severity = "note" if answer == "EXCELLENT" else "warning"
    title = f"{question} {answer if passed else 'NO'}"
    return Finding(id=name, severity="good" if passed else missed, title=title, evidence="")


def stage(course: Course) -> list[Finding]:
    """Where the training stood at each milestone that it passed, and how the latest compares with what is usual."""
    case = course.case
    passed = [(seen[-1], mile) for mile in MILESTONES if (seen := _within(case, mile))]
    if not passed or case.anybody_is_right or course.verdict in ("collapsed", "stuck"):
        return []
    record, mile = passed[-1]
    skill, (low, high) = case.skill(record), mile.r1
    scale = (
        f"usual values in brackets; losses on the scale of a batch of 32 (random {GUIDE_CHANCE_LOSS:.1f}), "
        "R@1, R@5 and MRR corrected for chance"
    )
    evidence = "; ".join([*(_at(case, *each) for each in passed), scale])
    if case.closed_form_weight:
        evidence += "; closed forms are in the ensemble from the first epoch, so it starts ahead and gains less"
    if skill < low and mile is not MILESTONES[0]:  # before anything is learned, below chance is luck
        return [Finding(id="behind", severity="note", title=f"Behind what is usual for {mile.name}", evidence=evidence)]
    title = f"{'Ahead of' if skill > high else 'As expected for'} {mile.name}{_lagging(case, record, mile)}"
    said = Finding(id="ahead" if skill > high else "as-expected", severity="good", title=title, evidence=evidence)
    on_track = mile is MILESTONES[1] and ON_TRACK <= skill <= 30 and _is_rising(course)
    return [replace(said, advice="On track for an R@1 above 30 % by epoch 20.")] if on_track else [said]


def _is_rising(course: Course) -> bool:
    """Whether R@1 has risen up to now, and in the last epochs too."""
    case = course.case
    if course.verdict not in ("still rising", "open"):
        return False
    tail = Trend.of([figure(r, "R@1") for r in case.judged[-RISING_EPOCHS:]])
    return course.r1.rises and tail.rises


def _within(case: Case, mile: Milestone) -> list[EpochRecord]:
    return [record for record in case.judged if mile.first <= record.epoch <= mile.last]


def _at(case: Case, record: EpochRecord, mile: Milestone) -> str:
    train, val = (as_in_guide(loss, record.loss_chance, record.temperature) for loss in _losses(record))
    chance = case.chance["t2a"]
    mrr = above_chance(figure(record, "MRR"), chance["MRR"], 1.0) / 100
    top_5 = above_chance(figure(record, "R@5"), chance["R@5"], 100.0)
    return (
        f"epoch {record.epoch}: train loss {train:.2f} ({_usual(mile.train_loss)}), "
        f"val loss {val:.2f} ({_usual(mile.loss)}), R@1 {case.skill(record):.1f}% ({_usual(mile.r1)}%), "
        f"R@5 {top_5:.1f}% ({band('R@5', figure(record, 'R@5'), chance)}), "
        f"MRR {mrr:.2f} ({_usual(mile.mrr)})"
    )


def _losses(record: EpochRecord) -> tuple[float, float]:
    return record.train_loss, val_loss(record)


def _lagging(case: Case, record: EpochRecord, mile: Milestone) -> str:
    """What is not as usual although R@1 is: losses above their bounds, where all are the heads' own."""
    if case.closed_form_weight:
        return ""
    train, val = (as_in_guide(loss, record.loss_chance, record.temperature) for loss in _losses(record))
    high = [name for name, far in (("train", train > mile.train_loss[1]), ("val", val > mile.loss[1])) if far]
    return f", by R@1; {' and '.join(high)} loss above what is usual" if high else ""


def _usual(bounds: tuple[float, float]) -> str:
    return f"{bounds[0]:g}–{bounds[1]:g}"
