"""Tags of the sound files on their way into a library: they fill what the manifest leaves open, and become metadata."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.library.addresses import is_address, split_part
from antiphon.library.files import Write
from antiphon.library.ingest.from_folders import drop_album_captions, fill_from_folders
from antiphon.library.ingest.recipe.options import OnProgress
from antiphon.library.ingest.relocated import identify
from antiphon.library.leakage.artists import known_artist
from antiphon.library.manifest.entries import Manifest
from antiphon.library.manifest.forms.sound_folder import TAKEN
from antiphon.library.manifest.rows.entry import Entry
from antiphon.library.metadata.collected import MetadataCollector
from antiphon.library.tags.ledger import FILES, LedgerWriter, open_tag_ledger
from antiphon.library.tags.names import LISTS
from antiphon.library.tags.pool import CHANGED, parse_line, read_tags
from antiphon.library.tags.reader import FileTags
from antiphon.library.tags.report import TagReport
from antiphon.library.tags.tidy import one_line

CHUNK = 2048


@dataclass(frozen=True, kw_only=True)
class _Files:
    """The files of a manifest's entries: ``owners`` are the entries of each, by their numbers."""

    paths: list[str]
    owners: list[list[int]]
    sizes: NDArray[np.int64]
    times: NDArray[np.int64]


