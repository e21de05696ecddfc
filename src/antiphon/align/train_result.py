"""What a training came to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from antiphon.align.config import TrainConfig
from antiphon.align.data.judged import LearnedJudgements
from antiphon.align.data.kinds_that_help import KindsChosen
from antiphon.align.ensemble.closed_forms import FittedOn
from antiphon.align.training.results.history import EpochRecord
from antiphon.frames import frame_of_rows
from antiphon.printed import Printed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True)
class TrainResult(Printed):
    """What a training came to.

    Parameters
    ----------
    name : of the training.
    encoder : its audio encoder.
    config : resolved settings.
    checkpoints : ``{"best_r1": path, "best_loss": path, "last": path}``.
    serving : ``best_r1`` fitted again on train and val, for search; None where that is not done
        (:mod:`antiphon.align.ensemble.serving`).
    history : all epochs, those before an interruption included.
    begun_after : epochs that were there before this call; all of them where the training was finished already.
    best_epoch : the one in ``best_r1``.
    stopped_early : whether patience ran out before ``config.epochs``.
    left_out : tracks that could not take part → reason.
    seconds : wall time of this call.
    closed_form_mrr : mean-of-directions val MRR of the closed forms that stand beside the trained heads, alone; None
        without them or without a val split.
    closed_forms : what kernel CCAs were fitted on; None without them, and in all processes but the first.
    linear_share : of linear CCAs in the closed forms, 0 … 1, as a look inside train found it; None where nothing was
        measured.
    kinds : of the captions that it learned from, and why these.
    judged : what it learned from people's judgements.
    kept : where the training lies that it has taken the place of; None where it has taken none's.
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
    serving: Path | None = None
    closed_form_mrr: float | None = None
    closed_forms: FittedOn | None = None
    linear_share: float | None = None
    kinds: KindsChosen | None = None
    judged: LearnedJudgements | None = None
    frozen_mrr: float | None = None
    kept: Path | None = None

    @property
    def finished_before(self) -> bool:
        """Whether there was nothing left to do: the same training was finished already."""
        return self.begun_after == len(self.history)

    @property
    def best(self) -> EpochRecord:
        """The line of the history of the epoch in ``best_r1``."""
        return next(record for record in self.history if record.epoch == self.best_epoch)

    def lines(self) -> list[str]:
        """The best epoch, and where it is."""
        mrr = self.best.mean_mrr
        chosen = f"best is epoch {self.best_epoch}" if self.best_epoch else "closed forms alone"
        judged = "" if mrr is None else f" (val MRR {mrr:.4f}, mean of directions)"
        return [f"{self.name}: {chosen}{judged} → {self.checkpoints['best_r1']}"]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "name": self.name,
            "encoder": self.encoder,
            "epochs": self.history[-1].epoch,
            "best_epoch": self.best_epoch,
            "stopped_early": self.stopped_early,
            "finished_before": self.finished_before,
            "seconds": self.seconds,
            "checkpoints": {kind: str(path) for kind, path in self.checkpoints.items()},
            "serving": None if self.serving is None else str(self.serving),
            "kept": None if self.kept is None else str(self.kept),
            "left_out": self.left_out,
            "caption_kinds": self.config.caption_kinds,
            "caption_kinds_gains": {} if self.kinds is None else self.kinds.gains,
            "closed_form_val_MRR": self.closed_form_mrr,
            "closed_form_tracks": None if self.closed_forms is None else self.closed_forms.tracks,
            "linear_cca_share": self.linear_share,
            "closed_form_numbers": None if self.closed_forms is None else self.closed_forms.numbers,
            "judgements": {} if self.judged is None else self.judged.counts or {},
            "frozen_val_MRR": self.frozen_mrr,
            "best": self.best.to_dict(),
        }

    def to_frame(self) -> pd.DataFrame:
        """The history, one row an epoch; needs pandas."""
        return frame_of_rows([record.to_dict() for record in self.history], index=["epoch"])
