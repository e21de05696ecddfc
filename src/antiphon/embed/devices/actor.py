"""An engine with its encoders in a process of its own: one a device on this machine, any number on a cluster.

Nothing here imports Ray: it calls this.
"""

from __future__ import annotations

import atexit
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon.embed.loading import load_models, made_by
from antiphon.embed.target import Maker
from antiphon.embed.workers.engine import Engine
from antiphon.embed.workers.messages import NOTHING, Step, Task
from antiphon.errors import AntiphonError
from antiphon.registry import LoadOptions


@dataclass(frozen=True, kw_only=True)
class Orders:
    """What every actor is made for.

    Parameters
    ----------
    names : of the encoders.
    options : how to load them.
    jobs : decoding processes of one actor.
    batch_seconds : sound that a model hears at once, seconds.
    windows : those of the encoders whose window vectors are asked for.
    """

    names: tuple[str, ...]
    options: LoadOptions
    jobs: int
    batch_seconds: float
    windows: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Refused:
    """Why an actor cannot work at all, and what to do about it."""

    problem: str
    fix: str | None


def identities(names: Sequence[str], options: LoadOptions) -> list[Maker] | Refused:
    """What makes the vectors of some encoders on the machine where this is called: only there must weights be."""
    try:
        return made_by(names, load_models(names, options), options)
    except Exception as error:  # the reason must reach the caller in words, whatever it is
        return _refusal(error)


def _refusal(error: Exception) -> Refused:
    if isinstance(error, AntiphonError):
        return Refused(error.problem, error.fix)
    return Refused(f"An audio encoder could not be loaded: {type(error).__name__}: {error}", None)


class Actor:
    """Describes files with encoders that are loaded once.

    Parameters
    ----------
    orders : what to load.
    expected : fingerprints of the vectors, by encoder, for another machine may hold other weights under the same name;
        None where that cannot be.

    Attributes
    ----------
    refused : why it cannot work, or None.
    made_by : what makes its vectors, in the order of the names.
    """

    def __init__(self, orders: Orders, expected: Mapping[str, str] | None = None) -> None:
        self.refused: Refused | None = None
        self.made_by: list[Maker] = []
        try:
            models = load_models(orders.names, orders.options)
            self.made_by = made_by(orders.names, models, orders.options)
        except Exception as error:
            self.refused = _refusal(error)
            return
        made = [maker.provenance for maker in self.made_by]
        other = [m.encoder for m in made if expected is not None and m.fingerprint != expected[m.encoder]]
        if other:
            self.refused = Refused(
                f"The machines of the cluster hold different weights of '{other[0]}'.",
                "Bring the same files to all, or name them on shared storage: --weights FOLDER",
            )
            return
        self._engine = Engine(
            signal=[name for name in orders.names if name not in models],
            models=models,
            options=orders.options,
            jobs=orders.jobs,
            batch_seconds=orders.batch_seconds,
            windows=orders.windows,
        ).__enter__()
        atexit.register(self._engine.__exit__, None, None, None)

    def steps(self, tasks: Sequence[Task], more: Callable[[], Sequence[Task]] = tuple) -> Iterator[Step | Refused]:
        """As :meth:`Engine.run`, but without NOTHING, and what stops it is said in words."""
        if self.refused is not None:
            yield self.refused
            return
        try:
            yield from (step for step in self._engine.run(tasks, more) if step is not NOTHING)
        except AntiphonError as error:
            yield _refusal(error)

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Describe a batch of Ray's.

        Parameters
        ----------
        batch : column ``task``, pickled :class:`Task`.

        Yields
        ------
        Column ``step``, pickled :class:`~antiphon.embed.workers.messages.Step` or :class:`Refused`.
        """
        for step in self.steps([pickle.loads(task) for task in batch["task"]]):  # nosec B301 # of our own process
            yield {"step": [pickle.dumps(step)]}
