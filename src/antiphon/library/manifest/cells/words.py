"""The words that programs write where a cell was empty: one list, asked for every role of a column."""

from __future__ import annotations

NOTHING = frozenset(
    {
        *("", "nan", "-nan", "none", "null", "nil", "nat", "<na>", "na", "n/a", "n.a.", "#n/a", "#na", "#n/a n/a"),
        *("#null!", "#value!", "#ref!", "#name?", "#div/0!", "1.#ind", "1.#qnan", "-1.#ind", "-1.#qnan", "undefined"),
        *(r"\n", "(null)", "<null>", "[null]", "(none)", "<none>", "[none]"),
    }
)
"""What pandas, R, Excel, JavaScript and databases write for a missing value, case folded."""


def is_nothing(text: str) -> bool:
    """Whether a text stands for an empty cell. ``None`` and ``Null`` count too, where a title might be called so."""
    return text.strip().casefold() in NOTHING
