"""Values of options, as they were typed, before the parser makes something else of them in silence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from cyclopts import UNSET

from antiphon.errors import ConfigError


def require_whole(_app: object, _commands: object, arguments: Any) -> None:
    """Refuse a fraction where an option takes a whole number, which would be rounded; for ``config`` of an app.

    Parameters
    ----------
    arguments : a command's options, each with its type and with what was typed for it.

    Raises
    ------
    ConfigError : one is a fraction.
    """
    for option, value, kinds in _typed(arguments):
        if int in kinds and not kinds & {float, str}:
            whole, dot, _ = value.partition(".")
            if dot:
                example = whole if whole.removeprefix("-").isdecimal() else 1
                raise ConfigError(f"{option} takes a whole number, not '{value}'.", fix=f"{option} {example}")


def require_places(_app: object, _commands: object, arguments: Any) -> None:
    """Refuse an empty path, which would mean the current folder, and an option's empty text; for ``config`` of an app.

    Parameters
    ----------
    arguments : as of :func:`require_whole`.

    Raises
    ------
    ConfigError : one is empty, as that of a variable that is not set is.
    """
    for option, value, kinds in _typed(arguments):
        if Path in kinds and not value:
            raise ConfigError(
                f"{option} is empty: is it a variable that is not set?", fix="Name a path; the current folder is '.'."
            )
        if option.startswith("-") and str in kinds and not value.strip():
            raise ConfigError(
                f"{option} is empty: is it a variable that is not set?", fix=f"Give {option} a value, or leave it out."
            )


def _typed(arguments: Any) -> Iterator[tuple[str, str, set[Any]]]:
    """Each value that was typed: its option, the value, and all types that the option's type is made of."""
    for argument in arguments:
        kinds = set(_made_of(argument.hint))
        for token in argument.tokens:
            if token.implicit_value is not UNSET:
                continue  # an option alone: a switch, or a list of none
            yield token.keyword or argument.name.lstrip("-").upper(), token.value, kinds


def _made_of(hint: Any) -> Iterator[Any]:
    yield hint
    for part in get_args(hint):
        yield from _made_of(part)
