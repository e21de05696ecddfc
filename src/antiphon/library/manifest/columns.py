"""Which column of a user's table means what.

Names match whatever their case, and a space or hyphen counts as an underscore. Where two columns mean the same, the
one that stands earlier in :data:`ALIASES` is used and the other is reported as ignored.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

ALIASES: dict[str, tuple[str, ...]] = {
    "id": ("id", "track_id", "ytid", "key"),
    "audio": ("audio", "path", "file", "file_name", "audio_path", "location", "filepath"),
    "caption": ("caption", "text", "description", "main_caption"),
    "captions": ("captions",),
    "title": ("title",),
    "artist": ("artist",),
    "album": ("album",),
    "group": ("group", "split_group", "parent", "artist_id"),
    "split": ("split",),
}
ALTERNATIVE = "alt_caption"
NEAR_MISS = 0.8


@dataclass(frozen=True, kw_only=True)
class Columns:
    """The meaning of a table's columns.

    Parameters
    ----------
    roles : role ("id", "audio", "caption", …) → the column's own name.
    alternatives : columns with further captions, in the table's order.
    ignored : columns that mean nothing here.
    hints : ignored column → the known name that it resembles.
    """

    roles: dict[str, str]
    alternatives: tuple[str, ...]
    ignored: tuple[str, ...]
    hints: dict[str, str]

    @property
    def texts(self) -> tuple[str, ...]:
        """Columns that hold captions: caption, captions, then the alternatives."""
        main = tuple(self.roles[role] for role in ("caption", "captions") if role in self.roles)
        return main + self.alternatives


def plain_name(name: str) -> str:
    """A column's name as it is compared."""
    return name.strip().strip("\ufeff").strip().casefold().replace(" ", "_").replace("-", "_")


def match_columns(names: Sequence[str]) -> Columns:
    """Find the role of each column; ``names`` as they stand in the table."""
    by_name: dict[str, str] = {}
    for name in names:
        by_name.setdefault(plain_name(name), name)
    roles: dict[str, str] = {}
    for role, aliases in ALIASES.items():
        found = next((by_name[alias] for alias in aliases if alias in by_name), None)
        if found is not None:
            roles[role] = found
    alternatives = tuple(name for plain, name in by_name.items() if plain.startswith(ALTERNATIVE))
    used = {*roles.values(), *alternatives}
    ignored = tuple(name for name in names if name not in used)
    return Columns(roles=roles, alternatives=alternatives, ignored=ignored, hints=_hints(ignored))


def _hints(ignored: Sequence[str]) -> dict[str, str]:
    known = [alias for aliases in ALIASES.values() for alias in aliases]
    hints = {}
    for name in ignored:
        plain = plain_name(name)
        close = difflib.get_close_matches(plain, known, n=1, cutoff=NEAR_MISS)
        if close and close[0] != plain:
            hints[name] = close[0]
    return hints
