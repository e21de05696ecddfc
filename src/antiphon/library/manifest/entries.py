"""A user's table of tracks and captions, read, checked and merged into one entry a track.

Every form ends here: columns get their meaning, paths are checked, rows of one id become one track with several
captions, and whatever cannot be used is listed as a :class:`~antiphon.library.manifest.table.Problem`, never dropped in
silence.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.errors import ManifestError
from antiphon.library.addresses import is_address
from antiphon.library.manifest.cells import id_of, text_of, texts_of
from antiphon.library.manifest.columns import ALIASES, Columns, match_columns
from antiphon.library.manifest.folders import manifest_hash, read_tables
from antiphon.library.manifest.table import Problem, Table
from antiphon.library.splits import split_name
from antiphon.library.tracks import normalised_text

SHOWN = 20
DETAILS = ("title", "artist", "album", "group")


@dataclass(kw_only=True)
class Entry:
    """One track of a manifest: what its rows say, merged. ``size`` is its file's, in bytes (−1 without audio)."""

    track_id: str
    where: str
    path: str = ""
    size: int = -1
    rows: int = 1
    details: dict[str, str] = field(default_factory=dict)
    splits: set[str] = field(default_factory=set)
    captions: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a manifest says.

    Parameters
    ----------
    path, sha256 : the file or folder, and the hash of its tables.
    audio_root : folder that relative paths start from.
    entries : one a track, in the order of the manifest.
    problems : what could not be used, in the order of the manifest.
    notes : columns that were ignored, files that no row names, and the like.
    rows : rows read, unusable ones included.
    """

    path: Path
    sha256: str
    audio_root: Path
    entries: list[Entry]
    problems: list[Problem]
    notes: list[str]
    rows: int


def read_manifest(path: Path, audio_out: Path) -> Manifest:
    """Read and check a manifest of any form.

    Parameters
    ----------
    path : a table or a folder.
    audio_out : where sound that is embedded in the manifest is written.

    Raises
    ------
    ManifestError : it cannot be read at all, lacks the columns that are needed, or none of its rows can be used.
    """
    tables = read_tables(path, audio_out)
    root = (path if path.is_dir() else path.parent).resolve()
    reading = _Reading(root, audio_out.parent.resolve())
    for table in tables:
        reading.add(table)
    if not reading.entries:
        raise _nothing_left(path, reading)
    return Manifest(
        path=path.resolve(),
        sha256=manifest_hash(path),
        audio_root=root,
        entries=list(reading.entries.values()),
        problems=reading.problems,
        notes=list(dict.fromkeys(reading.notes)),
        rows=reading.rows,
    )


def require_clean(problems: Sequence[Problem], path: Path) -> None:
    """Refuse a manifest that has any problem.

    Raises
    ------
    ManifestError : there is one; the message lists them all.
    """
    if problems:
        listed = "".join(f"\n  {problem}" for problem in problems)
        raise ManifestError(
            f"{path} has {len(problems)} {'problem' if len(problems) == 1 else 'problems'}:{listed}",
            fix="Mend them, or run without --strict to leave these rows out.",
        )


class _Reading:
    """The state of reading one manifest."""

    def __init__(self, root: Path, library: Path) -> None:
        self.root = root
        self._start = str(root)
        self._written = str(library / "audio") + os.sep
        self.entries: dict[str, Entry] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.rows = 0
        self._seen: dict[str, set[str]] = {}

    def add(self, table: Table) -> None:
        columns = match_columns(list(table.columns))
        self.problems += table.problems
        self.notes += [*table.notes, *_column_notes(table, columns)]
        self.rows += len(table.lines) + sum(p.effect.endswith("skipped") for p in table.problems)
        _require_columns(table, columns)
        prefix = os.path.relpath(table.base.resolve(), self.root)
        for row in range(len(table.lines)):
            self._add_row(table, columns, row, "" if prefix == "." else prefix)

    def _problem(self, table: Table, row: int, column: str, kind: str, problem: str, fix: str, effect: str) -> None:
        self.problems.append(
            Problem(where=table.where(row), column=column, kind=kind, problem=problem, fix=fix, effect=effect)
        )

    def _add_row(self, table: Table, columns: Columns, row: int, prefix: str) -> None:
        found = self._identify(table, columns, row, prefix)
        if found is None:
            return
        track_id, path, size = found
        entry = self.entries.get(track_id)
        if entry is None:
            entry = Entry(track_id=track_id, where=table.where(row), path=path, size=size)
            self.entries[track_id] = entry
        elif path and entry.path and path != entry.path:
            said = f"'{track_id}' stands for '{entry.path}' already ({entry.where}), here for '{path}'"
            self._problem(
                table,
                row,
                columns.roles["audio"],
                "conflicting path",
                said,
                "Give each file its own id.",
                "row skipped",
            )
            return
        else:
            entry.rows += 1
            if not entry.path:
                entry.path, entry.size = path, size
        self._add_details(table, columns, row, entry)
        self._add_split(table, columns, row, entry)
        self._add_captions(table, columns, row, entry)

    def _identify(self, table: Table, columns: Columns, row: int, prefix: str) -> tuple[str, str, int] | None:
        """(track id, path, size of the file), None where the row cannot be used."""
        id_column, audio_column = columns.roles.get("id"), columns.roles.get("audio")
        track_id = id_of(table.columns[id_column][row]) if id_column else ""
        path = id_of(table.columns[audio_column][row]) if audio_column else ""
        if prefix and path and not is_address(path) and not Path(path).is_absolute():
            path = f"{prefix}/{path}"
        if audio_column and not path:
            self._problem(table, row, audio_column, "missing file", "no path", "Write the file's path.", "row skipped")
            return None
        if id_column and not track_id:
            self._problem(table, row, id_column, "missing id", "no id", "Write an id.", "row skipped")
            return None
        address = is_address(
            path
        )  # whether something is there, embedding finds out: asking a storage 50,000 times is slow
        size = self._size(path) if path and not address else -1
        if path and not address and size < 0:
            said = f"there is no file {self.root / path}"
            fix = f"Paths start from {self.root}, or are absolute."
            self._problem(table, row, audio_column or "", "missing file", said, fix, "row skipped")
            return None
        track_id = track_id or self._id_from(path)
        if any(mark in track_id for mark in "\n\r\x00"):
            said = f"the id {track_id!r} has a line break in it"
            self._problem(table, row, id_column or "", "bad id", said, "Use ids of one line.", "row skipped")
            return None
        return track_id, path, size

    def _size(self, path: str) -> int:
        try:
            info = os.stat(os.path.join(self._start, path))  # noqa: PTH116, PTH118 (five times as fast)
        except (OSError, ValueError):
            return -1
        return info.st_size if info.st_mode & 0o170000 == 0o100000 else -1

    def _id_from(self, path: str) -> str:
        """A path as an id; sound that was written into the library goes by its name there, wherever that is."""
        return path.removeprefix(self._written)

    def _add_details(self, table: Table, columns: Columns, row: int, entry: Entry) -> None:
        for role in DETAILS:
            if role not in columns.roles:
                continue
            value = text_of(table.columns[columns.roles[role]][row])
            first = entry.details.setdefault(role, value) or value
            entry.details[role] = first
            if value and value != first:
                said = f"'{entry.track_id}' has '{first}' already, here '{value}'"
                fix = "Write the same in all rows of one id."
                self._problem(table, row, columns.roles[role], f"conflicting {role}", said, fix, "the first is used")

    def _add_split(self, table: Table, columns: Columns, row: int, entry: Entry) -> None:
        column = columns.roles.get("split")
        text = (id_of(table.columns[column][row]) if column else "") or table.split
        split = split_name(text) if text else None
        if split:
            entry.splits.add(split)
        elif text:
            said, fix = f"'{text}' is no split", "Use train, val or test."
            self._problem(table, row, column or "", "unknown split", said, fix, "split chosen by the hash")

    def _add_captions(self, table: Table, columns: Columns, row: int, entry: Entry) -> None:
        added = 0
        seen = self._seen.setdefault(entry.track_id, set())
        for column in columns.texts:
            texts = texts_of(table.columns[column][row], parse=True)
            if texts is None:
                said, fix = "the cell starts with [ but is no JSON list", 'Write ["one caption", "another"].'
                texts = [text_of(table.columns[column][row])]
                self._problem(table, row, column, "broken list", said, fix, "taken as one caption")
            for text in texts:
                key = normalised_text(text)
                if key and key not in seen:
                    seen.add(key)
                    entry.captions.append(text)
                elif key:
                    said = f"'{entry.track_id}' has this caption already: {text[:60]}"
                    self._problem(table, row, column, "repeated caption", said, "Leave it out.", "kept once")
                added += bool(key)
        if columns.texts and not added:
            effect = "kept without this caption" if entry.captions else "kept without a caption"
            self._problem(table, row, columns.texts[0], "empty caption", "no text", "Write a caption.", effect)


def _column_notes(table: Table, columns: Columns) -> list[str]:
    notes = []
    for name in columns.ignored:
        hint = columns.hints.get(name)
        notes.append(
            f"{table.file}: column '{name}' is not used." + (f" Did you mean '{hint}'? Then rename it." if hint else "")
        )
    if not columns.texts:
        notes.append(f"{table.file} has no captions: it can be searched, but nothing can be trained on it.")
    return notes


def _require_columns(table: Table, columns: Columns) -> None:
    has = ", ".join(f"'{name}'" for name in table.columns) or "none"
    lacking = "audio" if not {"audio", "id"} & columns.roles.keys() else "caption" if not columns.texts else ""
    close = [f"'{name}' (did you mean '{hint}'?)" for name, hint in columns.hints.items() if hint in _names(lacking)]
    if lacking == "audio" or (lacking and close):
        raise ManifestError(
            f"{table.file} has no column for {'audio and none for ids' if lacking == 'audio' else 'captions'}. "
            f"Its columns: {has}.",
            fix=f"Rename {close[0]}." if close else f"Name a column one of: {', '.join(_names(lacking))}.",
        )


def _names(lacking: str) -> tuple[str, ...]:
    if lacking == "audio":
        return ALIASES["audio"] + ALIASES["id"]
    return ALIASES["caption"] + ALIASES["captions"] if lacking else ()


def _nothing_left(path: Path, reading: _Reading) -> ManifestError:
    if not reading.problems:
        return ManifestError(f"{path} has no rows.", fix="Write one row for each track.")
    kinds = Counter(problem.kind for problem in reading.problems)
    listed = "".join(f"\n  {problem}" for problem in reading.problems[:SHOWN])
    fix = "Mend the rows listed above."
    if kinds["missing file"] == len(reading.problems):
        fix = (
            f"Paths start from {reading.root}: write them relative to it, or absolute. "
            "For vectors without sound, leave the audio column out and give ids."
        )
    return ManifestError(f"None of the {reading.rows} rows of {path} can be used.{listed}", fix=fix)
