"""What is wrong with an expression, and where in it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from antiphon.errors import ConfigError

SHOWN = 100
"""Characters of an expression that are shown around the place."""
LONGEST = 60
"""Characters up to which a text is taken for a misspelt one: to compare longer ones takes time and tells little."""


def complaint(expression: str, start: int, end: int, problem: str, *, fix: str) -> ConfigError:
    """An error that shows the expression, with marks below the characters from ``start`` to ``end``."""
    first = max(0, min(start - SHOWN // 2, len(expression) - SHOWN))
    shown = "".join(" " if mark.isspace() else mark for mark in expression[first : first + SHOWN])
    length = max(1, min(end, first + SHOWN) - start)
    return ConfigError(f"{problem}\n  {shown}\n  {' ' * (start - first)}{'^' * length}", fix=fix)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The one of some names that is most like a word, as far as one is; None for a long one."""
    if len(word) > LONGEST:
        return None
    by_plain = {choice.casefold(): choice for choice in choices if len(choice) <= 2 * LONGEST}
    found = difflib.get_close_matches(word.casefold(), list(by_plain), n=1, cutoff=0.6)
    return by_plain[found[0]] if found else None
