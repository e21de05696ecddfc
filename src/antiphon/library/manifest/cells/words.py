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


PLACEHOLDERS = frozenset(
    {
        *("tbd", "tba", "todo", "to do", "to be done", "fixme", "placeholder", "pending", "lorem ipsum", "xxx", "…"),
        *("no caption", "no captions", "no description", "no text", "no tags", "not available", "unavailable"),
        *("missing", "caption", "description", "caption here", "insert caption", "untagged", "undescribed", "empty"),
        *(
            "not described",
            "not yet described",
            "to be described",
            "-",
            "--",
            "---",
            "?",
            "??",
            "???",
            "…",
            "..",
            "...",
        ),
    }
)
"""What people write where they mean to write a caption later, case folded."""


def is_placeholder(text: str) -> bool:
    """Whether a caption is one of these words and nothing else."""
    return text.strip(" \t[]()<>.!").casefold() in PLACEHOLDERS or text.strip().casefold() in PLACEHOLDERS
