"""One training under way: its epochs, and what they have reached.

A run knows that a loop trains and that something measures and saves, and nothing of what stands beside the heads.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.config import TrainConfig
from antiphon.align.training.cpu import one_thread_less
from antiphon.align.training.distributed import ALONE, Processes
from antiphon.align.training.loop import Loop, StepMeans
from antiphon.align.training.results.after_epoch import AfterEpoch
from antiphon.align.training.results.background import copied
from antiphon.align.training.results.divergence import DivergedError, Divergence
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.opened import Trackers
from antiphon.align.training.schedule import TrainingProgress

OnEpoch = Callable[[EpochRecord], None]
OnStep = Callable[["Steps"], None]


@dataclass(frozen=True)
class Steps:
    """How far a training has come: the epoch under way, epochs in all, optimizer steps made and in all (at most)."""

    epoch: int
    epochs: int
    done: int
    total: int


@dataclass(frozen=True, kw_only=True)
class _Made:
    """An epoch whose steps are made, until it is measured; ``heads`` are what they came to, where the loop goes on."""

    epoch: int
    step: int
    means: StepMeans
    seconds: float
    heads: dict[str, Any] = field(default_factory=dict)


class Run:
    """One training under way.

    Parameters
    ----------
    loop : trains.
    config : resolved.
    after_epoch : measures and saves; None in all processes but the first.
    conclude : called when the last epoch is saved, by the first process.
    processes : the processes that train together.
    ahead : epochs that are made before the first of them is measured (:mod:`antiphon.align.training.cpu`).
    """

    def __init__(
        self,
        loop: Loop,
        config: TrainConfig,
        after_epoch: AfterEpoch | None,
        *,
        conclude: Callable[[], None] | None = None,
        processes: Processes = ALONE,
        ahead: int = 0,
    ) -> None:
        self.loop, self.config, self.processes = loop, config, processes
        self.after_epoch, self.conclude, self._ahead = after_epoch, conclude, ahead
        self.progress = TrainingProgress()
        self.history: list[EpochRecord] = []

    def restore(self, bundle: Bundle) -> None:
        """Go on from a ``…_last.pt``."""
        self.loop.load_state_dict(bundle.training["loop"])
        self.progress = TrainingProgress.from_dict(bundle.training["progress"])
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
                for record in self._epochs(on_step if self.processes.first else None):
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

    def _epochs(self, on_step: OnStep | None) -> Iterator[EpochRecord]:
        if self._ahead and not self.history:
            with one_thread_less():
                made = self._made_ahead(on_step)
            self._require_finite(made[-1], saved=0)
            if self.after_epoch is not None:
                self.after_epoch.product.update()  # waits for closed forms, which is no epoch's time
            yield from self._settled_together(made)
        while not self.finished:
            progress, record = self._settled(self._made(self.progress.epoch + 1, on_step), self.progress)
            self.progress = progress
            yield record

    def _made_ahead(self, on_step: OnStep | None) -> list[_Made]:
        """The first epochs, each with the heads that it came to, up to one that diverged."""
        found: list[_Made] = []
        while len(found) < self._ahead and all(each.means.is_finite for each in found):
            made = self._made(len(found) + 1, on_step)
            found.append(replace(made, heads=copied(self.loop.space.state_dict())))
        return found

    def _settled_together(self, made: list[_Made]) -> list[EpochRecord]:
        """Measure and save epochs that were made ahead. What goes on from is saved with the last; before that, they
        do not count as made."""
        progress, records = self.progress, []
        for each in made:
            self.loop.space.load_state_dict(each.heads)
            each.heads.clear()
            progress, record = self._settled(each, progress, goes_on=each is made[-1])
            records.append(record)
        self.progress = progress
        return records

    def _made(self, epoch: int, on_step: OnStep | None) -> _Made:
        started, epochs, loop = time.perf_counter(), self.config.planned_epochs, self.loop
        whole = epochs * loop.steps_per_epoch
        tell = None if on_step is None else lambda: on_step(Steps(epoch, epochs, loop.step, whole))
        means = loop.run_epoch(epoch, on_step=tell)
        return _Made(epoch=epoch, step=loop.step, means=means, seconds=time.perf_counter() - started)

    def _settled(
        self, made: _Made, before: TrainingProgress, *, goes_on: bool = True
    ) -> tuple[TrainingProgress, EpochRecord]:
        """Measure and save an epoch whose heads the loop holds; ``goes_on``: with what it takes to go on from it."""
        started = time.perf_counter()
        self._require_finite(made, saved=before.epoch)
        record = self.processes.same(lambda: self._measured(made.epoch, made.means))
        val = record.val
        progress = before.after(
            step=made.step,
            r1=None if val is None else val["t2a"]["R@1"],
            mrr=record.mean_mrr,
            loss=record.val_loss,
        )
        record = replace(record, seconds=made.seconds + time.perf_counter() - started)
        self.history.append(record)
        if self.after_epoch is not None:
            state, concluded = self.loop.state_dict() if goes_on else None, self.conclude is None
            self.after_epoch.save(progress, self.history, state, concluded=concluded)
        return progress, record

    def _measured(self, epoch: int, means: StepMeans) -> EpochRecord:
        assert self.after_epoch is not None  # the first process has it, and no other comes here
        return self.after_epoch.measure(epoch, means)

    def _require_finite(self, made: _Made, *, saved: int) -> None:
        """``saved``: the last epoch that is saved, 0 for none."""
        means, config = made.means, self.config
        if means.is_finite:
            return
        broken = Divergence(
            epoch=made.epoch,
            step=means.broke_at,
            steps=means.steps,
            lr=config.lr,
            temperature=config.temperature or 1.0,
        )
        if self.after_epoch is not None:
            self.after_epoch.diverged(broken)
        raise DivergedError(
            f"Training diverged in {broken}: mean loss {means.loss}, gradient norm {means.grad_norm}.",
            saved=saved,
            fix=f"Lower lr (now {config.lr:g}), or raise temperature (now {config.temperature:g}).",
        )
