"""Which tracks are in another split than the manifest, or the library before, put them in; and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from antiphon.library.leakage.audit_record import Leak, Moved
from antiphon.library.leakage.relatives import Relatives
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.splits import Assignment
from antiphon.library.tracks import SPLITS

NO_RELATIVE = "the vectors that had moved it show no relative any more"
SAYS_SO = "the manifest says so"


def moves_of(
    entries: Sequence[Entry],
    splits: Sequence[str],
    had: Mapping[str, str],
    groups: Sequence[str],
    assigned: Assignment,
    relatives: Relatives,
) -> list[Moved]:
    """All tracks that moved, first those that left the split which the manifest names.

    Parameters
    ----------
    entries, splits, groups : (n,) each track, its split now, and its group in ``assigned``.
    had : track id → split in the library before.
    """
    sides = _Sides(entries, splits, had, relatives)
    from_manifest: list[Moved] = []
    from_library: list[Moved] = []
    for entry, group, new in zip(entries, groups, splits, strict=True):
        track_id = entry.track_id
        if entry.splits and entry.splits != {new}:
            reason, partner = sides.why(track_id, new)
            if group in assigned.filled:
                reason, partner = f"{new} would have been empty", ""
            elif len(entry.splits) > 1 and new in entry.splits:
                reason, partner = "its rows name several splits", ""
            was = ", ".join(split for split in SPLITS if split in entry.splits)
            from_manifest.append(_moved(track_id, was, new, reason, partner, "manifest"))
        was = had.get(track_id, "")
        if was and was != new:
            if group in assigned.filled:
                reason, partner = f"{new} would have been empty", ""
            else:
                reason, partner = (SAYS_SO, "") if new in entry.splits else sides.why(track_id, new)
            from_library.append(_moved(track_id, was, new, reason or NO_RELATIVE, partner, "library"))
    return [*from_manifest, *from_library]


def _moved(track_id: str, was: str, now: str, reason: str, partner: str, source: str) -> Moved:
    return Moved(track_id=track_id, was=was, now=now, reason=reason, partner=partner, source=source)


class _Sides:
    """Where each track stands, is said to stand, and stood; by its id, once somebody asks."""

    def __init__(
        self, entries: Sequence[Entry], splits: Sequence[str], had: Mapping[str, str], relatives: Relatives
    ) -> None:
        self._entries, self._splits, self._had, self._relatives = entries, splits, had, relatives

    @cached_property
    def _now(self) -> dict[str, tuple[str, frozenset[str]]]:
        return {entry.track_id: (split, entry.splits) for entry, split in zip(self._entries, self._splits, strict=True)}

    def why(self, track_id: str, new: str) -> tuple[str, str]:
        """(reason, the relative that was in the new split before)."""

        def stood_there(other: str) -> bool:
            now, said = self._now[other]
            return now == new and (new in said or self._had.get(other) == new)

        partner, reason = self._relatives.nearest(track_id, stood_there)
        return reason, partner


def leaks_of(
    track_ids: Sequence[str], splits: Sequence[str], groups: Sequence[str], relatives: Relatives
) -> list[Leak]:
    """Tracks of val and test that have a relative in an earlier split, which only happens where splits are kept.

    Parameters
    ----------
    track_ids, splits, groups : (n,); groups after all joins.
    """
    first: dict[str, str] = {}
    mixed = {group for group, split in zip(groups, splits, strict=True) if first.setdefault(group, split) != split}
    if not mixed:
        return []
    sides: dict[str, set[str]] = {group: set() for group in mixed}
    for group, split in zip(groups, splits, strict=True):
        if group in mixed:
            sides[group].add(split)
    now = dict(zip(track_ids, splits, strict=True))
    leaks = []
    for track_id, split, group in zip(track_ids, splits, groups, strict=True):
        earlier = set(SPLITS[: SPLITS.index(split)]) & sides.get(group, set())
        if earlier:
            partner, reason = relatives.nearest(track_id, _in(now, earlier))
            other = now.get(partner, "")
            leaks.append(Leak(track_id=track_id, split=split, partner=partner, partner_split=other, reason=reason))
    return leaks


def _in(now: Mapping[str, str], sides: set[str]) -> Callable[[str], bool]:
    return lambda track_id: now[track_id] in sides
