"""What the tags of a library's files came to, and that in words."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from antiphon.printed import counted

LISTED = 1000
"""Files with a trouble that are listed; all are counted."""
SHOWN = 5
FIELDS_SHOWN = 14
ENCODINGS = {"cp1251": "Windows-1251", "koi8-r": "KOI8-R", "cp1253": "Windows-1253", "cp1252": "Windows-1252"}
FOLDER_WORDS = ("artist", "album", "title")


@dataclass(frozen=True, kw_only=True)
class MovedFile:
    """A track's file that is elsewhere than at the last ingest."""

    track_id: str
    was: str
    now: str

    def __str__(self) -> str:
        called = "" if self.track_id == self.was else f" (track {self.track_id})"
        return f"{self.was} → {self.now}{called}"


@dataclass(kw_only=True)
class TagReport:
    """What reading the files of a library found.

    Parameters
    ----------
    wanted : whether tags were looked at.
    files, read, tagged : sound files; those opened now, the others are as they were; those with any tag.
    fields : tag → files that have it, most first.
    filled : "title", "artist", "album" → tracks that have it from tags; "album artist": those whose artist it became.
    from_folders : the same from the names of folders and files.
    repaired : encoding → files whose texts were stored in it and labelled otherwise.
    doubtful : file → a text that looks wrong and was left as it is.
    unreadable : file → why its tags could not be read.
    counts : how many files there are of both, listed or not.
    left_out : texts in tags that are pictures or a program's data.
    new : files that the library did not have; None where it is new, or its tracks are named otherwise.
    back, gone : files that are there again; that are no longer there.
    moved : tracks whose files have moved.
    """

    wanted: bool = True
    files: int = 0
    read: int = 0
    tagged: int = 0
    fields: dict[str, int] = field(default_factory=dict)
    filled: dict[str, int] = field(default_factory=dict)
    from_folders: dict[str, int] = field(default_factory=dict)
    repaired: dict[str, int] = field(default_factory=dict)
    doubtful: dict[str, str] = field(default_factory=dict)
    unreadable: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    left_out: int = 0
    new: int | None = None
    back: int = 0
    gone: int = 0
    moved: tuple[MovedFile, ...] = ()

    def list_doubtful(self, path: str, text: str) -> None:
        """A file's texts look wrong, and nobody can tell what they are."""
        self._list("doubtful", self.doubtful, path, text[:80])

    def list_unreadable(self, path: str, why: str) -> None:
        """A file's tags could not be read."""
        self._list("unreadable", self.unreadable, path, why)

    def _list(self, kind: str, listed: dict[str, str], path: str, said: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(listed) < LISTED:
            listed[path] = said

    def lines(self) -> list[str]:
        """Text for the console; nothing about a library without sound files."""
        if not self.files:
            return []
        return [*self._moved_lines(), *self._tag_lines(), *self._folder_lines(), *self._trouble_lines()]

    def _moved_lines(self) -> list[str]:
        if self.new is None:
            return []
        same = self.files - self.new - len(self.moved)
        back = f" ({self.back:,} of these had been gone)" if self.back else ""
        counts = f"{same:,} where they were, {len(self.moved):,} moved{back}, {self.new:,} new, {self.gone:,} gone."
        lines = [f"Files since the last ingest: {counts}"]
        if self.moved:
            lines += [f"  {moved}" for moved in self.moved[:SHOWN]]
            more = len(self.moved) - SHOWN
            lines += [f"  … and {more:,} more, all in audit.json"] if more > 0 else []
            lines.append("  A track whose file has moved keeps its id, split and vectors.")
        return lines

    def _tag_lines(self) -> list[str]:
        if not self.wanted:
            return []
        share = 100 * self.tagged / self.files
        again = f"; {self.files - self.read:,} unchanged since they were read" if self.read < self.files else ""
        lines = [f"Tags: {self.tagged:,} of {counted(self.files, 'file')} have some ({share:.0f} %){again}."]
        if self.fields:
            told = [f"{name} {_percent(n, self.files)}" for name, n in list(self.fields.items())[:FIELDS_SHOWN]]
            more = len(self.fields) - FIELDS_SHOWN
            lines.append(f"  {', '.join(told)}{f' and {more} more' if more > 0 else ''}: all in metadata.parquet")
        if self.filled:
            told = [f"{name} of {n:,}" for name, n in self.filled.items() if name != "album artist"]
            of_album = self.filled.get("album artist", 0)
            by_album = f"; the album's artist became the artist of {counted(of_album, 'track')}" if of_album else ""
            lines.append(f"  Filled from tags, where nothing else says it: {', '.join(told) or 'nothing'}{by_album}")
        return lines

    def _folder_lines(self) -> list[str]:
        if not self.from_folders:
            return []
        told = ", ".join(
            f"{name} of {self.from_folders[name]:,}" for name in FOLDER_WORDS if self.from_folders.get(name)
        )
        return [f"  Filled from the names of folders and files, where there is no tag: {told}"]

    def _trouble_lines(self) -> list[str]:
        lines = []
        if self.repaired:
            told = ", ".join(f"{ENCODINGS.get(name, name.upper())} ({n:,})" for name, n in self.repaired.items())
            lines.append(f"  Repaired: texts that were not in the encoding that their tags name: {told}")
        if self.left_out:
            lines.append(f"  Left out: {counted(self.left_out, 'text')} of pictures or of a program's own data")
        if doubtful := self.counts.get("doubtful", 0):
            lines.append(
                f"  {counted(doubtful, 'file')} with texts in an encoding that nobody can tell, left as they are:"
            )
            lines += self._some(self.doubtful, doubtful)
        if unreadable := self.counts.get("unreadable", 0):
            kinds = Counter(self.unreadable.values())
            of = f"of the first {len(self.unreadable):,} " if unreadable > len(self.unreadable) else ""
            lines.append(f"  {counted(unreadable, 'file')} with tags that cannot be read ({of}{_kinds(kinds)}):")
            lines += self._some(self.unreadable, unreadable)
        return lines

    def _some(self, listed: dict[str, str], number: int) -> list[str]:
        lines = [f"    {path}: {said}" for path, said in list(listed.items())[:SHOWN]]
        more = number - len(lines)
        return [*lines, f"    … and {more:,} more, listed in audit.json"] if more > 0 else lines


def _percent(number: int, of: int) -> str:
    share = 100 * number / of
    return f"{share:.0f} %" if share >= 1 else "< 1 %"


def _kinds(kinds: Counter[str]) -> str:
    told = [f"{number:,} × {kind}" for kind, number in kinds.most_common(2)]
    return ", ".join([*told, "…"] if len(kinds) > 2 else told)
