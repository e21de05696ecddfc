"""Groups: tracks that must stay on one side of a split, and why.

A track's group is, in this order, what the manifest says, its artist, or the track itself. Evidence found later that
two tracks are relatives (:class:`Join`) merges their groups. A group's id names its origin, ``artist:…`` or
``track:…``, except where the manifest names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from antiphon.library.files import read_json
from antiphon.library.leakage.artists import UNKNOWN, known_artist
from antiphon.library.manifest.cells.words import is_nothing
from antiphon.texts import normalised_text


@dataclass(frozen=True, kw_only=True)
class Join:
    """Evidence that two tracks belong into one group.

    Parameters
    ----------
    a, b : track ids.
    reason : the kind of evidence, a short noun phrase ("same file content", "paraphrased caption", …).
    evidence : what was seen, for a person to check ("cosine 0.998 in timbre", the two captions, …).
    source : the encoders whose vectors show it, joined by "+"; "" for evidence that does not come from vectors.
    """

    a: str
    b: str
    reason: str
    evidence: str
    source: str = ""


class Forest:
    """Union-find over strings; the smallest member represents its set, so that the result does not depend on order."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}

    def find(self, item: str) -> str:
        """The representative of ``item``'s set."""
        root = item
        while (parent := self._parent.get(root, root)) != root:
            root = parent
        while (parent := self._parent.get(item, item)) != root:
            self._parent[item] = root
            item = parent
        return root

    def union(self, a: str, b: str) -> bool:
        """Merge two sets; False where they were one already."""
        low, high = sorted((self.find(a), self.find(b)))
        self._parent[high] = low
        return low != high


def base_group(*, track_id: str, group: str = "", artist: str = "") -> str:
    """The group of a track before any join."""
    if not is_nothing(group) and normalised_text(group) not in UNKNOWN:
        return group
    name = known_artist(artist)
    return f"artist:{name}" if name else f"track:{track_id}"


def merge(track_ids: Sequence[str], groups: Sequence[str], joins: Iterable[Join]) -> list[str]:
    """The group of each track after ``joins``; a merged group is called as the smallest of its parts.

    Parameters
    ----------
    track_ids, groups : (n,).
    joins : evidence; one about a track that is not there is left out.
    """
    joins = list(joins)
    if not joins:
        return list(groups)
    group_of = dict(zip(track_ids, groups, strict=True))
    forest = Forest()
    for join in joins:
        if join.a in group_of and join.b in group_of:
            forest.union(group_of[join.a], group_of[join.b])
    return [forest.find(group) for group in groups]


def read_audit(root: Path) -> dict[str, Any]:
    """``audit.json`` of a library; empty where there is none or it is damaged."""
    try:
        audit = read_json(root / "audit.json")
    except (OSError, ValueError, RecursionError):
        return {}
    return audit if isinstance(audit, dict) else {}
