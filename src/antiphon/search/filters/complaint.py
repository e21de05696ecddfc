"""What is wrong with an expression, and where in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from antiphon.errors import ConfigError

SHOWN = 100
"""Characters of an expression that are shown around the place."""


def complaint(expression: str, start: int, end: int, problem: str, *, fix: str) -> ConfigError:
    """An error that shows the expression, with marks below the characters from ``start`` to ``end``."""
    first = max(0, min(start - SHOWN // 2, len(expression) - SHOWN))
    shown = "".join(" " if mark.isspace() else mark for mark in expression[first : first + SHOWN])
    length = max(1, min(end, first + SHOWN) - start)
    return ConfigError(f"{problem}\n  {shown}\n  {' ' * (start - first)}{'^' * length}", fix=fix)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The one of some names that is most like a word, as far as one is."""
    by_plain = {choice.casefold(): choice for choice in choices}
    found = difflib.get_close_matches(word.casefold(), list(by_plain), n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None
