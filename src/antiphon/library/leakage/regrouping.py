"""Groups that are merged by what vectors show, after the library was made; and parted again when the evidence goes.

Vectors may be replaced, and what they showed may have been wrong: a script's placeholder is no copy of anything. So
merging is never done on top of merging. ``audit.json`` keeps, under ``regrouped``, the joins, and of every track that
they touch the group and split it has without them (``before``). Each time, all present joins are applied to that state
anew: joins that are no longer among them are withdrawn, and their tracks get their own group and split back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import pyarrow as pa

from antiphon.library.files import json_file, parquet, write_together
from antiphon.library.leakage.groups import Join, merge, read_audit
from antiphon.library.lock import only_writer
from antiphon.library.splits import earliest, leaked_shares, row_wise_leak, split_counts
from antiphon.library.tracks import SPLITS, SPLITS_FILE, Library
from antiphon.printed import Printed, counted

SHOWN = 20

NAME_SPLITS = "ingest again to fill it from train, or name tracks for it in the manifest's column split first."


@dataclass(frozen=True, kw_only=True)
class GroupMerge:
    """One merged group: ``parts`` are the ids it had, ``moved`` the tracks whose split changed, with the old split."""

    group: str
    parts: tuple[str, ...]
    split: str
    moved: dict[str, str]
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Merged:
    """Groups and splits after some joins.

    Parameters
    ----------
    groups, splits : (n,) of each track.
    joins : those that merge groups which are apart without them.
    changes : the merged groups.
    before : track id → (group, split) without the joins, of those for which it differs.
    """

    groups: list[str]
    splits: list[str]
    joins: tuple[Join, ...]
    changes: tuple[GroupMerge, ...]
    before: dict[str, tuple[str, str]]

    def record(self) -> dict[str, Any]:
        """What ``audit.json`` keeps of it, plain values."""
        return {
            "joins": [asdict(join) for join in self.joins],
            "changes": [asdict(change) for change in self.changes],
            "before": {track_id: list(state) for track_id, state in self.before.items()},
        }


def merge_joined(
    track_ids: Sequence[str], groups: Sequence[str], splits: Sequence[str], joins: Sequence[Join], *, move: bool = True
) -> Merged:
    """Merge groups; a merged group goes to the earliest of train < val < test that any of its parts has.

    Parameters
    ----------
    track_ids, groups, splits : (n,) without the joins.
    joins : evidence; one about a track that is not there is left out.
    move : False leaves every track in its split, for a library whose splits are kept.
    """
    group_of = dict(zip(track_ids, groups, strict=True))
    known = tuple(j for j in joins if j.a in group_of and j.b in group_of and group_of[j.a] != group_of[j.b])
    after = merge(track_ids, groups, known)
    changes = _changes(track_ids, groups, after, splits, known)
    split_of = {change.group: change.split for change in changes}
    now = [split_of.get(group, split) for group, split in zip(after, splits, strict=True)] if move else list(splits)
    states = zip(track_ids, zip(groups, splits, strict=True), zip(after, now, strict=True), strict=True)
    before = {track_id: was for track_id, was, new in states if was != new}
    return Merged(groups=after, splits=now, joins=known, changes=tuple(changes), before=before)


def _changes(
    track_ids: Sequence[str], before: Sequence[str], after: Sequence[str], splits: Sequence[str], joins: Sequence[Join]
) -> list[GroupMerge]:
    merged = {new for old, new in zip(before, after, strict=True) if new != old}  # called as one of their parts
    parts: dict[str, dict[str, None]] = {}
    members: dict[str, dict[str, str]] = {}
    new_of: dict[str, str] = {}
    for track_id, old, new, split in zip(track_ids, before, after, splits, strict=True):
        if new in merged:
            parts.setdefault(new, {})[old] = None
            members.setdefault(new, {})[track_id] = split
            new_of[track_id] = new
    reasons: dict[str, dict[str, None]] = {}
    for join in joins:
        reasons.setdefault(new_of[join.a], {})[join.reason] = None
    changes = []
    for group, olds in parts.items():
        split = earliest(list(members[group].values()))
        moved = {track_id: was for track_id, was in members[group].items() if was != split}
        why = tuple(reasons.get(group, {}))
        changes.append(GroupMerge(group=group, parts=tuple(olds), split=split, moved=moved, reasons=why))
    return changes


@dataclass(frozen=True, kw_only=True)
class Regrouping(Printed):
    """What :func:`regroup` did.

    Parameters
    ----------
    joins : new evidence that merged groups which were apart before.
    withdrawn : evidence of before that is there no more.
    changes : the groups that the new evidence merged.
    moved : track id → (split it had, split it has now).
    empty : splits that have no track left.
    """

    joins: tuple[Join, ...] = ()
    withdrawn: tuple[Join, ...] = ()
    changes: tuple[GroupMerge, ...] = ()
    moved: dict[str, tuple[str, str]]
    empty: tuple[str, ...] = ()

    def lines(self) -> list[str]:
        """Text for the console; nothing where nothing changed."""
        lines = []
        if self.joins:
            lines.append(f"{counted(len(self.joins), 'join')} merged groups; {_larger(len(self.changes))} now.")
            lines += _cut([f"  {join.a} and {join.b}: {join.reason} ({join.evidence})" for join in self.joins])
        if self.withdrawn:
            lines.append(
                f"{counted(len(self.withdrawn), 'join')} withdrawn: no vectors here show such a thing any more."
            )
            lines += _cut([f"  {join.a} and {join.b}: {join.reason} ({join.evidence})" for join in self.withdrawn])
        if self.moved:
            why = " or get their own back" if self.withdrawn else ""
            lines.append(f"{counted(len(self.moved), 'track')} changed split, so that no group is on two sides{why}:")
            lines += _cut([f"  {track_id}: {was} → {now}" for track_id, (was, now) in self.moved.items()])
            lines.append(
                "A checkpoint trained before this has seen other splits: train again before you report numbers."
            )
        return lines + [f"The {split} split is empty now: {NAME_SPLITS}" for split in self.empty]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def _larger(groups: int) -> str:
    return f"{counted(groups, 'group')} {'is' if groups == 1 else 'are'} larger"


def _cut(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return lines if more <= 0 else [*lines[:SHOWN], f"  … and {more} more, all in audit.json"]


def regroup(library: Library, joins: Sequence[Join]) -> Regrouping:
    """Merge groups of a library by these joins and no others, rewriting ``tracks.parquet`` and ``audit.json``.

    The opened ``library`` keeps the old columns: open it again to see the new ones. Doing it again changes nothing.

    Parameters
    ----------
    library : an opened library.
    joins : all present evidence from vectors; one about a track that is not there is left out.

    Raises
    ------
    LibraryError : another process is writing the library's tables.
    """
    with only_writer(library.root, "writing the tables of"):
        return _regroup(library, joins)


def _regroup(library: Library, joins: Sequence[Join]) -> Regrouping:
    audit = read_audit(library.root)
    track_ids, groups, splits = (library.column(name).tolist() for name in ("track_id", "group", "split"))
    told = joins_of_audit(audit)
    keep = bool(library.meta.get("keep_splits"))
    merged = merge_joined(track_ids, *unmerged(audit, track_ids, groups, splits), joins, move=not keep)
    done = _difference(track_ids, splits, told, merged)
    if not (done.joins or done.withdrawn or merged.groups != groups or done.moved):
        return Regrouping(moved={})
    table = library.track_table
    for name, values in (("group", merged.groups), ("split", merged.splits)):
        table = table.set_column(table.schema.get_field_index(name), name, pa.array(values, pa.string()))
    _note(audit, library, merged)
    writes = {"tracks.parquet": parquet(table), "audit.json": json_file(audit)}
    write_together(library.root, {**writes, SPLITS_FILE: parquet(table.select(["track_id", "group", "split"]))})
    return done


def _difference(track_ids: Sequence[str], had: Sequence[str], told: Sequence[Join], merged: Merged) -> Regrouping:
    before, now = {(j.a, j.b) for j in told}, {(j.a, j.b) for j in merged.joins}
    new = tuple(j for j in merged.joins if (j.a, j.b) not in before)
    touched = {track_id for join in new for track_id in (join.a, join.b)}
    group_of = dict(zip(track_ids, merged.groups, strict=True))
    larger = {group_of[track_id] for track_id in touched}
    return Regrouping(
        joins=new,
        withdrawn=tuple(j for j in told if (j.a, j.b) not in now and j.a in group_of and j.b in group_of),
        changes=tuple(change for change in merged.changes if change.group in larger),
        moved={t: (w, n) for t, w, n in zip(track_ids, had, merged.splits, strict=True) if w != n},
        empty=tuple(split for split in SPLITS if split in had and split not in merged.splits),
    )


def _note(audit: dict[str, Any], library: Library, merged: Merged) -> None:
    """Put the joins into the audit, from where the next ingest takes them again, and the counts that they change.

    Captions are the manifest's, as in the rest of the audit: those that Antiphon makes come and go.
    """
    own = library.manifest_captions
    owners, kinds = own.column("track_id").to_pylist(), own.column("kind").to_pylist()
    everyone, people = Counter(owners), Counter(o for o, kind in zip(owners, kinds, strict=True) if kind == "human")
    captions, asking = (
        [each[track] for track in library.column("track_id")] for each in (everyone, people or everyone)
    )
    audit["regrouped"] = merged.record()
    audit["splits"] = split_counts(merged.groups, merged.splits, captions, asking)
    audit["groups"] = len(set(merged.groups))
    audit["row_wise_leak"] = row_wise_leak(merged.groups, captions)
    audit["leaked"] = leaked_shares(merged.groups, merged.splits, captions)


def unmerged(
    audit: Mapping[str, Any], track_ids: Sequence[str], groups: Sequence[str], splits: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Groups and splits as they are without the joins of an audit.

    Parameters
    ----------
    audit : of the library.
    track_ids, groups, splits : (n,) of the library's tracks, or, for one that is new, anything.
    """
    told = _told(audit)
    before = told["before"] if isinstance(told.get("before"), dict) else _before_of_old(told)
    states = [_state(before.get(track_id)) for track_id in track_ids]
    return (
        [group if state[0] is None else state[0] for group, state in zip(groups, states, strict=True)],
        [split if state[1] is None else state[1] for split, state in zip(splits, states, strict=True)],
    )


