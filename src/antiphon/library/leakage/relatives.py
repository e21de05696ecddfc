"""Which track is the reason that another had to move, or is its relative on another side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import cached_property

from antiphon.library.leakage.groups import Join


class Relatives:
    """The graph of groups: tracks of one group are relatives, and joins make relatives of groups.

    It is put together when a relative is first asked for: in most libraries no track has moved.

    Parameters
    ----------
    track_ids, groups : (n,) each track and its group before any join.
    joins : evidence; one about a track that is not there is left out.
    """

    def __init__(self, track_ids: Sequence[str], groups: Sequence[str], joins: Sequence[Join]) -> None:
        self._track_ids, self._groups, self._joins = track_ids, groups, joins

    @cached_property
    def _group_of(self) -> dict[str, str]:
        return dict(zip(self._track_ids, self._groups, strict=True))

    @cached_property
    def _members(self) -> dict[str, list[str]]:
        members: dict[str, list[str]] = {}
        for track_id, group in self._group_of.items():
            members.setdefault(group, []).append(track_id)
        return members

    @cached_property
    def _edges(self) -> dict[str, list[tuple[str, str, str]]]:
        edges: dict[str, list[tuple[str, str, str]]] = {}
        for join in self._joins:
            a, b = self._group_of.get(join.a), self._group_of.get(join.b)
            if a is not None and b is not None:
                edges.setdefault(a, []).append((b, join.b, join.reason))
                edges.setdefault(b, []).append((a, join.a, join.reason))
        return edges

    def nearest(self, track_id: str, wanted: Callable[[str], bool]) -> tuple[str, str]:
        """The relative of a track for which ``wanted`` holds, with the fewest joins between, and what makes it one.

        Returns
        -------
        (its id, the reason), both "" where there is none.
        """
        start = self._group_of[track_id]
        found = next((other for other in self._members[start] if other != track_id and wanted(other)), "")
        if found:
            return found, _same(start)
        seen = {start}
        waiting: deque[tuple[str, tuple[str, ...]]] = deque([(start, ())])
        while waiting:
            group, reasons = waiting.popleft()
            for other_group, end, reason in self._edges.get(group, []):
                if other_group in seen:
                    continue
                seen.add(other_group)
                so_far = (*reasons, reason)
                candidates = (t for t in (end, *self._members[other_group]) if wanted(t))
                if found := next(candidates, ""):
                    return found, " and ".join(dict.fromkeys(so_far))
                waiting.append((other_group, so_far))
        return "", ""


def _same(group: str) -> str:
    return "same artist" if group.startswith("artist:") else f"same group '{group}'"
