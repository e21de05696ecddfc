"""What runs on a cluster's machines: one engine an actor, fed with batches of files by Ray Data.

Nothing here imports Ray: it calls this.
"""

from __future__ import annotations

import atexit
import pickle
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from antiphon import registry
from antiphon.embed.engine import Engine
from antiphon.embed.messages import NOTHING, Task
from antiphon.embed.target import provenance_of
from antiphon.embed.tracks import load_models
from antiphon.errors import AntiphonError
from antiphon.library.provenance import Provenance
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
    """

    names: tuple[str, ...]
    options: LoadOptions
    jobs: int
    batch_seconds: float


@dataclass(frozen=True)
class Refused:
    """Why an actor cannot work at all, and what to do about it."""

    problem: str
    fix: str | None


def identities(names: Sequence[str], options: LoadOptions) -> list[Provenance] | Refused:
    """What makes the vectors of some encoders on the machine where this is called: only there must weights be."""
    try:
        models = load_models(names, options)
        cards = {name: models[name].card if name in models else registry.find(name, "audio").card for name in names}
        return [provenance_of(card, models.get(name), options) for name, card in cards.items()]
    except Exception as error:  # the reason must reach the caller in words, whatever it is
        return _refusal(error)


def _refusal(error: Exception) -> Refused:
    if isinstance(error, AntiphonError):
        return Refused(error.problem, error.fix)
    return Refused(f"An audio encoder could not be loaded: {type(error).__name__}: {error}", None)


class Actor:
    """Describes files, batch after batch, with encoders that are loaded once.

    Parameters
    ----------
    orders : what to load.
    expected : fingerprints of the vectors, by encoder: another machine may hold other weights under the same name.
    """

    def __init__(self, orders: Orders, expected: dict[str, str]) -> None:
        self._refused: Refused | None = None
        try:
            models = load_models(orders.names, orders.options)
            for name, model in models.items():
                self._require(name, provenance_of(model.card, model, orders.options).fingerprint == expected[name])
        except Exception as error:
            self._refused = _refusal(error)
            return
        self._engine = Engine(
            signal=[name for name in orders.names if name not in models],
            models=models,
            options=orders.options,
            jobs=orders.jobs,
            batch_seconds=orders.batch_seconds,
        ).__enter__()
        atexit.register(self._engine.__exit__, None, None, None)

    def _require(self, name: str, same: bool) -> None:
        if not same and self._refused is None:
            self._refused = Refused(
                f"The machines of the cluster hold different weights of '{name}'.",
                "Bring the same files to all, or name them on shared storage: --weights FOLDER",
            )

    def __call__(self, batch: dict[str, Any]) -> Iterator[dict[str, list[bytes]]]:
        """Describe a batch.

        Parameters
        ----------
        batch : column ``task``, pickled :class:`Task`.

        Yields
        ------
        Column ``step``, pickled :class:`~antiphon.embed.messages.Step` or :class:`Refused`.
        """
        if self._refused is not None:
            yield {"step": [pickle.dumps(self._refused)]}
            return
        tasks: list[Task] = [pickle.loads(task) for task in batch["task"]]
        try:
            for step in self._engine.run(tasks):
                if step is not NOTHING:
                    yield {"step": [pickle.dumps(step)]}
        except AntiphonError as error:
            yield {"step": [pickle.dumps(Refused(error.problem, error.fix))]}