class Tagging:
    """Reads the files of a manifest, and changes its entries and fields by what they say.

    Parameters
    ----------
    read : the manifest.
    root : the library's folder.
    tags : whether tags are wanted; without them files are read for what identifies them, if their paths are ids.
    on_progress : told how many of how many files are done.
    """

    def __init__(self, read: Manifest, root: Path, *, tags: bool, on_progress: OnProgress | None = None) -> None:
        self.report = TagReport(wanted=tags)
        self._read, self._tags, self._on_progress = read, tags, on_progress
        self._before = open_tag_ledger(root)
        self._written = LedgerWriter()
        self._files = _files_of(read)
        self._filled: Counter[str] = Counter()
        self._counts: Counter[str] = Counter()
        self._repaired: Counter[str] = Counter()
        self._same: dict[str, str] = {}
        self._away: tuple[int, ...] = ()

    def run(self) -> None:
        """Read all files that are new or changed, and take all tags in."""
        files = self._files
        known = self._before.known(files.paths, files.sizes, files.times, tags=self._tags)
        self.report.files, self.report.read = len(files.paths), int((known < 0).sum())
        for start, lines in self._lines(known):
            self._take(start, lines)
        self.report.fields = dict(self._counts.most_common())
        self.report.filled, self.report.repaired = dict(self._filled), dict(self._repaired)
        self._use_folders()
        self._identify()

    def _use_folders(self) -> None:
        """What the names of folders say is the last resort, and no caption where they are albums."""
        read = self._read
        if self._tags and read.form == "classes" and drop_album_captions(read.entries):
            read.notes[:] = [note for note in read.notes if not note.startswith(TAKEN)]
        if self._tags and read.form:
            self.report.from_folders = fill_from_folders(read.entries)

    def beside(self) -> dict[str, Write]:
        """The ledger, to be written with the library's tables; nothing for one that has no sound."""
        files = self._files
        if not files.paths and not self._before.rows.num_rows:
            return {}
        ids = [self._read.entries[owners[0]].track_id for owners in files.owners]
        gone = self._before.rows.take(pa.array(self._away, pa.int64()))
        return {FILES: self._written.file(ids, files.paths, files.sizes, files.times, tagged=self._tags, gone=gone)}

    def contents(self) -> list[str]:
        """What identifies the content of each entry's file."""
        found = [""] * len(self._read.entries)
        for owners, content in zip(self._files.owners, self._written.content, strict=True):
            for owner in owners:
                found[owner] = content
        return found

    def _lines(self, known: NDArray[np.int64]) -> Iterator[tuple[int, list[str]]]:
        """What was read of all files in their order, in chunks that start at a number."""
        files = self._files
        root = str(self._read.audio_root)
        unread = np.flatnonzero(known < 0)
        paths = [os.path.join(root, files.paths[i]) for i in unread]  # noqa: PTH118
        chunks = read_tags(paths, files.sizes[unread].tolist(), tags=self._tags, on_progress=self._on_progress)
        fresh = (line for chunk in chunks for line in chunk)
        for start in range(0, len(files.paths), CHUNK):
            rows = known[start : start + CHUNK]
            kept = iter(self._before.lines(rows[rows >= 0]))
            yield start, [next(kept) if row >= 0 else next(fresh) for row in rows]

    def _take(self, start: int, lines: list[str]) -> None:
        found = [parse_line(line) for line in lines]
        self._written.add(lines, [one.content for one in found])
        if not self._tags:
            return
        columns: dict[str, tuple[list[int], list[Any]]] = {}
        for number, one in enumerate(found, start):
            self._note(number, one)
            for owner in self._files.owners[number]:
                self._fill(self._read.entries[owner], one.tags)
                for name, values in one.tags.items():
                    owners, cells = columns.setdefault(name, ([], []))
                    owners.append(owner)
                    cells.append(values)
        _add_columns(self._read.fields, columns)

    def _note(self, number: int, one: FileTags) -> None:
        """Count what came of a file."""
        report, path = self.report, self._files.paths[number]
        self._counts.update(one.tags.keys())
        report.tagged += bool(one.tags)
        report.left_out += one.left_out
        if one.repaired:
            self._repaired[one.repaired] += 1
        if one.doubtful:
            odd = next((v for values in one.tags.values() for v in values if not v.isascii()), "")
            report.list_doubtful(path, odd)
        if one.error:
            report.list_unreadable(path, one.error)
        if one.error == CHANGED:  # another time of modification than the file's: it is read again next time
            self._files.times[number] = 0

    def _fill(self, entry: Entry, tags: dict[str, list[str]]) -> None:
        """Give a track what its row leaves open; an album's artist stands in for one that is not known."""
        for role in ("title", "artist", "album"):
            text = one_line(tags.get(role, [""])[0])
            if text and (not getattr(entry, role) or role in entry.table.guessed):
                setattr(entry, role, self._same.setdefault(text, text) if role != "title" else text)
                self._filled[role] += 1
        of_album = one_line(tags.get("albumartist", [""])[0])
        if not known_artist(entry.artist) and known_artist(of_album):
            entry.artist = self._same.setdefault(of_album, of_album)
            self._filled["album artist"] += 1

    def _identify(self) -> None:
        """Where paths are ids: tracks whose files have moved keep theirs."""
        read, files = self._read, self._files
        whole = all(len(owners) == 1 for owners in files.owners) and len(files.owners) == len(read.entries)
        if read.named_ids or not whole or not self._before.rows.num_rows:
            return
        natural = [read.entries[owners[0]].track_id for owners in files.owners]
        found = identify(natural, files.paths, self._written.content, self._written.line, self._before)
        for owners, track_id in zip(files.owners, found.track_ids, strict=True):
            read.entries[owners[0]].track_id = track_id
        report, self._away = self.report, found.away
        report.new, report.moved, report.back, report.gone = found.new, found.moved, found.back, found.gone


def _files_of(read: Manifest) -> _Files:
    """The files that tracks are, or are parts of; addresses are not asked."""
    owners: dict[str, list[int]] = {}
    for number, entry in enumerate(read.entries):
        path = split_part(entry.path)[0] if entry.path else ""
        if path and not is_address(path):
            owners.setdefault(path, []).append(number)
    root = str(read.audio_root)
    stats = [_stat(os.path.join(root, path)) for path in owners]  # noqa: PTH118
    both = np.array(stats, np.int64).reshape(-1, 2)
    return _Files(paths=list(owners), owners=list(owners.values()), sizes=both[:, 0], times=both[:, 1])


def _stat(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def _add_columns(fields: MetadataCollector, columns: dict[str, tuple[list[int], list[Any]]]) -> None:
    for name, (owners, cells) in columns.items():
        single = name not in LISTS and all(len(values) == 1 for values in cells)
        values = pa.array([v[0] for v in cells], pa.string()) if single else pa.array(cells, pa.list_(pa.string()))
        fields.add(name, np.array(owners, np.int64), values, table="tags of files", source=1)
