"""Groups: tracks that must stay on one side of a split, and why.

A track's group is, in this order, what the manifest says, its artist, or the track itself. Evidence found later that
two tracks are relatives (:class:`Join`) merges their groups. A group's id names its origin, ``artist:…`` or
``track:…``, except where the manifest names it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from antiphon.library.files import parquet, to_json, utf8, write_together
from antiphon.library.splits import earliest, row_wise_leak, split_counts
from antiphon.library.tracks import SPLITS, Library, normalised_text

SHOWN = 20

UNKNOWN_ARTISTS = frozenset(
    {"", "unknown", "unknown artist", "various", "various artists", "va", "v.a.", "n/a", "na", "none", "null", "-", "?"}
    | {"<unknown>", "[unknown]", "no artist", "anonymous", "traditional"}
)
FEATURING = re.compile(r"[\s(\[]+(?:feat\.?|ft\.?|featuring)\s.*$")


@dataclass(frozen=True, kw_only=True)
class Join:
    """Evidence that two tracks belong into one group.

    Parameters
    ----------
    a, b : track ids.
    reason : the kind of evidence, a short noun phrase ("same file content", "paraphrased caption", …).
    evidence : what was seen, for a person to check ("cosine 0.998 in timbre", the two captions, …).
    """

    a: str
    b: str
    reason: str
    evidence: str


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


def known_artist(artist: str) -> str:
    """The form in which two artists count as the same, "" where the artist is not known."""
    name = FEATURING.sub("", normalised_text(artist)).strip()
    return "" if name in UNKNOWN_ARTISTS else name


def base_group(*, track_id: str, group: str = "", artist: str = "") -> str:
    """The group of a track before any join."""
    if group:
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
    group_of = dict(zip(track_ids, groups, strict=True))
    forest = Forest()
    for join in joins:
        if join.a in group_of and join.b in group_of:
            forest.union(group_of[join.a], group_of[join.b])
    return [forest.find(group) for group in groups]


@dataclass(frozen=True, kw_only=True)
class Change:
    """One merged group: ``parts`` are the ids it had, ``moved`` the tracks whose split changed, with the old split."""

    group: str
    parts: tuple[str, ...]
    split: str
    moved: dict[str, str]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Regrouping:
    """What :func:`regroup` did.

    Parameters
    ----------
    joins : the evidence that merged groups which were apart before.
    changes : the merged groups.
    empty : splits that have no track left.
    """

    joins: tuple[Join, ...]
    changes: tuple[Change, ...]
    empty: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Text for the console; nothing where nothing changed."""
        if not self.changes:
            return []
        moved = sum(len(change.moved) for change in self.changes)
        lines = [f"{len(self.joins)} joins merged groups; {len(self.changes)} groups are larger now."]
        lines += [f"  {join.a} and {join.b}: {join.reason} ({join.evidence})" for join in self.joins[:SHOWN]]
        if len(self.joins) > SHOWN:
            lines.append(f"  … and {len(self.joins) - SHOWN} more, all in audit.json")
        if moved:
            lines.append(f"{moved} tracks changed their split, so that no group is on two sides:")
            listed = [f"  {t}: {was} → {change.split}" for change in self.changes for t, was in change.moved.items()]
            lines += listed[:SHOWN]
            lines += [f"  … and {len(listed) - SHOWN} more, all in audit.json"] if len(listed) > SHOWN else []
            lines.append(
                "A checkpoint trained before this has seen other splits: train again before you report numbers."
            )
        lines += [f"The {split} split is empty now." for split in self.empty]
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def regroup(library: Library, joins: Sequence[Join]) -> Regrouping:
    """Merge groups of a library after the fact, rewriting ``tracks.parquet`` and ``audit.json`` atomically.

    A merged group goes to the earliest of train < val < test that any of its parts had. The opened ``library`` keeps
    the old columns: open it again to see the new ones. Doing it again changes nothing.

    Parameters
    ----------
    library : an opened library.
    joins : evidence; one about a track that is not there is left out.
    """
    track_ids, splits = library.column("track_id").tolist(), library.column("split").tolist()
    before = library.column("group").tolist()
    group_of = dict(zip(track_ids, before, strict=True))
    known = [j for j in joins if j.a in group_of and j.b in group_of and group_of[j.a] != group_of[j.b]]
    after = merge(track_ids, before, known)
    changes = _changes(track_ids, before, after, splits, known)
    if not changes:
        return Regrouping(joins=(), changes=())
    split_of = {change.group: change.split for change in changes}
    now = [split_of.get(group, split) for group, split in zip(after, splits, strict=True)]
    table = library.track_table
    for name, values in (("group", after), ("split", now)):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.string()))
    empty = tuple(split for split in SPLITS if split in splits and split not in now)
    done = Regrouping(joins=tuple(known), changes=tuple(changes), empty=empty)
    audit = _recorded(library, done, after, now)
    write_together(library.root, {"tracks.parquet": parquet(table), "audit.json": utf8(to_json(audit))})
    return done


def _changes(
    track_ids: Sequence[str], before: Sequence[str], after: Sequence[str], splits: Sequence[str], joins: Sequence[Join]
) -> list[Change]:
    parts: dict[str, dict[str, None]] = {}
    members: dict[str, dict[str, str]] = {}
    for track_id, old, new, split in zip(track_ids, before, after, splits, strict=True):
        parts.setdefault(new, {})[old] = None
        members.setdefault(new, {})[track_id] = split
    reasons: dict[str, dict[str, None]] = {}
    new_of = dict(zip(track_ids, after, strict=True))
    for join in joins:
        reasons.setdefault(new_of[join.a], {})[join.reason] = None
    changes = []
    for group, olds in parts.items():
        if len(olds) > 1:
            split = earliest(list(members[group].values()))
            moved = {track_id: was for track_id, was in members[group].items() if was != split}
            why = tuple(reasons.get(group, {}))
            changes.append(Change(group=group, parts=tuple(olds), split=split, moved=moved, reasons=why))
    return changes


def _recorded(library: Library, done: Regrouping, groups: Sequence[str], splits: Sequence[str]) -> dict[str, Any]:
    """The audit with what was done, from where the next ingest takes these joins again."""
    audit = read_audit(library.root)
    told = audit.setdefault("regrouped", {"joins": [], "changes": []})
    told["joins"] += [asdict(join) for join in done.joins]
    told["changes"] += [asdict(change) for change in done.changes]
    owners = Counter(library.caption_column("track_id").tolist())
    captions = [owners[track_id] for track_id in library.column("track_id")]
    audit["splits"] = split_counts(groups, splits, captions)
    audit["groups"] = len(set(groups))
    audit["row_wise_leak"] = row_wise_leak(groups, captions)
    return audit


def read_audit(root: Path) -> dict[str, Any]:
    """``audit.json`` of a library; empty where there is none or it is damaged."""
    try:
        audit = json.loads((root / "audit.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return audit if isinstance(audit, dict) else {}


def joins_of_audit(audit: dict[str, Any]) -> list[Join]:
    """The joins that :func:`regroup` recorded in a library's audit."""
    told = audit.get("regrouped") or {}
    return [Join(**values) for values in told.get("joins", [])]
