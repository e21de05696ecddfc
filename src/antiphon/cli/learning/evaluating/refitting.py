"""The parts of ``evaluate`` that train again: grouped folds, and the learning curve."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from antiphon.cli.output.console import note, say
from antiphon.cli.output.table_files import give
from antiphon.errors import ConfigError
from antiphon.evaluate.folds.cross_validation import CrossValidation, cross_validate, require_several
from antiphon.evaluate.folds.learning_curve import LearningCurve, learning_curve
from antiphon.evaluate.tables.written import Format


def refit_and_say(
    library: Path, checkpoint: Path, *, folds: int | None, curve: bool, form: Format | None, out: Path | None
) -> None:
    """Grouped folds of a training, or its learning curve: progress to stderr, the result to stdout or a file."""
    if folds is not None:
        require_several(folds)
    found: CrossValidation | LearningCurve
    if curve:
        found = learning_curve(library, checkpoint, folds=folds or 0, tell=note)
    else:
        found = cross_validate(library, checkpoint, folds=folds or 0, tell=note)
    give(found, form, out, lambda: say(found.lines()))


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
