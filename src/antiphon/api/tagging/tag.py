"""Words that were heard, into the files' tags: planned, written, taken back."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from antiphon.api.tagging.backup import FieldsBefore, read_backup, remember
from antiphon.api.tagging.copies import DOING, FOLDER, forget, remove_left_over
from antiphon.api.tagging.fields import read_fields, require_mutagen
from antiphon.api.tagging.known import know_by_sound
from antiphon.api.tagging.words import OWN, SHARED, Fields, wanted_fields
from antiphon.api.tagging.writing import exchange
from antiphon.captions.sound.heard import heard_phrases
from antiphon.embed.interrupt import interruptible
from antiphon.errors import AudioError, LibraryError, reason
from antiphon.library.addresses import is_address, split_part
from antiphon.library.commands import as_typed, command
from antiphon.library.lock import only_writer
from antiphon.library.tags.own import WROTE
from antiphon.library.tracks import Library
from antiphon.printed import Printed, counted

ALL = (*OWN.values(), *SHARED, WROTE)
"""Fields that are read, and may be written."""
BATCH = 256
FULL = (errno.ENOSPC, errno.EDQUOT)
"""After these no other file would fare better."""
SHOWN = 10
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class TagChange:
    """What is to become of one file.

    Parameters
    ----------
    before : the fields that change, as they are; [] for one that is not there.
    after : as they are to be; [] for one that goes.
    """

    track_id: str
    path: Path
    before: Fields
    after: Fields

    def line(self) -> str:
        """For a person."""
        shown = (f"{name} = {', '.join(values) or '(removed)'}" for name, values in self.after.items() if name != WROTE)
        return f"{self.path.name}: {'; '.join(shown)}"


@dataclass(frozen=True, kw_only=True)
class TagResult(Printed):
    """What came of tagging, or would come of it.

    Parameters
    ----------
    changes : files that are written, or would be.
    written : how many of them were.
    skipped : file → why it is left alone.
    same : files whose fields are as they are to be.
    write, restore : what was asked for.
    """

    library: str
    changes: tuple[TagChange, ...]
    written: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    same: int = 0
    write: bool = False
    restore: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        changes = [{**vars(change), "path": str(change.path)} for change in self.changes]
        return {**vars(self), "changes": changes}

    def lines(self) -> list[str]:
        """For a person: some of the changes, the counts, and the command that does it or takes it back."""
        said = [change.line() for change in self.changes[:SHOWN]]
        if len(self.changes) > SHOWN:
            said.append(f"… and {len(self.changes) - SHOWN:,} more files (all with --json)")
        said += [f"Left alone: {path}: {why}" for path, why in list(self.skipped.items())[:SHOWN]]
        if len(self.skipped) > SHOWN:
            said.append(f"… and {len(self.skipped) - SHOWN:,} more")
        if self.write or self.restore:
            left = f"; {len(self.skipped):,} left alone" if self.skipped else ""
            return [*said, f"Written: {counted(self.written, 'file')}; {self.same:,} as they are to be before{left}."]
        do = command("tag --write", self.library)
        said.append(
            f"To be written: {counted(len(self.changes), 'file')}; {self.same:,} as they are to be. Nothing was."
        )
        return [*said, f"To do it: {do}   (taken back by {command('tag --restore', self.library)})"]


def tag(
    root: Path,
    *,
    write: bool = False,
    grouping: bool = False,
    keep_time: bool = False,
    on_progress: OnProgress | None = None,
) -> TagResult:
    """Put the genres, moods and instruments that were heard into the files' tags; without ``write`` only show it.

    Which words go into which fields stands in :mod:`antiphon.api.tagging.words`. What the fields were is in
    ``tags_before.jsonl`` before a file is touched. A file that cannot be written keeps no other from it.

    Parameters
    ----------
    grouping : fill that field, too, where it is empty.
    keep_time : leave times of modification as they are: players then do not notice.
    on_progress : told of files, done and all.

    Raises
    ------
    ConfigError : mutagen is not installed.
    LibraryError : there is no library, nothing was heard, or another process is at it.
    OSError : the disk is full; the same command carries on.
    KeyboardInterrupt : Ctrl-C, between two files; likewise.
    """
    require_mutagen()
    library = Library(root)
    remove_left_over(root)
    saved, heard = read_backup(root), heard_phrases(library).tracks
    if not heard:
        raise LibraryError(f"Nothing was heard in {as_typed(root)} yet.", fix=command("embed", root))

    def wanted(track_id: str, now: Fields) -> Fields:
        wrote = saved[track_id].wrote if track_id in saved else None
        return wanted_fields(heard[track_id], now, grouping=grouping, wrote=wrote)

    found = replace(_planned(root, _files_of(library, heard), wanted, on_progress), write=write)
    return _written(library, found, keep_time=keep_time, on_progress=on_progress) if write else found


def restore(
    root: Path, *, write: bool = True, keep_time: bool = False, on_progress: OnProgress | None = None
) -> TagResult:
    """Give files the fields that they had before Antiphon wrote into them; what a person changed since stays.

    Parameters and errors as for :func:`tag`.
    """
    require_mutagen()
    library = Library(root)
    remove_left_over(root)
    saved = read_backup(root)
    if not saved:
        raise LibraryError(f"Nothing was written into tags from {as_typed(root)}.", fix="Nothing is to be done.")

    def wanted(track_id: str, now: Fields) -> Fields:
        one = saved[track_id]
        return {
            name: values
            for name, values in one.before.items()
            if now.get(name, []) != values and (name not in SHARED or now.get(name, []) == one.wrote.get(name, []))
        }

    files = {track_id: _path_now(library, one) for track_id, one in saved.items()}
    found = replace(_planned(root, files, wanted), restore=True)
    return _written(library, found, keep_time=keep_time, on_progress=on_progress) if write else found


def _planned(
    root: Path,
    files: Mapping[str, Path],
    wanted: Callable[[str, Fields], Fields],
    on_progress: OnProgress | None = None,
) -> TagResult:
    """What would be written into each track's file: ``wanted`` says it of a track and the fields that its file has."""
    changes, skipped, same = list[TagChange](), dict[str, str](), 0
    for done, (track_id, path) in enumerate(files.items(), 1):
        try:
            now = read_fields(path, ALL)
        except AudioError as error:
            skipped[str(path)] = error.problem.removeprefix(f"{path}: ")
            continue
        after = wanted(track_id, now)
        before = {name: now.get(name, []) for name in after}
        changes += [TagChange(track_id=track_id, path=path, before=before, after=after)] if after else []
        same += not after
        if on_progress is not None:
            on_progress(done, len(files))
    return TagResult(library=str(root), changes=tuple(changes), skipped=skipped, same=same)


