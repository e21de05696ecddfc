"""Finding the file that a manifest means, also where its name is written a little differently.

A name on a Mac is decomposed Unicode (NFD), in most tables composed (NFC); Windows tables have ``\\``, addresses
``%20``, web exports ``&amp;``; a data set that was converted has another ending. Where exactly one file fits it is
used, and counted; where several fit they are named.
"""

from __future__ import annotations

import html
import os
import re
import stat
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from antiphon.library.addresses import file_path
from antiphon.library.manifest.paths.endings import is_sound
from antiphon.library.manifest.paths.mapping import PathMap, mapped
from antiphon.library.manifest.paths.walk import walk

SHOWN = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundFile:
    """Where a written path leads.

    Parameters
    ----------
    path : of the file, relative to the root where it lies below it; "" where there is none.
    name : the path as it is written, from the root; what an id is made of.
    size : bytes, −1 where there is none.
    similar : names that are nearly the same, where several are.
    """

    path: str = ""
    name: str = ""
    size: int = -1
    similar: tuple[str, ...] = ()


@dataclass(kw_only=True)
class Finder:
    """Finds files from written paths; asks the file system once for each.

    Parameters
    ----------
    root : folder that relative paths start from.
    folders : further folders in which a file is looked for by its name, or by a track's id.
    ids_have_files : whether a track without a path must have a file there.
    maps : folders that written paths begin with, and where they are here.
    """

    root: Path
    folders: tuple[Path, ...] = ()
    ids_have_files: bool = True
    maps: tuple[PathMap, ...] = ()
    renamed: dict[str, str] = field(default_factory=dict)
    """Written path → file, where the two differ."""
    by_id: int = 0
    """Files that were found by a track's id."""
    _known_ids: dict[str, FoundFile] = field(default_factory=dict)
    _known: dict[str, FoundFile] = field(default_factory=dict)
    _listed: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _by_name: dict[str, list[str]] | None = None

    def find(self, written: str, start: Path | None = None) -> FoundFile:
        """The file that ``written`` means.

        Parameters
        ----------
        start : folder that it starts from, where that is not the root.
        """
        key = f"{start or ''}\x00{written}"
        if key not in self._known:
            self._known[key] = self._mapped(written, start or self.root)
        return self._known[key]

    def find_by_id(self, track_id: str) -> FoundFile:
        """The file in the further folders that is called as a track's id; several are named."""
        if not self.folders:
            return FoundFile()
        if track_id not in self._known_ids:
            self._known_ids[track_id] = self._unique(track_id, self._called(track_id))
            self.by_id += bool(self._known_ids[track_id].path)
        return self._known_ids[track_id]

    def _mapped(self, written: str, start: Path) -> FoundFile:
        """The file where it is here, under the name that it has in the manifest: ids are the same on all machines."""
        there = mapped(file_path(written) or written, self.maps)
        found = self._find(there, start)
        return found if there == written or not found.path else replace(found, name=written)

    def _find(self, written: str, start: Path) -> FoundFile:
        path = os.path.join(start, written)  # noqa: PTH118 - five times as fast as pathlib
        if (size := _size(path)) >= 0:
            name = written if start == self.root or os.path.isabs(written) else self._relative(path)  # noqa: PTH117
            return FoundFile(path=name, name=name, size=size)
        similar: list[str] = []
        for form in _forms(written):
            candidates = self._nearly(str(start), form)
            if len(candidates) == 1:
                return self._unique(written, candidates, path)
            similar += candidates
        if not similar and self.folders:
            similar = [p for form in _forms(written) for p in self._called(PurePosixPath(form).name)]
            if len(set(similar)) > 1:
                similar = _longest_tail(written, similar)
        return self._unique(written, list(dict.fromkeys(similar)), path)

    def _unique(self, written: str, candidates: list[str], name: str = "") -> FoundFile:
        if len(candidates) != 1:
            return FoundFile(similar=tuple(self._relative(path) for path in candidates[:SHOWN]))
        path = self._relative(candidates[0])
        if name:
            self.renamed[written] = path
        return FoundFile(path=path, name=self._relative(name), size=_size(candidates[0]))

    def _relative(self, path: str) -> str:
        """A path relative to the root where it lies below it, so that library and music can be moved together."""
        root = f"{str(self.root).rstrip(os.sep)}{os.sep}"
        path = os.path.normpath(path)
        return path.removeprefix(root)

    def _nearly(self, start: str, form: str) -> list[str]:
        """Files whose path differs from ``form`` only in case, composition, or ending."""
        parts = [part for part in form.split("/") if part not in ("", ".")]
        here = ["/"] if form.startswith("/") else [start]
        for i, part in enumerate(parts):
            last = i == len(parts) - 1
            here = [path for folder in here for path in self._entries(folder, part, last=last)]
        return [path for path in here if _size(path) >= 0]

    def _entries(self, folder: str, name: str, *, last: bool) -> list[str]:
        exact = os.path.join(folder, name)  # noqa: PTH118
        if not last and (name == ".." or os.path.isdir(exact)):  # noqa: PTH112
            return [exact]
        names = self._names(folder)
        found = names.get(_plain(name), [])
        if not found and last:
            stem = _plain(_stem(name))
            found = [n for key, called in names.items() if key.startswith(f"{stem}.") for n in called if is_sound(n)]
        return [os.path.join(folder, entry) for entry in found]  # noqa: PTH118

    def _names(self, folder: str) -> dict[str, list[str]]:
        if folder not in self._listed:
            names: dict[str, list[str]] = {}
            try:
                for entry in os.listdir(folder):  # noqa: PTH208
                    names.setdefault(_plain(entry), []).append(entry)
            except OSError:
                pass
            self._listed[folder] = names
        return self._listed[folder]

    def _called(self, name: str) -> list[str]:
        """Sound files of the further folders by name, by name without its ending, or by an id that it begins with."""
        if self._by_name is None:
            self._by_name = {}
            for folder in self.folders:
                for path in sounds_below(folder):
                    for key in _keys(PurePosixPath(path).name):
                        self._by_name.setdefault(key, []).append(path)
        names = (name, _stem(name)) if is_sound(name) else (name,)
        for key in (_plain(n) for n in names):
            if found := self._by_name.get(f"={key}") or self._by_name.get(f"~{key}"):
                return found
        number = f"~{int(name):06d}" if name.isdecimal() else ""
        return self._by_name.get(number, []) if number else []


