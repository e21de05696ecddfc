"""What a training came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from antiphon.align.config import TrainConfig
from antiphon.align.training.history import EpochRecord


@dataclass(frozen=True, kw_only=True)
class TrainResult:
    """What a training came to.

    Parameters
    ----------
    name : of the training.
    encoder : its audio encoder.
    config : resolved settings.
    checkpoints : ``{"best_r1": path, "best_loss": path, "last": path}``.
    history : all epochs, those before an interruption included.
    begun_after : epochs that were there before this call; all of them where the training was finished already.
    best_epoch : the one in ``best_r1``.
    stopped_early : whether patience ran out before ``config.epochs``.
    left_out : tracks that could not take part → reason.
    seconds : wall time of this call.
    closed_form_mrr : mean-of-directions val MRR of the closed forms that stand beside the trained heads, alone; None
        without them or without a val split.
    frozen_mrr : where the text encoder was fine-tuned: the same of the whole recipe on frozen text vectors; else None.
    """

    name: str
    encoder: str
    config: TrainConfig
    checkpoints: dict[str, Path]
    history: list[EpochRecord]
    begun_after: int
    best_epoch: int
    stopped_early: bool
    left_out: dict[str, str]
    seconds: float
    closed_form_mrr: float | None = None
    frozen_mrr: float | None = None

    @property
    def finished_before(self) -> bool:
        """Whether there was nothing left to do: the same training was finished already."""
        return self.begun_after == len(self.history)
