"""TensorBoard: ``logs/tensorboard/NAME``, one run a training, with its settings and final figures.

Each opening writes one new file with all epochs up to now, then removes the older ones: TensorBoard keeps the first
settings it reads of a run, and those of a training that was replaced must not outlive it. Restored epochs get the
times that they would have had without a pause. What the test split says comes later, from ``antiphon evaluate``, as a
small file of its own.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antiphon.align.checkpoint.paths import curves_folder
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.event_file import EventFile
from antiphon.align.training.results.trackers.hyperparameters import END, session_end, session_start
from antiphon.align.training.results.trackers.tracker import TrackedRun, figures_on_test, scalars

FILES = "events.out.tfevents.*"
TEST = ".test"
"""Ending of files with what the test split says."""


class TensorBoard:
    """Curves, settings and final figures of one training.

    Nothing is touched before there is something to draw: a training that would replace another one and is stopped
    before its first epoch leaves that other one whole.
    """

    def __init__(self, run: TrackedRun) -> None:
        self._run = run
        self._file: EventFile | None = None
        self._epoch = run.history[-1].epoch if run.history else 0

    def add(self, record: EpochRecord) -> None:
        """One point on every curve, on disk when this returns."""
        self._opened().add(record.epoch, scalars(record))
        self._epoch = record.epoch

    def conclude(self, final: Mapping[str, float]) -> None:
        """The final figures, at the last epoch."""
        self._opened().add(self._epoch, final)
        self._opened().add(self._epoch, session_end(time.time()))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> EventFile:
        """The file, with all epochs up to now, in place of older ones."""
        if self._file is None:
            folder = curves_folder(self._run.root, self._run.name)
            older = sorted(folder.glob(FILES))
            self._file = EventFile(folder, first_step=0)
            self._restore(self._file)
            for path in older:
                path.unlink(missing_ok=True)
        return self._file

    def _restore(self, file: EventFile) -> None:
        run = self._run
        ended = time.time() - sum(record.seconds for record in run.history)
        file.add(0, session_start(run.name, run.settings, ended))
        for record in run.history:
            ended += record.seconds
            file.add(record.epoch, scalars(record), at=ended)


def is_complete(root: Path, name: str) -> bool:
    """Whether the curves of a training that has come to its end are all there."""
    return any(END.encode() in path.read_bytes() for path in curves_folder(root, name).glob(FILES) if path.is_file())


def add_test(root: Path, name: str, result: Mapping[str, Any]) -> None:
    """Put the figures of the test split beside a training's curves, in place of earlier ones.

    Parameters
    ----------
    root, name : library folder and name of the training; without curves of it nothing is written.
    result : as ``test_metrics.json`` has it.

    Raises
    ------
    OSError : it cannot be written.
    """
    folder = curves_folder(root, name)
    if not any(folder.glob(FILES)):
        return
    older = sorted(folder.glob(FILES + TEST))
    file = EventFile(folder, ending=TEST)
    file.add(int(result["epoch"]), figures_on_test(result))
    file.close()
    for path in older:
        path.unlink(missing_ok=True)
