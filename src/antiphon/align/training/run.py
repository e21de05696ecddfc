"""One training under way: its epochs, and what they have reached.

A run knows that a loop trains and that something measures and saves, and nothing of what stands beside the heads.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.training.distributed import ALONE, Processes
from antiphon.align.training.loop import Loop, StepMeans
from antiphon.align.training.results.after_epoch import AfterEpoch
from antiphon.align.training.results.divergence import Divergence
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.opened import Trackers
from antiphon.align.training.schedule import Progress
from antiphon.errors import ConfigError

OnEpoch = Callable[[EpochRecord], None]
OnStep = Callable[["Steps"], None]


@dataclass(frozen=True)
class Steps:
    """How far a training has come: the epoch under way, epochs in all, optimizer steps made and in all (at most)."""

    epoch: int
    epochs: int
    done: int
    total: int


class Run:
    """One training under way.

    Parameters
    ----------
    loop : trains.
    config : resolved.
    after_epoch : measures and saves; None in all processes but the first.
    conclude : called when the last epoch is saved, by the first process.
    processes : the processes that train together.
    """

    def __init__(
        self,
        loop: Loop,
        config: TrainConfig,
        after_epoch: AfterEpoch | None,
        *,
        conclude: Callable[[], None] | None = None,
        processes: Processes = ALONE,
    ) -> None:
        self.loop, self.config, self.processes = loop, config, processes
        self.after_epoch, self.conclude = after_epoch, conclude
        self.progress = Progress()
        self.history: list[EpochRecord] = []

    def restore(self, bundle: Bundle) -> None:
        """Go on from a ``…_last.pt``."""
        self.loop.load_state_dict(bundle.training["loop"])
        self.progress = Progress.from_dict(bundle.training["progress"])
        self.history = [EpochRecord.from_dict(line) for line in bundle.training["history"]]
        if self.after_epoch is not None:
            self.after_epoch.write_history(self.history)

    @property
    def figures(self) -> Mapping[str, Any]:
        """What the members of the product are worth alone; empty in all processes but the first."""
        return {} if self.after_epoch is None else self.after_epoch.product.figures

    @property
    def finished(self) -> bool:
        """Whether there is no epoch left to do."""
        return self.progress.epoch >= self.config.planned_epochs or self.progress.should_stop(self.config.patience)

    def go(self, on_epoch: OnEpoch | None, on_step: OnStep | None = None) -> bool:
        """Run to the end; returns whether it stopped early. However it ends, what was measured is saved then."""
        with self._trackers() as trackers:
            try:
                while not self.finished:
                    record = self._epoch(on_step if self.processes.first else None)
                    if trackers is not None:
                        trackers.add(record)
                    if self.after_epoch is not None and on_epoch is not None:
                        on_epoch(record)
            finally:
                if self.after_epoch is not None:
                    self.after_epoch.finish()
            if self.conclude is not None:
                self.conclude()
            if self.after_epoch is not None and trackers is not None:
                trackers.conclude(self.after_epoch.final_figures)
        return self.progress.epoch < self.config.planned_epochs

    def _trackers(self) -> AbstractContextManager[Trackers | None]:
        return nullcontext() if self.after_epoch is None else self.after_epoch.trackers(self.history)

    def _epoch(self, on_step: OnStep | None) -> EpochRecord:
        started, epoch, epochs = time.perf_counter(), self.progress.epoch + 1, self.config.planned_epochs
        loop, whole = self.loop, epochs * self.loop.steps_per_epoch
        tell = None if on_step is None else lambda: on_step(Steps(epoch, epochs, loop.step, whole))
        means = loop.run_epoch(epoch, on_step=tell)
        self._require_finite(means)
        record = self.processes.same(lambda: self._measured(epoch, means))
        val = record.val
        self.progress = self.progress.after(
            step=self.loop.step,
            r1=None if val is None else val["t2a"]["R@1"],
            mrr=record.mean_mrr,
            loss=record.val_loss,
        )
        record = replace(record, seconds=time.perf_counter() - started)
        self.history.append(record)
        if self.after_epoch is not None:
            state, concluded = self.loop.state_dict(), self.conclude is None
            self.after_epoch.save(self.progress, self.history, state, concluded=concluded)
        return record

    def _measured(self, epoch: int, means: StepMeans) -> EpochRecord:
        assert self.after_epoch is not None  # the first process has it, and no other comes here
        return self.after_epoch.measure(epoch, means)

    def _require_finite(self, means: StepMeans) -> None:
        if math.isfinite(means.loss) and math.isfinite(means.grad_norm):
            return
        epoch, config = self.progress.epoch, self.config
        broken = Divergence(
            epoch=epoch + 1,
            step=means.broke_at,
            steps=means.steps,
            lr=config.lr,
            temperature=config.temperature or 1.0,
        )
        if self.after_epoch is not None:
            self.after_epoch.diverged(broken)
        raise ConfigError(
            f"Training diverged in {broken}: mean loss {means.loss}, gradient norm {means.grad_norm}. "
            f"{f'Epoch {epoch} is saved' if epoch else 'Nothing was saved'}.",
            fix=f"Lower lr (now {config.lr:g}), or raise temperature (now {config.temperature:g}).",
        )
