"""One job as it is shown."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from antiphon.search.server.jobs.steps import Kind, Step

State = Literal["waiting", "running", "done", "failed", "cancelled"]
SETTLES_S = 3.0
"""Seconds of some work before its pace says anything."""


@dataclass
class Job:
    """A job; changed by the thread that runs it, and read by others.

    Parameters
    ----------
    id : from 1, of this server.
    kind : what it does.
    on_its_own : whether the job that comes after it follows without being asked for.
    step : the command at work.
    done, total : how much of the work at hand is done; 0 of 0 where that is not known.
    message : what it is at; of one that failed why.
    fix : of one that failed, what to do.
    clock : tells the time, seconds.
    """

    id: int
    kind: Kind
    on_its_own: bool = False
    state: State = "waiting"
    step: Step = ""
    done: int = 0
    total: int = 0
    message: str = ""
    fix: str | None = None
    clock: Callable[[], float] = time.monotonic
    _since: tuple[float, int] = field(default=(0.0, 0), repr=False)

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self.state in ("done", "failed", "cancelled")

    def begin(self, step: Step) -> None:
        """The next command begins; how far it is has to be told yet."""
        self.step = step
        self.tell("", 0, 0)

    def tell(self, what: str, done: int, total: int) -> None:
        """How far it is."""
        if what != self.message or done < self.done:
            self._since = (self.clock(), done)
        self.message, self.done, self.total = what, done, total

    @property
    def eta_seconds(self) -> float | None:
        """How long the work at hand still takes at its pace so far; None where that cannot be told yet."""
        began, first = self._since
        elapsed = self.clock() - began
        if self.state != "running" or self.done <= first or elapsed < SETTLES_S:
            return None
        return round(elapsed * (self.total - self.done) / (self.done - first), 1)

    def to_dict(self) -> dict[str, Any]:
        """As it is shown."""
        return {
            "id": self.id,
            "kind": self.kind,
            "state": self.state,
            "step": self.step,
            "done": self.done,
            "total": self.total,
            "eta_seconds": self.eta_seconds,
            "message": self.message,
            "fix": self.fix,
        }
