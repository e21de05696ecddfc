"""trackio (Hugging Face): curves in a file on this machine, shown by ``trackio show``.

Nothing leaves the machine unless trackio itself is told where to (``TRACKIO_SPACE_ID``, ``TRACKIO_SERVER_URL``).
A local run of the same name is replaced, with all epochs up to now.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Mapping
from typing import Any

from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.tracker import TrackedRun, scalars

ELSEWHERE = ("TRACKIO_SPACE_ID", "TRACKIO_SERVER_URL")


class Trackio:
    """One training as a run of the project that is called like the library's folder."""

    def __init__(self, run: TrackedRun) -> None:
        import trackio  # only who asks for it has it

        replaced = _runs_called(trackio, run)
        sent = any(os.environ.get(name) for name in ELSEWHERE)
        with contextlib.redirect_stdout(io.StringIO()):  # results alone go to stdout
            self._run = trackio.init(
                project=run.project,
                name=run.name,
                config=dict(run.settings),
                resume="allow" if sent and run.history else "never",
                embed=False,
                auto_log_gpu=False,
                auto_log_cpu=False,
            )
        self._trackio, self._replaced = trackio, replaced
        self._epoch = run.history[-1].epoch if run.history else 0
        for record in () if sent else run.history:  # what was sent is there already
            self._log(record)

    def add(self, record: EpochRecord) -> None:
        """One point on every curve; before the first, what was drawn of a training of this name leaves."""
        while self._replaced:
            self._replaced.pop().delete()
        self._log(record)

    def _log(self, record: EpochRecord) -> None:
        self._epoch = record.epoch
        self._run.log(scalars(record), step=record.epoch)

    def conclude(self, final: Mapping[str, float]) -> None:
        """The final figures, at the last epoch."""
        self._run.log(dict(final), step=self._epoch)

    def close(self) -> None:
        """Write what is still in memory."""
        with contextlib.redirect_stdout(io.StringIO()):
            self._trackio.finish()


def _runs_called(trackio: Any, run: TrackedRun) -> list[Any]:
    """Runs of this name on this machine."""
    try:
        return [each for each in trackio.Api().runs(run.project) if each.name == run.name]
    except ValueError:  # there is no such project
        return []
