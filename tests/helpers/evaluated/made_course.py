"""Made courses of a training, for the doctor to look at."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from antiphon.align.training.results.history import EpochRecord
from antiphon.evaluate.doctor.case import Case
from antiphon.evaluate.doctor.diagnose import examine
from antiphon.evaluate.doctor.findings import Finding
from antiphon.metrics.figures import METRICS
from antiphon.metrics.retrieval import chance

N = 1000
LEVEL = math.log(N)
TURNED = [6, 5, 4.5, 4, 4.2, 4.5, 4.8, 5, 5.2, 5.4, 5.6, 5.8]
HUGE = {"t2a": chance(N, 1), "a2t": chance(N, 1)}


def record(epoch: int, train_loss: float, val_loss: float | None, r1: float, **changes: Any) -> EpochRecord:
    mrr = min(1.0, 0.01 + r1 / 100 * 1.2)
    figures = dict.fromkeys(METRICS, mrr) | {"R@1": r1, "R@5": min(100, 1.6 * r1), "R@10": min(100, 1.9 * r1)}
    figures["median_rank"] = max(1, 60 - r1)
    values: dict[str, Any] = {
        "epoch": epoch,
        "train_loss": train_loss,
        "val_loss": val_loss,
        "loss_chance": LEVEL,
        "step_loss": train_loss,
        "val": {"t2a": figures, "a2t": dict(figures)},
        "lr": 1e-3,
        "temperature": 0.05,
        "grad_norm": 0.5,
        "steps": 24,
        "seconds": 1.0,
        "pairs_per_second": 1e4,
        **changes,
    }
    return EpochRecord(**values)


def course(
    train_losses: Iterable[float], val_losses: Iterable[float], r1s: Iterable[float], **changes: Any
) -> tuple[EpochRecord, ...]:
    columns = zip(train_losses, val_losses, r1s, strict=True)
    return tuple(record(i, t, v, r, **changes) for i, (t, v, r) in enumerate(columns, start=1))


def case(history: tuple[EpochRecord, ...], **changes: Any) -> Case:
    values: dict[str, Any] = {
        "name": "muq",
        "encoder": "muq",
        "history": history,
        "chance": HUGE,
        "n_val": N,
        "n_train": 5000,
        **changes,
    }
    return Case(**values)


def healthy(epochs: int = 20, **changes: Any) -> Case:
    """The guide's own course: R@1 from 0.2 to 45 %, level at the end."""
    x = np.linspace(0, 1, epochs)
    losses = LEVEL * (0.18 + 0.82 * np.exp(-6 * x))
    return case(course(losses, losses + 0.1, 45 * (1 - np.exp(-6 * x)) - 0.001 * (x == 1) + 0.2), **changes)


def found(case_: Case, part: str) -> list[Finding]:
    return [f for f in examine(case_).findings if part in f.title]


def one(case_: Case, part: str) -> Finding:
    (finding,) = found(case_, part)
    return finding
