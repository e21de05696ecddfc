"""Whole numbers of options, as they were typed: 1.5 is none, where the parser would round it in silence."""

from __future__ import annotations

from typing import Any, get_args

from antiphon.errors import ConfigError


def require_whole(_app: object, _commands: object, arguments: Any) -> None:
    """Refuse a fraction where an option takes a whole number; for ``config`` of a :class:`cyclopts.App`.

    Parameters
    ----------
    arguments : a command's options, each with its type and with what was typed for it.

    Raises
    ------
    ConfigError : one is a fraction.
    """
    for argument in arguments:
        kinds = {argument.hint, *get_args(argument.hint)}
        if int not in kinds or float in kinds:
            continue
        for token in argument.tokens:
            whole, dot, _ = token.value.partition(".")
            if dot:
                option = token.keyword or argument.name
                raise ConfigError(f"{option} takes a whole number, not '{token.value}'.", fix=f"{option} {whole or 1}")
