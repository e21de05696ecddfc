"""The doctor beside a training that runs: what a model that knows nothing would show, and what cannot wait."""

from __future__ import annotations

from collections.abc import Sequence

from antiphon.align.training.results.history import EpochRecord
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.findings import Finding
from antiphon.evaluate.doctor.gather import candidates, val_chance
from antiphon.evaluate.doctor.rules.course import Course
from antiphon.evaluate.doctor.rules.how_it_went import went

URGENT = ("warning", "problem")


def knows_nothing(record: EpochRecord) -> str:
    """The figures of chance, in one line; those of retrieval where there is a val split."""
    said = f"A model that knows nothing would show: loss {record.loss_chance:.2f}"
    if record.val is None:
        return f"{said}."
    by_chance = val_chance(record)["t2a"]
    shown = ", ".join(f"{key} {by_chance[key]:.2f}%" for key in ("R@1", "R@5", "R@10"))
    return f"{said}; t2a {shown}, MRR {by_chance['MRR']:.4f}, median rank {by_chance['median_rank']:g}."


def most_urgent(name: str, history: Sequence[EpochRecord]) -> Finding | None:
    """What is so wrong in the epochs up to now that one may stop; None where nothing is.

    Parameters
    ----------
    name : of the training.
    history : its epochs in order, at least one.
    """
    last = history[-1]
    case = Case(
        name=name,
        encoder=name,
        history=tuple(history),
        chance=val_chance(last),
        n_val=candidates(last),
        n_train=0,
        closed_form_weight=1.0,  # whether there are any is not known here: nothing is held against heads alone
    )
    return next((finding for finding in went(Course(case)) if finding.severity in URGENT), None)
