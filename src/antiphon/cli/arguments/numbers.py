"""Numbers of an option that takes several: they stand beside one another, with no commas."""

from __future__ import annotations

from collections.abc import Sequence

from cyclopts import Token

from antiphon.errors import ConfigError


def whole_numbers(_: object, tokens: Sequence[Token]) -> tuple[int, ...]:
    """What was typed, as whole numbers.

    Raises
    ------
    ConfigError : something is none; of numbers with commas the fix says how they are typed.
    """
    try:
        return tuple(int(token.value) for token in tokens)
    except ValueError as error:
        option, typed = tokens[0].keyword or "The numbers", [token.value for token in tokens]
        words = " ".join(typed).replace(",", " ").split()
        meant = words if words and all(word.isdecimal() for word in words) else ["1", "5", "10"]
        raise ConfigError(
            f"{option} takes whole numbers with spaces between them, not '{' '.join(typed)}'.",
            fix=f"{option} {' '.join(meant)}",
        ) from error
