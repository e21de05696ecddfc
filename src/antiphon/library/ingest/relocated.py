"""Files that have moved since the last ingest: their tracks keep id, split and vectors.

Where a manifest has no ids, a track's id is the path of its file when it came in. A track is known again, in this
order, by the content of its file, by its path (the file was changed in place), by what its tags say it is (it was moved
and changed). Only files that are gone from where they were can have moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from antiphon.library.tags.ledger import TagLedger, identity_of
from antiphon.library.tags.report import MovedFile


@dataclass(frozen=True, kw_only=True)
class Identified:
    """The ids of the files of an ingest.

    Parameters
    ----------
    track_ids : (n,).
    moved : tracks whose files are elsewhere now.
    new, back, gone : files that the library never had; that had been gone; that are gone since the last ingest.
    away : rows of the ledger whose files are gone, whenever that was.
    """

    track_ids: list[str]
    moved: tuple[MovedFile, ...] = ()
    new: int = 0
    back: int = 0
    gone: int = 0
    away: tuple[int, ...] = ()


def identify(
    natural: Sequence[str],
    paths: Sequence[str],
    contents: Sequence[str],
    line_of: Callable[[int], str],
    before: TagLedger,
) -> Identified:
    """Give each file the id that it had, wherever it was.

    Parameters
    ----------
    natural : (n,) the id that each would have in a new library.
    paths, contents : (n,) paths as in ``tracks.parquet``, and hashes of their content, "" where it says nothing.
    line_of : number → what was read of a file.
    before : the files of the last ingest.
    """
    matching = _Matching(paths, contents, before)
    matching.by_key(list(contents), before.column("content"))
    matching.by_path()
    if matching.old_left and matching.new_left:
        now = [identity_of(line_of(i)) if i in matching.new_left else "" for i in range(len(paths))]
        lines = before.column("read")
        then = [identity_of(line) if row in matching.old_left else "" for row, line in enumerate(lines)]
        matching.by_key(now, then)
    return _named(natural, paths, matching, before)


class _Matching:
    def __init__(self, paths: Sequence[str], contents: Sequence[str], before: TagLedger) -> None:
        self.found: dict[int, int] = {}
        """Number of a file → its row in the ledger."""
        self._paths, self._before = paths, before
        self._old_paths = before.column("path")
        old = before.column("content")
        for number, path in enumerate(paths):
            row = before.row_of.get(path)
            if row is not None and old[row] == contents[number]:
                self.found[number] = row
        self.new_left = set(range(len(paths))) - set(self.found)
        self.old_left = set(range(before.rows.num_rows)) - set(self.found.values())

    def _match(self, number: int, row: int) -> None:
        self.found[number] = row
        self.new_left.discard(number)
        self.old_left.discard(row)

    def by_path(self) -> None:
        for number in sorted(self.new_left):
            row = self._before.row_of.get(self._paths[number])
            if row in self.old_left and row is not None:
                self._match(number, row)

    def by_key(self, now: Sequence[str], then: Sequence[str]) -> None:
        """Match what has an equal key, of several first those with the same file name."""
        rows: dict[str, list[int]] = {}
        for row in sorted(self.old_left):
            if then[row]:
                rows.setdefault(then[row], []).append(row)
        numbers = [number for number in sorted(self.new_left) if now[number] in rows]
        for number in numbers:
            same_name = (r for r in rows[now[number]] if _name(self._old_paths[r]) == _name(self._paths[number]))
            if (same := next(same_name, None)) is not None:
                rows[now[number]].remove(same)
                self._match(number, same)
        for number in numbers:
            if number in self.new_left and rows[now[number]]:
                self._match(number, rows[now[number]].pop(0))


def _name(path: str) -> str:
    return PurePosixPath(path).name.casefold()


def _named(natural: Sequence[str], paths: Sequence[str], matching: _Matching, before: TagLedger) -> Identified:
    """Ids as they were; a new file whose path is another track's id by now gets a number behind it."""
    old_ids, old_paths = before.column("track_id"), before.column("path")
    here, found = before.rows.column("here").to_pylist(), matching.found
    ids = {number: old_ids[row] for number, row in found.items()}
    used = {*ids.values(), *(old_ids[row] for row in matching.old_left)}
    for number, wanted in enumerate(natural):
        if number not in ids:
            track_id, count = wanted, 1
            while track_id in used:
                count += 1
                track_id = f"{wanted}~{count}"
            used.add(track_id)
            ids[number] = track_id
    return Identified(
        track_ids=[ids[n] for n in range(len(natural))],
        moved=tuple(
            MovedFile(track_id=old_ids[row], was=old_paths[row], now=paths[n])
            for n, row in sorted(found.items())
            if old_paths[row] != paths[n]
        ),
        new=len(natural) - len(found),
        back=sum(not here[row] for row in found.values()),
        gone=sum(here[row] for row in matching.old_left),
        away=tuple(sorted(matching.old_left)),
    )
