"""When the learning rate changes, which epoch is best, and when to stop."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

WARMUP = 0.05
"""Share of all steps over which the learning rate rises: AdamW's first estimates of the variance are rough."""
FINAL_LR = 0.01
"""Where the cosine ends, as a share of the highest rate: the last steps hardly move anything."""
LAYER_LR = 20.0
"""Rate of a layer mixture's weights, times that of the rest: there are few, and each turns a whole layer
(``docs/experiments/layers.md``)."""
CLIP = 1.0
"""Largest norm of a step's gradient."""


def learning_rate(step: int, total: int, *, peak: float, warmup: float, final: float) -> float:
    """Linear warm-up, then half a cosine (Loshchilov & Hutter 2017, arXiv:1608.03983).

    Parameters
    ----------
    step : 0-based, below ``total``.
    total : steps of the whole training.
    peak : highest rate.
    warmup : share of the steps it takes to get there.
    final : rate of the last step as a share of ``peak``.
    """
    rising = round(total * warmup)
    if step < rising:
        return peak * (step + 1) / (rising + 1)
    done = (step - rising) / max(1, total - 1 - rising)
    return peak * (final + (1 - final) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


@dataclass(frozen=True, kw_only=True)
class TrainingProgress:
    """What training has reached; a plain value that a checkpoint carries.

    Parameters
    ----------
    epoch : complete epochs.
    step : optimizer steps made.
    best_r1 : (val t2a R@1, mean-of-directions val MRR) of the best epoch; the second decides a tie, then the earlier.
    best_r1_epoch, best_loss_epoch : the epochs they were reached in, 0 for none yet.
    best_loss : lowest val loss.
    best_mrr : highest mean-of-directions val MRR.
    stale : epochs since it was reached.
    """

    epoch: int = 0
    step: int = 0
    best_r1: tuple[float, float] = (-1.0, -1.0)
    best_r1_epoch: int = 0
    best_loss: float = math.inf
    best_loss_epoch: int = 0
    best_mrr: float = -1.0
    stale: int = 0

    def after(self, *, step: int, r1: float | None, mrr: float | None, loss: float | None) -> TrainingProgress:
        """One epoch further.

        Parameters
        ----------
        r1, mrr, loss : val t2a R@1, mean-of-directions MRR and loss; None where there is no val split, and then the
            latest epoch counts as the best of both kinds.
        """
        epoch = self.epoch + 1
        if r1 is None or mrr is None or loss is None:
            return replace(self, epoch=epoch, step=step, best_r1_epoch=epoch, best_loss_epoch=epoch)
        values: dict[str, Any] = {"epoch": epoch, "step": step}
        if (r1, mrr) > self.best_r1:
            values |= {"best_r1": (r1, mrr), "best_r1_epoch": epoch}
        if loss < self.best_loss:
            values |= {"best_loss": loss, "best_loss_epoch": epoch}
        values |= {"best_mrr": mrr, "stale": 0} if mrr > self.best_mrr else {"stale": self.stale + 1}
        return replace(self, **values)

    def should_stop(self, patience: int) -> bool:
        """Whether val MRR has not improved for ``patience`` epochs (0: never)."""
        return 0 < patience <= self.stale

    def finished(self, epochs: int, patience: int) -> bool:
        """Whether no epoch is left to do: all of them are done, or val MRR stopped improving."""
        return self.epoch >= epochs or self.should_stop(patience)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a checkpoint."""
        return {**vars(self), "best_r1": list(self.best_r1)}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> TrainingProgress:
        """Inverse of :meth:`to_dict`."""
        return cls(**{**data, "best_r1": tuple(data["best_r1"])})
