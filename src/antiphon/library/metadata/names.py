"""Names of fields: as the table writes them, as far as a column can be called so."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

LONGEST = 200
NAMELESS = "column"


def plain_name(name: str) -> str:
    """A field's name as it is compared."""
    return name.strip().strip("\ufeff").strip().casefold().replace(" ", "_").replace("-", "_")


def unique_names(names: Sequence[str], *, taken: Sequence[str] = ()) -> dict[str, str]:
    """A name for each that any program can read: printable, not too long, no two alike.

    Parameters
    ----------
    taken : names that none of them can have.
    """
    used = set(taken)
    found: dict[str, str] = {}
    for name in names:
        first = wanted = _printable(name)
        number = 1
        while wanted in used:
            number += 1
            wanted = f"{first}_{number}"
        used.add(wanted)
        found[name] = wanted
    return found


def _printable(name: str) -> str:
    whole = name.encode("utf-8", "replace").decode("utf-8")
    shown = "".join(" " if unicodedata.category(mark) in ("Cc", "Zl", "Zp") else mark for mark in whole)
    return " ".join(shown.strip("\ufeff").split())[:LONGEST] or NAMELESS