def _files_of(library: Library, track_ids: Sequence[str] | Any) -> dict[str, Path]:
    """Track id → its file, of those that are whole files of this machine."""
    found = {}
    for track_id, path in zip(library.column("track_id"), library.column("path"), strict=True):
        sound = library.sound_at(str(path)) if path else ""
        if track_id in track_ids and sound and not is_address(sound) and split_part(sound)[1] is None:
            found[str(track_id)] = Path(sound)
    return found


def _path_now(library: Library, saved: FieldsBefore) -> Path:
    """Where a file is that was tagged: where it was, else where its track is now."""
    if Path(saved.path).exists() or saved.track_id not in library.row_of_track:
        return Path(saved.path)
    return library.audio_path(library.track(saved.track_id).path)


def _written(library: Library, plan: TagResult, *, keep_time: bool, on_progress: OnProgress | None) -> TagResult:
    """Write the changes, a batch of files after the other."""
    skipped, written = dict(plan.skipped), 0
    with interruptible() as interrupt, only_writer(library.root / FOLDER, DOING):
        for batch in _batches(plan.changes):
            know_by_sound(library, {change.track_id: change.path for change in batch})
            for change in batch:
                problem = _write(library.root, change, restore=plan.restore, keep_time=keep_time)
                written += not problem
                if problem:
                    skipped[str(change.path)] = problem
                if on_progress is not None:
                    on_progress(written, len(plan.changes))
                interrupt.check()
        forget(library.root)
    return replace(plan, written=written, skipped=skipped)


def _batches(changes: Sequence[TagChange]) -> Iterator[Sequence[TagChange]]:
    for start in range(0, len(changes), BATCH):
        yield changes[start : start + BATCH]


def _write(root: Path, change: TagChange, *, restore: bool, keep_time: bool) -> str:
    """Write one file; why it was left alone, "" where it was written.

    What a field was is kept before it is written, and that it was taken back after that: whenever a process is killed,
    what stands in the file is either what it was or known as Antiphon's.
    """
    saved = FieldsBefore(
        track_id=change.track_id, path=str(change.path.absolute()), before=change.before, wrote=change.after
    )
    try:
        if not restore:
            remember(root, saved)
        exchange(root, change.path, change.after, keep_time=keep_time)
        if restore:
            remember(root, saved)
    except (AudioError, OSError) as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        return reason(error).removeprefix(f"{change.path}: ")
    return ""
