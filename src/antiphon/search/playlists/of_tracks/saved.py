"""Playlists that a person put together, kept in the library as ``playlists/NAME.m3u8``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from antiphon.errors import ConfigError, LibraryError
from antiphon.library.addresses import is_address
from antiphon.library.manifest.paths.walk import PLAYLISTS
from antiphon.search.hits import Hit, Hits
from antiphon.search.playlists.answer import Playlist
from antiphon.search.playlists.kept import kept_names, named_file
from antiphon.texts import as_utf8

ENDING = ".m3u8"
TITLE = "#EXTINF:"
"""How the line begins that says what the track below it is called."""


@dataclass(frozen=True, kw_only=True)
class Saved:
    r"""A playlist's name, how many tracks it has, and whether it answers a question that is kept.

    Bytes of the file's name that are no UTF-8 are written out in ``name``: ``caf\udce9``.
    """

    name: str
    tracks: int
    is_kept_question: bool


def saved_playlists(root: Path) -> list[Saved]:
    """All that are there, by name."""
    questions = set(kept_names(root))
    files = ((name, file) for name, file in _files(root) if file.is_file())
    return [Saved(name=name, tracks=_count(file), is_kept_question=name in questions) for name, file in files]


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
    try:
        return whole.write(path)
    except OSError as error:
        said = f"{path} cannot be written: {error.strerror or error}"
        raise LibraryError(said, fix="Make room on the disk, and the library's folder writable.") from error


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
