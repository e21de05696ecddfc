"""What is shown while trainings run: each epoch as it ends, and on a terminal a bar with the time left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from antiphon.align.training.results.history import EpochRecord, console_block, console_line
from antiphon.align.training.run import Steps
from antiphon.cli.output.console import ProgressBars


class EpochLog:
    """What is shown while trainings run: each epoch as it ends, and on a terminal a bar with the time left.

    Parameters
    ----------
    form : ``"block"`` or ``"line"``; None for the bar alone.
    show : prints lines.
    """

    def __init__(self, form: Literal["block", "line"] | None, show: Callable[[list[str]], None]) -> None:
        self._form, self._show = form, show
        self._bars = ProgressBars()
        self._named: set[str] = set()
        self._epochs = 0

    def __enter__(self) -> EpochLog:
        return self

    def __exit__(self, *error: Any) -> None:
        self._bars.__exit__(*error)

    def step(self, label: str, steps: Steps) -> None:
        """One optimizer step was made."""
        self._epochs = steps.epochs
        self._bars.update(label, steps.done, steps.total, f"epoch {steps.epoch} of {steps.epochs}")

    def epoch(self, label: str, record: EpochRecord) -> None:
        """One epoch has ended."""
        if self._form is None:
            return
        name = [] if label in self._named else [f"{label}:"]
        self._named.add(label)
        self._show([*name, (console_line if self._form == "line" else console_block)(record, self._epochs)])
