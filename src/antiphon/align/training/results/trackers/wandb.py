"""Weights & Biases, offline unless its own ``WANDB_MODE`` says otherwise: ``logs/wandb`` of the library.

``wandb sync`` sends an offline run when its owner wants that. A training that goes on is the same run (its id stands
in ``runs/NAME/wandb_id``), with all epochs up to now: what W&B has of it already, it passes over. A training that
replaces another is a new run.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from antiphon.align.checkpoint.paths import run_folder
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.tracker import TrackedRun, scalars
from antiphon.library.files import write_text

REPORTS = "WANDB_ERROR_REPORTING"
"""Its makers get metrics and errors of the package by this, of offline runs too, unless it is false when it loads."""


class Wandb:
    """One training as a run of the project that is called like the library's folder."""

    def __init__(self, run: TrackedRun) -> None:
        os.environ.setdefault(REPORTS, "false")
        import wandb  # only who asks for it has it

        folder = run.root / "logs"
        folder.mkdir(parents=True, exist_ok=True)
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT") or run.project,
            name=run.name,
            id=_id(run),
            dir=str(folder),
            mode=os.environ.get("WANDB_MODE") or "offline",
            resume="allow",
            config=dict(run.settings),
            settings=wandb.Settings(silent=True, console="off", disable_git=True, save_code=False),
        )
        self._concluded = False
        if self._run.offline:
            _remove_earlier(folder / "wandb", self._run.id, but=Path(self._run.dir).parent)
        for record in run.history:
            self.add(record)

    def add(self, record: EpochRecord) -> None:
        """One point on every curve."""
        self._run.log(scalars(record), step=record.epoch)

    def conclude(self, final: Mapping[str, float]) -> None:
        """The final figures, as the run's summary."""
        self._run.summary.update(dict(final))
        self._concluded = True

    def close(self) -> None:
        """Write what is still in memory; a run that was stopped does not count as finished."""
        self._run.finish(exit_code=0 if self._concluded else 1)


def _id(run: TrackedRun) -> str:
    """The run's id at W&B: a new one for a training that begins."""
    path: Path = run_folder(run.root, run.name) / "wandb_id"
    if run.history and path.is_file():
        return path.read_text(encoding="utf-8").strip()
    made = secrets.token_hex(8)
    write_text(path, made + "\n")
    return made


def _remove_earlier(folder: Path, this: str, *, but: Path) -> None:
    """Remove offline parts of the same run: a new one has all epochs, and two would be sent as doubled points."""
    for path in folder.glob(f"offline-run-*-{this}*"):
        if path.resolve() != but.resolve():
            shutil.rmtree(path, ignore_errors=True)
