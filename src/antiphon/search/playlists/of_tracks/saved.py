"""Playlists that a person put together, kept in the library as ``playlists/NAME.m3u8``, renamed and deleted."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.addresses import is_address
from antiphon.library.files import write_atomically
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.kept import kept_names, named_file, remove_kept
from antiphon.search.playlists.m3u import NAME, one_line
from antiphon.texts import as_utf8

ENDING = ".m3u8"
TITLE = "#EXTINF:"
"""How the line begins that says what the track below it is called."""


@dataclass(frozen=True, kw_only=True)
class SavedPlaylist:
    r"""A playlist's name, how many tracks it has, and whether it answers a question that is kept.

    Bytes of the file's name that are no UTF-8 are written out in ``name``: ``caf\udce9``.
    """

    name: str
    tracks: int
    is_kept_question: bool


def saved_playlists(root: Path) -> list[SavedPlaylist]:
    """All that are there, by name."""
    questions = set(kept_names(root))
    files = ((name, file) for name, file in _files(root) if file.is_file())
    return [SavedPlaylist(name=name, tracks=_count(file), is_kept_question=name in questions) for name, file in files]


def save_playlist(root: Path, name: str, hits: Sequence[Hit], lengths: Sequence[float | None]) -> list[str]:
    """Write tracks in their order, in place of an older playlist of this name; what of them no file can name.

    Raises
    ------
    ConfigError : the name is none that a file can have, or a question that is kept goes by it.
    LibraryError : the disk is full or cannot be written; an older playlist of this name stays.
    """
    path = named_file(root, name, ENDING)
    if name in kept_names(root):
        raise ConfigError(
            f"'{name}' answers a question that is kept, and would be written anew with it.", fix="Take another name."
        )
    known = [seconds for seconds in lengths if seconds]
    whole = Playlist(name=name, hits=Hits(hits), lengths=tuple(lengths), seconds=sum(known))
    with _writing(path):
        return whole.write(path)


def require_renamable(root: Path, name: str, new: str) -> None:
    """Refuse what :func:`rename_playlist` would not do.

    Raises
    ------
    ConfigError : no file can have the new name, one has it, or the playlist answers a question that is kept.
    LibraryError : there is no playlist of the old name.
    """
    path, target = saved_file(root, name), named_file(root, new, ENDING)
    kept = kept_names(root)
    if name in kept:
        raise ConfigError(
            f"'{name}' answers a question that is kept, and is written anew under its name.",
            fix="Keep the question under the other name (antiphon playlist … --save NAME), then delete this one.",
        )
    taken = target.exists() and not target.samefile(path)  # where upper and lower case are one, it is itself
    if new in kept or taken:
        raise ConfigError(f"There is a playlist '{new}' already.", fix="Take another name.")


def rename_playlist(root: Path, name: str, new: str) -> None:
    """Give a playlist another name, in its file and of it; what else stands in the file stays.

    Raises
    ------
    ConfigError, LibraryError : as :func:`require_renamable`; LibraryError also where the folder cannot be written.
    """
    require_renamable(root, name, new)
    path = saved_file(root, name)
    with _writing(path):
        lines = path.read_bytes().splitlines(keepends=True)
        called = f"{NAME}{one_line(new)}".encode("utf-8", "surrogateescape")
        renamed = b"".join(called + _end_of(line) if line.startswith(NAME.encode()) else line for line in lines)
        write_atomically(path, lambda stream: stream.write(renamed))
        path.rename(named_file(root, new, ENDING))


def delete_playlist(root: Path, name: str) -> list[str]:
    """Delete a playlist, and forget the question that writes it; what is to be said of it, a sentence each.

    Raises
    ------
    ConfigError : the name is none that a file can have, or its question's file is damaged.
    LibraryError : there is no playlist of that name, or the folder cannot be written.
    """
    path = saved_file(root, name)
    with _writing(path):
        kept = remove_kept(root, name) if name in kept_names(root) else None
        path.unlink()
    if kept is None:
        return []
    written = kept.form.path(root)
    stays = f" The file that it wrote stays: {written}." if written.exists() else ""
    return [f"The question that '{name}' answered is forgotten.{stays}"]


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said, folder = f"{path} cannot be written: {error.strerror or error}", path.parent
        fix = "Make room on the disk, and the library's folder writable."
        if folder.exists() and not folder.is_dir():
            fix = f"Move {folder} away: playlists lie in a folder of that name."
        raise LibraryError(said, fix=fix) from error


def _end_of(line: bytes) -> bytes:
    return line[len(line.rstrip(b"\r\n")) :]


def saved_file(root: Path, name: str) -> Path:
    """The file of a playlist.

    Raises
    ------
    ConfigError : the name is none that a file can have.
    LibraryError : there is no playlist of that name.
    """
    found = dict(_files(root)).get(name) or named_file(root, name, ENDING)
    if not found.is_file():
        raise LibraryError(f"There is no playlist '{name}'.", fix="Their names: GET /v1/playlists")
    return found


def _files(root: Path) -> list[tuple[str, Path]]:
    """Name → file of all that is called like a playlist, by name."""
    return sorted((as_utf8(path.stem), path) for path in (root / PLAYLISTS).glob(f"*{ENDING}"))


def saved_lines(root: Path, name: str) -> list[tuple[str, str]]:
    """Of each track of a playlist its file or address, and the artist and title that stand above it, "" for none.

    Raises
    ------
    ConfigError, LibraryError : as :func:`saved_file`; LibraryError also where the file cannot be read.
    """
    path = saved_file(root, name)
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="surrogateescape").split("\n")
    except OSError as error:
        raise LibraryError(f"{path} cannot be read: {error.strerror}.", fix="Make it readable.") from error
    found: list[tuple[str, str]] = []
    shown = ""
    for line in (line.removesuffix("\r") for line in lines):
        if line.startswith(TITLE):
            shown = line.partition(",")[2]
        elif line.strip() and not line.startswith("#"):
            found.append((line if is_address(line) else os.path.normpath(path.absolute().parent / line), shown))
            shown = ""
    return found


def _count(path: Path) -> int:
    with path.open("rb") as stream:
        return sum(line.strip() != b"" and not line.startswith(b"#") for line in stream)
