"""The parts of ``evaluate`` that train again: grouped folds, and the learning curve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from antiphon.cli.output.console import note, say, say_json
from antiphon.errors import ConfigError
from antiphon.evaluate.folds.cross_validation import cross_validate


def refit_and_say(library: Path, checkpoint: Path, *, folds: int, json: bool) -> None:
    """Grouped folds of a training: progress to stderr, the result to stdout."""
    found = cross_validate(library, checkpoint, folds=folds, tell=note)
    if json:
        say_json(found.to_dict())
    else:
        say(found.lines())


def require_alone(asked: str, others: Mapping[str, bool]) -> None:
    """Refuse options that would mean nothing beside another one.

    Parameters
    ----------
    others : option → whether it was given.

    Raises
    ------
    ConfigError : one was.
    """
    given = [option for option, there in others.items() if there]
    if given:
        raise ConfigError(
            f"{asked} trains again and asks every captioned track: {' and '.join(given)} has no meaning there.",
            fix=f"Leave out {' and '.join(given)}, or {asked}.",
        )