def _state(told: Any) -> tuple[str | None, str | None]:
    """(group, split) of an audit's entry; None where it says nothing that can be used."""
    if not isinstance(told, list | tuple) or len(told) != 2:
        return None, None
    group, split = told
    return group if isinstance(group, str) else None, split if split in SPLITS else None


def _told(audit: Mapping[str, Any]) -> dict[str, Any]:
    told = audit.get("regrouped")
    return told if isinstance(told, dict) else {}


def _before_of_old(told: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    """Audits of older versions say of tracks that changed their split which one they had; groups are not known."""
    before: dict[str, tuple[str | None, str | None]] = {}
    changes = told.get("changes")
    for change in changes if isinstance(changes, list) else []:
        moved = change.get("moved") if isinstance(change, dict) else None
        for track_id, split in moved.items() if isinstance(moved, dict) else ():
            before.setdefault(track_id, (None, split))
    return before


def joins_of_audit(audit: Mapping[str, Any]) -> list[Join]:
    """The joins that :func:`regroup` recorded in a library's audit; entries of another shape are left out."""
    names = {field.name for field in fields(Join)}
    found = []
    told = _told(audit).get("joins")
    for values in told if isinstance(told, list) else []:
        texts = isinstance(values, dict) and all(isinstance(value, str) for value in values.values())
        if texts and {"a", "b", "reason", "evidence"} <= values.keys() <= names:
            found.append(Join(**values))
    return found


def joins_with_vectors(root: Path, joins: Sequence[Join]) -> list[Join]:
    """Those of some joins whose vectors are still in a library's folder."""
    folder = root / "embeddings" / "audio"
    there = {path.parent.name for path in folder.glob("*/provenance.json")}
    return [join for join in joins if not join.source or set(join.source.split("+")) <= there]
