"""What is shown while trainings run: each epoch as it ends, and on a terminal a bar with the time left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from antiphon.align.training.results.history import EpochRecord, console_block, console_line
from antiphon.align.training.run import Steps
from antiphon.cli.output.console import ProgressBars
from antiphon.evaluate.doctor.watch import knows_nothing, most_urgent


class EpochLog:
    """What is shown while trainings run: each epoch as it ends, and on a terminal a bar with the time left.

    Parameters
    ----------
    form : ``"block"`` or ``"line"``; None for the bar alone.
    show : prints lines.
    begin : is called once, as soon as something is learned in steps: not where a training is refused or only solved.
    """

    def __init__(
        self,
        form: Literal["block", "line"] | None,
        show: Callable[[list[str]], None],
        begin: Callable[[], None] = lambda: None,
    ) -> None:
        self._form, self._show, self._begin = form, show, begin
        self._bars = ProgressBars()
        self._history: dict[str, list[EpochRecord]] = {}
        self._warned: set[tuple[str, str]] = set()
        self._epochs = 0

    def __enter__(self) -> EpochLog:
        return self

    def __exit__(self, *error: Any) -> None:
        self._bars.__exit__(*error)

    def step(self, label: str, steps: Steps) -> None:
        """One optimizer step was made."""
        self._begun()
        self._epochs = steps.epochs
        self._bars.update(label, steps.done, steps.total, f"epoch {steps.epoch} of {steps.epochs}")

    def _begun(self) -> None:
        begin, self._begin = self._begin, lambda: None
        begin()

    def epoch(self, label: str, record: EpochRecord) -> None:
        """One epoch has ended; what is wrong so far is said once."""
        self._begun()
        history = self._history.setdefault(label, [])
        history.append(record)
        if self._form is None:
            return
        first = [f"{label}:", knows_nothing(record)] if len(history) == 1 else []
        shown = (console_line if self._form == "line" else console_block)(record, self._epochs)
        self._show([*first, shown, *self._warning(label, history)])

    def _warning(self, label: str, history: list[EpochRecord]) -> list[str]:
        found = most_urgent(label, history)
        if found is None or (label, found.id) in self._warned:
            return []
        self._warned.add((label, found.id))
        return [f"! {found.title} ({found.evidence})."]
