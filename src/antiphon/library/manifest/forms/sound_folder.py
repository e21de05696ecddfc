"""A folder of sound without a table: texts beside the files, or folders whose names are classes."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from antiphon.errors import ManifestError
from antiphon.library.manifest.paths.albums import is_numbered
from antiphon.library.manifest.paths.endings import is_sound
from antiphon.library.manifest.paths.walk import Walk, leads_outside
from antiphon.library.manifest.table import Problem, Table
from antiphon.library.manifest.text_tables import objects_table, parse_json, read_text
from antiphon.library.splits.names import split_name

READ = (".txt", ".json", ".csv", ".tsv", ".jsonl", ".parquet")
MOST_CLASSES = 200
TAKEN = "The names of folders are taken as captions"
FEWEST_FILES = 5
"""Files a folder, in the middle of all folders, from which folders look like classes and not like artists."""


def read_sound(folder: Path, found: Walk, folder_tags: bool | None) -> Table:
    """One row a sound file; ``song.txt`` holds a caption a line for ``song.wav``, ``song.json`` a manifest's columns.

    Parameters
    ----------
    found : what lies in the folder.
    folder_tags : whether folders' names are captions; None: where there are no other captions, and they look like
        classes (GTZAN's ten genres) and not like artists.
    """
    reading = _Sidecars(folder, set(found.files))
    items = [(number, item) for number, path in enumerate(found.files, 1) if (item := reading.item(path))]
    notes = [*_walk_notes(folder, found), *_unclaimed(folder, found, reading.used)]
    captioned = any(item.get("captions") or item.get("caption") or item.get("text") for _, item in items)
    tagged = _tag_by_folder([item for _, item in items], folder_tags, captioned=captioned)
    unasked = folder_tags is None and any("captions" in item for _, item in items) and not captioned
    table = objects_table(folder, items, reading.problems, by_line=False)
    table = replace(
        table, file=folder.resolve().name, base=folder, notes=[*notes, *tagged], form="classes" if unasked else "folder"
    )
    table.problems.extend(folder_problems(folder, found))
    return table


class _Sidecars:
    def __init__(self, folder: Path, files: set[str]) -> None:
        self.problems: list[Problem] = []
        self.used: set[str] = set()
        self._folder, self._files = folder, files

    def item(self, path: str) -> dict[str, Any] | None:
        """The row of one file; None where it is no sound, or cannot be named."""
        if not is_sound(path):
            return None
        name = os.path.relpath(path, self._folder).replace(os.sep, "/")
        if not _is_text(name):
            said = f"the name {_shown(name)} is not UTF-8, and no table can hold it"
            self._problem(_shown(name), "bad file name", said, "Rename it: convmv -f latin1 -t utf8", "left out")
            return None
        item: dict[str, Any] = {**self._object(self._beside(path, ".json")), "audio": name}
        text = self._text(self._beside(path, ".txt"))
        if text is not None:
            item["captions"] = [line.strip() for line in text.splitlines() if line.strip()]
        top = name.split("/")[0]
        if "/" in name and split_name(top):
            item.setdefault("split", top)
        return item

    def _beside(self, path: str, ending: str) -> str:
        """The file of another ending that belongs to a sound file, "" for none: song.txt, song.TXT, song.wav.txt."""
        stem = os.path.splitext(path)[0]  # noqa: PTH122
        names = (stem + ending, stem + ending.upper(), path + ending)
        found = next((name for name in names if name in self._files), "")
        self.used.add(found)
        return found

    def _text(self, path: str) -> str | None:
        """A sidecar's text, None where there is none or it cannot be used."""
        if not path:
            return None
        name = os.path.relpath(path, self._folder)
        if leads_outside(path, self._folder):
            said = f"a link to {os.path.realpath(path)}, outside the folder"
            self._problem(name, "link outside", said, "Copy the text into the folder.", "not read")
            return None
        try:
            return read_text(Path(path))
        except ManifestError as error:
            self._problem(name, "bad sidecar", error.problem, error.fix or "", "kept without this text")
            return None

    def _object(self, path: str) -> dict[str, Any]:
        text = self._text(path)
        if text is None:
            return {}
        try:
            item = parse_json(text)
        except ValueError:
            item = None
        if isinstance(item, dict):
            return item
        name = os.path.relpath(path, self._folder)
        fix, effect = 'Write {"caption": "…"}.', "kept without a caption"
        self._problem(f"{name}:1", "broken JSON", "not a JSON object", fix, effect)
        return {}

    def _problem(self, where: str, kind: str, problem: str, fix: str, effect: str) -> None:
        self.problems.append(
            Problem(where=_shown(where), column="", kind=kind, problem=_shown(problem), fix=fix, effect=effect)
        )


def _tag_by_folder(items: Sequence[dict[str, Any]], wanted: bool | None, *, captioned: bool) -> list[str]:
    """Give each row its folder's name as a caption, if that is wanted; what is said about it."""
    classes = [_class(item["audio"]) for item in items]
    counts = Counter(classes)
    if wanted is False or (wanted is None and captioned) or len(counts) < 2 or not all(classes):
        return []
    numbers = sorted(counts.values())
    listed = ", ".join(f"{name} ({number})" for name, number in list(counts.items())[:12])
    listed += ", …" if len(counts) > 12 else ""
    if wanted is None and _are_albums(items):
        return []
    if wanted is None and (len(counts) > MOST_CLASSES or numbers[len(numbers) // 2] < FEWEST_FILES):
        return [f"The names of {len(counts)} folders could be captions: {listed}. To take them so: --folder-tags"]
    for item, name in zip(items, classes, strict=True):
        item["captions"] = [*item.get("captions", []), name.replace("_", " ")]
    return [f"{TAKEN}: {listed}. If they are no tags: --no-folder-tags"]


def _are_albums(items: Sequence[dict[str, Any]]) -> bool:
    """Whether most files are numbered as the tracks of albums are: their folders are no classes."""
    numbered = sum(is_numbered(os.path.basename(item["audio"])) for item in items)  # noqa: PTH119
    return 2 * numbered >= len(items)


def _class(name: str) -> str:
    """The folder that a file is in; "" where it is in none, or only in one that names a split."""
    folders = name.split("/")[:-1]
    return folders[-1] if folders and not split_name(folders[-1]) else ""


def _walk_notes(folder: Path, found: Walk) -> list[str]:
    notes = []
    outside = [path for path in found.files if is_sound(path) and leads_outside(path, folder)]
    for paths, said in (
        (found.hidden, "hidden or system folders were left out"),
        (found.repeated, "links lead to folders that were read already"),
        (outside, "sound files are links that lead out of the folder"),
    ):
        if paths:
            notes.append(f"{len(paths)} {said} (the first: {_shown(os.path.relpath(paths[0], folder))}).")
    return notes


def folder_problems(folder: Path, found: Walk) -> list[Problem]:
    """Folders that could not be read, and links to sound that is not there."""
    unreadable = [
        _left_out(folder, path, "unreadable folder", f"cannot be read: {reason}", "Change its permissions.")
        for path, reason in found.unreadable.items()
    ]
    broken = [
        _left_out(folder, path, "broken link", "a link to a file that is not there", "Put the file back.")
        for path in found.broken
        if is_sound(path)
    ]
    return [*unreadable, *broken]


def _left_out(folder: Path, path: str, kind: str, problem: str, fix: str) -> Problem:
    where = _shown(os.path.relpath(path, folder))
    return Problem(where=where, column="", kind=kind, problem=problem, fix=fix, effect="left out")


def _unclaimed(folder: Path, found: Walk, used: set[str]) -> list[str]:
    """Texts and tables that no row was made of, so that none is left out in silence."""
    spare = [path for path in found.files if path.lower().endswith(READ) and path not in used]
    if not spare:
        return []
    names = ", ".join(_shown(os.path.relpath(path, folder)) for path in spare[:3])
    more = f" and {len(spare) - 3} more" if len(spare) > 3 else ""
    return [f"Not read, since no sound file is called so: {names}{more}."]


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _shown(name: str) -> str:
    """A name whose bytes are no UTF-8, with those bytes as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
