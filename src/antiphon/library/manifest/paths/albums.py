"""What the path of a file in somebody's collection says: ``Artist/Album/03 Title.flac`` and its relatives."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

_DISC = re.compile(r"(?:cd|dis[ck]|vol(?:ume)?)[ ._-]*\d{1,2}(?:\b.*)?", re.IGNORECASE)
_NUMBER = re.compile(r"(?:\d{1,2}-)?\d{1,3}(?:\s*[-._]\s*|\s+)(?=[^\d\s._-])")
"""``03 ``, ``03 - ``, ``03.``, ``1-03 ``: a track's number, with a title behind it that does not begin with a digit."""
_SURE_NUMBER = re.compile(r"^(?:0\d{1,2}\s+|\d{1,3}\s*[-._]\s*)(?=[^\d\s._-])")
"""The same behind an artist, where a number may be the title's own: "99 Luftballons"."""
_LONE_SEPARATOR = re.compile(r"\s+[-–—]\s+")
_YEAR_BEFORE = re.compile(r"[(\[]?(?:19|20)\d\d[)\]]?\s*[-–. ]\s*(?=\S)")
_YEAR_BEHIND = re.compile(r"\s*[(\[](?:19|20)\d\d[)\]]$")


@dataclass(frozen=True, kw_only=True)
class NamesInPath:
    """What a path says; "" for what it does not. ``numbered``: the file's name begins with a track's number."""

    artist: str = ""
    album: str = ""
    title: str = ""
    numbered: bool = False


def is_numbered(name: str) -> bool:
    """Whether a file's name begins with a track's number."""
    return _NUMBER.match(name) is not None


def named_by(path: str) -> NamesInPath:
    """Read a path from the collection's folder on, folders of discs left out.

    A file below two folders is in an album of an artist; below one, in ``Artist - Album``, or in an album if it is
    numbered. ``03 Artist - Title`` names the artist too.
    """
    *folders, name = path.split("/")
    stem = PurePosixPath(name).stem
    number = _NUMBER.match(stem)
    numbered = number is not None
    folders = [folder for folder in folders if not _DISC.fullmatch(folder)]
    artist, album = _of_folders(folders, numbered=numbered)
    title = _plain(stem[number.end() :] if number else stem)
    first, *rest = _LONE_SEPARATOR.split(title)
    if rest and (not artist or comparable(first) == comparable(artist)):
        artist, title = artist or first, _SURE_NUMBER.sub("", rest[-1])
    return NamesInPath(artist=artist, album=album, title=title, numbered=numbered)


def _of_folders(folders: list[str], *, numbered: bool) -> tuple[str, str]:
    if not folders:
        return "", ""
    pieces = _LONE_SEPARATOR.split(_plain(folders[-1]))
    if len(folders) > 1:
        artist = _plain(folders[-2])
        same = len(pieces) > 1 and comparable(pieces[0]) == comparable(artist)
        return artist, _album(" - ".join(pieces[1:] if same else pieces))
    if len(pieces) > 1 and not pieces[0].isdecimal():
        return pieces[0], _album(" - ".join(pieces[1:]))
    return "", _album(" - ".join(pieces)) if numbered else ""


def _album(name: str) -> str:
    """An album's name without the year that is written before or behind it."""
    return _YEAR_BEHIND.sub("", _YEAR_BEFORE.sub("", name, count=1)) or name


def _plain(name: str) -> str:
    return " ".join((name if " " in name else name.replace("_", " ")).split())


def comparable(name: str) -> str:
    """A name as it is compared with a tag: file systems forbid marks, and some write "Beatles, The"."""
    folded = name.casefold()
    folded = folded.removesuffix(", the").removeprefix("the ")
    return "".join(mark for mark in folded if mark.isalnum())
