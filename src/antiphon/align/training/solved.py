"""A training without epochs: what is delivered was solved, and is measured and saved once.

It leaves the files of any training: its history has one line, epoch 0, and all three checkpoints are the same.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from antiphon.align.config import TrainConfig
from antiphon.align.training.distributed import ALONE, Processes
from antiphon.align.training.results.after_epoch import AfterEpoch
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.run import OnEpoch, OnStep
from antiphon.align.training.schedule import TrainingProgress


class Solved:
    """Stands where a :class:`~antiphon.align.training.run.Run` stands otherwise.

    Parameters
    ----------
    config : resolved.
    after_epoch : measures and saves; None in all processes but the first.
    started : when the solving began, by ``time.perf_counter``.
    processes : the processes that were started together; they only wait.
    """

    def __init__(
        self, config: TrainConfig, after_epoch: AfterEpoch | None, *, started: float, processes: Processes = ALONE
    ) -> None:
        self.config, self.after_epoch, self.processes = config, after_epoch, processes
        self.progress = TrainingProgress()
        self.history: list[EpochRecord] = []
        self._started = started

    @property
    def figures(self) -> Mapping[str, Any]:
        """Nothing stands beside what was solved."""
        return {}

    def go(self, on_epoch: OnEpoch | None, _: OnStep | None = None) -> bool:
        """Measure and save; returns that it did not stop early. There are no steps."""
        record = self.processes.same(self._measured)
        self.history = [record]
        if self.after_epoch is not None:
            self.after_epoch.save(self.progress, self.history, {})
            self.after_epoch.finish()
            with self.after_epoch.trackers(self.history) as trackers:
                trackers.conclude(self.after_epoch.final_figures)
            if on_epoch is not None:
                on_epoch(record)
        return False

    def _measured(self) -> EpochRecord:
        assert self.after_epoch is not None  # the first process has it, and no other comes here
        return replace(self.after_epoch.measure(0, None), seconds=time.perf_counter() - self._started)