def sounds_below(folder: Path) -> list[str]:
    """All sound files in a folder and the folders in it, in order; links are followed, each real folder once."""
    return [path for path in walk(folder).files if is_sound(path)]


def _keys(name: str) -> list[str]:
    """Under what a file is found: its whole name, and what may be the id in it."""
    plain, stem = _plain(name), _plain(_stem(name))
    keys = {f"={plain}", f"~{stem}", f"~{stem.split('.')[0]}"}
    keys |= {f"~{inside}" for inside in re.findall(r"\[([\w-]{11})\]", stem)}  # YouTube's id as yt-dlp writes it
    if stem.startswith("y"):  # AudioSet's habit: Y before YouTube's id
        keys.add(f"~{stem[1:]}")
    head, _, tail = stem.rpartition("_")
    if head and tail.replace(".", "").isdigit():  # id and start of the clip
        keys.add(f"~{head}")
    return sorted(keys)


def _longest_tail(written: str, paths: list[str]) -> list[str]:
    """Of several files of one name those that share most of their folders' names with the written path."""
    wanted = [_plain(part) for part in written.replace("\\", "/").split("/")][::-1]

    def shared(path: str) -> int:
        parts = [_plain(part) for part in path.split("/")][::-1]
        return next((i for i, (a, b) in enumerate(zip(wanted, parts, strict=False)) if a != b), len(wanted))

    most = max(map(shared, paths))
    return [path for path in dict.fromkeys(paths) if shared(path) == most]


def _forms(written: str) -> Iterable[str]:
    """The written path, and what it may stand for."""
    forms = [written]
    if written[:1] in ("'", '"') and written[-1:] == written[:1]:
        forms.append(written[1:-1])
    if written.startswith("~/"):
        forms.append(os.path.expanduser(written))  # noqa: PTH111
    if ":" in written and not set(written) & {"/", "\\"}:  # a path of the Mac, as iTunes exports it
        forms.append("/" + written.partition(":")[2].replace(":", "/"))
    forms.append(written.replace("\\", "/"))
    forms.append(html.unescape(forms[-1]))
    forms.append(unquote(forms[-1]))
    forms.append(unquote(forms[-1].replace("+", " ")))
    return dict.fromkeys(form.strip() for form in forms if "\x00" not in form)


def _plain(name: str) -> str:
    """A name as it is compared: composed, case folded, white space collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _stem(name: str) -> str:
    return name.rpartition(".")[0] if is_sound(name) else name


def _size(path: str) -> int:
    try:
        info = os.stat(path)  # noqa: PTH116
    except (OSError, ValueError):
        return -1
    return info.st_size if stat.S_ISREG(info.st_mode) else -1
