"""The trackers of one training together: which there are, how they are found, and that none of them ends a training."""

from __future__ import annotations

import importlib
import importlib.util
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon.align.config import TRACKERS, TrainConfig
from antiphon.align.training.results.history import EpochRecord
from antiphon.align.training.results.trackers.tracker import Setting, TrackedRun, Tracker
from antiphon.errors import ConfigError

LOG = logging.getLogger(__name__)
ALWAYS = "tensorboard"
CLASSES = {ALWAYS: "TensorBoard", "trackio": "Trackio", "wandb": "Wandb"}
"""Tracker → its class in the module of that name beside this one."""


def require_trackers(names: Sequence[str]) -> None:
    """Refuse trackers whose packages are not installed.

    Raises
    ------
    ConfigError : one is not; nothing was imported.
    """
    for name in names:
        if importlib.util.find_spec(name) is None:
            raise ConfigError(
                f"log_to asks for {name}, which is not installed.",
                fix=f"pip install {name}; or leave {name} out of log_to: TensorBoard's curves are always written.",
            )


class Trackers:
    """All trackers of one training, as one.

    Parameters
    ----------
    run : the training.
    names : of trackers beside TensorBoard.

    Raises
    ------
    ConfigError : one cannot begin: it is not installed, or it says why.
    OSError : TensorBoard's folder cannot be written.
    """

    def __init__(self, run: TrackedRun, names: Sequence[str]) -> None:
        require_trackers(names)
        self._open: dict[str, Tracker] = {ALWAYS: _class(ALWAYS)(run)}
        for name in names:
            try:
                self._open[name] = _class(name)(run)
            except Exception as error:
                self.close()
                raise ConfigError(
                    f"{name} cannot begin: {type(error).__name__}: {error}",
                    fix=f"See what it needs, or leave {name} out of log_to.",
                ) from error

    def __enter__(self) -> Trackers:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def add(self, record: EpochRecord) -> None:
        """One more epoch."""
        self._each(lambda tracker: tracker.add(record))

    def conclude(self, final: Mapping[str, float]) -> None:
        """The training has come to its end."""
        self._each(lambda tracker: tracker.conclude(final))

    def close(self) -> None:
        """Nothing more comes; a second time does nothing."""
        self._each(lambda tracker: tracker.close())
        self._open = {}

    def _each(self, tell: Callable[[Tracker], None]) -> None:
        """A training never ends for its curves' sake: they can be drawn from the history."""
        for name, tracker in list(self._open.items()):
            try:
                tell(tracker)
            except Exception as error:  # whatever a tracker may raise
                del self._open[name]
                LOG.warning("No more curves in %s: %s. Training goes on; history.jsonl has every figure.", name, error)


def settings_of(config: TrainConfig, **more: Setting) -> dict[str, Setting]:
    """What trackers show as settings: all that were set or chosen, and ``more`` about the training."""
    chosen = {key: value for key, value in config.to_dict().items() if value is not None and key != "log_to"}
    return {**more, **chosen}


def tracked(root: Path, name: str, config: TrainConfig, history: Sequence[EpochRecord], **more: Setting) -> Trackers:
    """The trackers that a training's settings ask for, opened with its epochs up to now; errors as :class:`Trackers`.

    Parameters
    ----------
    more : about the training, shown beside its settings.
    """
    run = TrackedRun(root=Path(root), name=name, settings=settings_of(config, **more), history=tuple(history))
    return Trackers(run, config.log_to)


def _class(name: str) -> Any:
    assert name in (ALWAYS, *TRACKERS)
    return getattr(importlib.import_module(f"antiphon.align.training.results.trackers.{name}"), CLASSES[name])
