"""What all trackers have in common: the training that they are told of, and what they are told.

Conventions
-----------
A step is an epoch, 1-based; 0 for closed forms alone. A tracker that is opened is given every epoch up to now, so
that the curves of a training that goes on have neither a gap nor a point twice, wherever it was stopped. Tags are
those of ``docs/guides/reading-your-training.md``: ``train/loss``, ``val/t2a_R@1``, ``final/val_t2a_MRR`` …
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from antiphon.align.training.results.history import EpochRecord
from antiphon.metrics.figures import DIRECTIONS, METRICS

Setting = str | float | int | bool


@dataclass(frozen=True, kw_only=True)
class TrackedRun:
    """A training as its trackers know it.

    Parameters
    ----------
    root : library folder.
    name : of the training, and of its run in every tracker.
    settings : what it was made with, by name.
    history : its epochs up to now, in order.
    """

    root: Path
    name: str
    settings: Mapping[str, Setting]
    history: Sequence[EpochRecord]

    @property
    def project(self) -> str:
        """What trackers with projects call the library: the name of its folder."""
        return self.root.resolve().name or "antiphon"


class Tracker(Protocol):
    """Draws the curves of one training. What it raises ends the tracking and never the training."""

    def add(self, record: EpochRecord) -> None:
        """One more epoch."""

    def conclude(self, final: Mapping[str, float]) -> None:
        """The training has come to its end; ``final`` as :func:`final_figures` gives it."""

    def close(self) -> None:
        """Nothing more comes, whether the training has come to its end or was stopped."""


def scalars(record: EpochRecord) -> dict[str, float]:
    """Tag → value of one epoch; what was not measured is left out."""
    tags: dict[str, float | None] = {
        "train/loss": record.train_loss,
        "val/loss": record.val_loss,
        "val/loss_chance": record.loss_chance,
        "train/temperature": record.temperature,
    }
    if record.steps:
        tags |= {
            "train/step_loss": record.step_loss,
            "train/lr": record.lr,
            "train/grad_norm": record.grad_norm,
            "train/pairs_per_second": record.pairs_per_second,
        }
    if record.val is not None:
        tags |= {f"val/{way}_{name}": record.val[way].get(name) for way in DIRECTIONS for name in METRICS}
    return {tag: value for tag, value in tags.items() if value is not None}


def final_figures(val: Mapping[str, Any]) -> dict[str, float]:
    """Tag → value of the checkpoint that a training is judged by.

    Parameters
    ----------
    val : that ``…_best_r1.pt`` carries: the flat fields of its epoch.
    """
    named = {"epoch": val["epoch"], "val_loss": val["val_loss"]}
    named |= {f"val_{way}_{name}": val.get(f"val_{way}_{name}") for way in DIRECTIONS for name in METRICS}
    return {f"final/{name}": float(value) for name, value in named.items() if value is not None}


def figures_on_test(result: Mapping[str, Any]) -> dict[str, float]:
    """Tag → value of an evaluation on the test split, ``test_metrics.json``'s content."""
    named = {f"test_{way}_{name}": result[way].get(name) for way in DIRECTIONS for name in METRICS}
    named["test_loss"] = result.get("loss")
    return {f"final/{name}": float(value) for name, value in named.items() if value is not None}
