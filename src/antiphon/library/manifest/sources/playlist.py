"""M3U and M3U8 playlists: a path or an address a line, with lengths and titles where it is an extended one.

Winamp's ``#EXTINF:seconds,Artist - Title`` is a convention, not a format: what stands before the first `` - `` is taken
as the artist. Further directives that players write are ``#PLAYLIST``, ``#EXTALB``, ``#EXTART``, ``#EXTGENRE``,
``#EXTENC``.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from antiphon.errors import ManifestError
from antiphon.library.addresses import file_path, is_address
from antiphon.library.manifest.columns.options import ManifestOptions
from antiphon.library.manifest.paths.mapping import is_absolute
from antiphon.library.manifest.sources.tables import Item, MusicFolder, music_folder, source_table, without_nothing
from antiphon.library.manifest.table import Problem, Table, file_and_line

ENDINGS = frozenset({".m3u", ".m3u8"})
OTHERS = frozenset({*ENDINGS, ".pls", ".xspf", ".asx", ".wpl", ".cue", ".zpl"})
"""Files that list tracks themselves."""
HEAD = b"#EXTM3U"
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
LARGEST = 64 << 20
_EXTINF = re.compile(r"""\s*(-?\d+(?:\.\d+)?)?((?:\s+[\w-]+="[^"]*")*)\s*(?:,(.*))?""")


@dataclass(kw_only=True)
class _Reading:
    path: Path
    items: list[tuple[int, Item]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    about: Item = field(default_factory=dict)
    """What the directives before a path say about it."""
    album: Item = field(default_factory=dict)
    """What holds until the playlist says otherwise."""


def is_playlist(path: Path) -> bool:
    """Whether a file is an M3U playlist: by how it begins, else by its ending."""
    try:
        with path.open("rb") as stream:
            start = stream.read(64)
    except OSError:
        return False
    start = start.removeprefix(codecs.BOM_UTF8)
    return start.startswith(HEAD) or path.suffix.lower() in ENDINGS


def read_playlist(path: Path, options: ManifestOptions) -> Table:
    """One row a track; lines that name another playlist, or nothing that can be opened, are problems.

    Raises
    ------
    ManifestError : it cannot be read, lists nothing, or cuts one stream into pieces (HLS).
    """
    reading = _Reading(path=path)
    guessed = 0
    for number, line, certain in _lines(path):
        guessed += not certain
        if line.startswith("#"):
            _directive(reading, line)
        elif line:
            _entry(reading, number, line)
    notes = [f"{guessed} lines are not UTF-8 and were read as Windows-1252 (Latin-1)."] if guessed else []
    streams = sum(is_address(item["audio"]) for _, item in reading.items)
    if streams:
        notes.append(f"{streams} lines are addresses; none is opened unless it is allowed: antiphon embed --storage")
    folder = music_folder("", options, path.parent)
    items = [(number, {**item, "audio": _placed(item["audio"], path, folder)}) for number, item in reading.items]
    table = source_table(path, items, folder, reading.problems, notes, by_line=True)
    return replace(table, guessed=frozenset({"title", "artist"}))


def _lines(path: Path) -> Iterator[tuple[int, str, bool]]:
    """(number, line, whether its encoding is certain). Programs of different encodings add to one file."""
    try:
        if path.stat().st_size > LARGEST:
            raise ManifestError(f"{path} has more than {LARGEST >> 20} MB.", fix="Give a playlist of paths.")
        data = path.read_bytes()
    except OSError as error:
        raise ManifestError(f"{path} cannot be read: {error.strerror}.", fix="Check the path.") from error
    mark, encoding = next(((mark, name) for mark, name in MARKS if data.startswith(mark)), (b"", "utf-8"))
    data = data.removeprefix(mark)
    if encoding != "utf-8":
        data = data.decode(encoding, "replace").encode()
    for number, raw in enumerate(re.split(rb"\r\n|\n|\r", data), 1):
        try:
            yield number, raw.decode("utf-8").strip(), True
        except UnicodeDecodeError:
            yield number, _western(raw).strip(), False


def _western(raw: bytes) -> str:
    try:
        return raw.decode("cp1252")
    except UnicodeDecodeError:  # five bytes mean nothing there
        return raw.decode("latin-1")


def _directive(reading: _Reading, line: str) -> None:
    name, _, value = line.partition(":")
    name, value = name.upper(), value.strip()
    if name.startswith("#EXT-X-"):
        raise ManifestError(
            f"{reading.path} cuts one stream into pieces (HLS); it is no list of tracks.",
            fix="Give a playlist of files.",
        )
    if name == "#EXTINF":
        reading.about |= _extinf(value)
    elif name == "#EXTGENRE":
        reading.about["genre"] = [part.strip() for part in value.split(";") if part.strip()]
    elif name == "#EXTALB":
        reading.album["album"] = value
    elif name == "#EXTART":
        reading.album["albumartist"] = value
    elif name == "#PLAYLIST":
        reading.album["playlist"] = value


def _extinf(value: str) -> Item:
    found = _EXTINF.fullmatch(value)
    seconds, _, shown = found.groups() if found else (None, None, value)
    artist, dash, title = (shown or "").strip().partition(" - ")
    named = {"artist": artist.strip(), "title": title.strip()} if dash else {"title": artist}
    length = float(seconds or 0)
    return {**named, "length": length if length > 0 else None}


def _entry(reading: _Reading, number: int, line: str) -> None:
    about = {"playlist": reading.path.stem, **reading.album, **reading.about}
    reading.about = {}
    path = _path(line)
    if PurePosixPath(urlsplit(path).path if is_address(path) else path).suffix.lower() in OTHERS:
        reading.problems.append(
            Problem(
                where=file_and_line(reading.path.name, number),
                column="",
                problem=f"'{line}' is another playlist, not a track",
                fix="Ingest it by itself, or write its tracks here.",
                kind="playlist in a playlist",
            )
        )
        return
    reading.items.append((number, without_nothing({**about, "audio": path})))


def _placed(written: str, playlist: Path, folder: MusicFolder) -> str:
    """A relative path from where it starts: the playlist, or (as MPD writes them) the music's folder."""
    if is_address(written) or is_absolute(written) or playlist.parent.absolute() == folder.here:
        return written
    beside = os.path.normpath(playlist.parent.absolute() / written)
    return written if not os.path.exists(beside) or (folder.here / written).exists() else beside  # noqa: PTH110


def _path(line: str) -> str:
    """A line as a path: ``file:`` addresses are those of files here."""
    path = file_path(line)
    return line if path is None else path
