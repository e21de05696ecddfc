"""Walking a folder of music: linked folders are followed, each real folder once, so that a loop of links ends."""

from __future__ import annotations

import errno
import os
from dataclasses import dataclass, field
from pathlib import Path

from antiphon.library.manifest.paths.endings import is_sound

LEFT_OUT = frozenset({"__macosx", "@eadir", "#recycle", "$recycle.bin", "lost+found"})
"""Folders that systems make beside people's files."""
SIGNS = ("tracks.parquet", "splits.parquet")
"""What lies beside the ``library.json`` of a library."""
PLAYLISTS = "playlists"
"""The folder of a library in which its playlists lie, and the questions that are kept."""
LIBRARY_FILES = frozenset(
    {
        *("library.json", "audit.json", "tracks.parquet", "captions.parquet", "made_captions.parquet"),
        *("metadata.parquet", "splits.parquet", "files.parquet", "judgements.jsonl", "tags_before.jsonl"),
    }
)
"""What a library is made of, beside :data:`LIBRARY_FOLDERS`."""
LIBRARY_FOLDERS = ("embeddings", "checkpoints", "runs", "logs", "index", "players", PLAYLISTS, "tagging")
RESULTS = frozenset({"comparison.json", "report.html"})
"""What commands write into a library where no other place is named."""


@dataclass(kw_only=True)
class Walk:
    """What lies in a folder and the folders in it.

    Parameters
    ----------
    files : paths, in order; hidden ones are left out.
    unreadable : folders that could not be listed, with the reason.
    hidden : folders that were left out because their name says that they are no music (``.git``, ``@eaDir``).
    repeated : links to folders that were read under another name already.
    broken : links to files that are not there.
    """

    files: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    repeated: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def walk(folder: Path) -> Walk:
    """All files below a folder; real folders are read before links to them."""
    found = Walk()
    seen: set[tuple[int, int]] = set()
    waiting = [os.fspath(folder)]
    linked: list[str] = []
    while waiting or linked:
        here = waiting.pop() if waiting else linked.pop(0)
        try:
            info = os.stat(here)  # noqa: PTH116
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except OSError as error:
            found.unreadable[here] = error.strerror or str(error)
            continue
        if (info.st_dev, info.st_ino) in seen:
            found.repeated.append(here)
            continue
        seen.add((info.st_dev, info.st_ino))
        folders, links = _sort_in(entries, found)
        waiting += folders[::-1]
        linked += links
    found.files = without_libraries(found.files)
    found.files.sort()
    return found


def without_libraries(files: list[str]) -> list[str]:
    """Files without those that libraries consist of: one may well be made in the folder of the music itself."""
    heads = {os.path.dirname(path) for path in files if os.path.basename(path) == "library.json"}  # noqa: PTH119, PTH120
    known = set(files) if heads else set()
    roots = [head for head in heads if any(os.path.join(head, name) in known for name in SIGNS)]  # noqa: PTH118
    if not roots:
        return files
    own = {os.path.join(root, name) for root in roots for name in LIBRARY_FILES | RESULTS}  # noqa: PTH118
    inside = tuple(os.path.join(root, name, "") for root in roots for name in LIBRARY_FOLDERS)  # noqa: PTH118
    return [path for path in files if path not in own and (is_sound(path) or not path.startswith(inside))]


def _sort_in(entries: list[os.DirEntry[str]], found: Walk) -> tuple[list[str], list[str]]:
    folders: list[str] = []
    links: list[str] = []
    for entry in entries:
        try:
            is_folder = entry.is_dir()
        except OSError as error:
            if error.errno == errno.ELOOP:  # a link that leads to itself
                found.broken.append(entry.path)
            else:
                found.unreadable[entry.path] = error.strerror or str(error)
            continue
        if is_folder and (entry.name.startswith(".") or entry.name.casefold() in LEFT_OUT):
            found.hidden.append(entry.path)
        elif is_folder:
            (links if entry.is_symlink() else folders).append(entry.path)
        elif not entry.name.startswith("."):
            _sort_file(entry, found)
    return folders, links


def _sort_file(entry: os.DirEntry[str], found: Walk) -> None:
    """Pipes and devices are no files: opening one may wait for ever."""
    if entry.is_file():
        found.files.append(entry.path)
    elif entry.is_symlink() and not os.path.exists(entry.path):  # noqa: PTH110
        found.broken.append(entry.path)


def leads_outside(path: str, folder: Path) -> bool:
    """Whether a link to a file leads out of a folder; a plain file never does."""
    if not os.path.islink(path):  # noqa: PTH114
        return False
    target, root = os.path.realpath(path), os.path.realpath(folder)
    return os.path.commonpath([target, root]) != root
