"""Answers as a playlist that a player on this machine, or on another one with the same music, can open.

A track's file is written as an absolute path, under the name that the library knows it by (links are not resolved: a
music server knows the name that its owner gave); below another folder, where the player sees the same one elsewhere;
or relative to the playlist. An address (``s3://bucket/a.flac``) stands as it is, but that of a track which only a
Subsonic server has: no player opens it, and it is left out with a remark in its place.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from antiphon.errors import ConfigError
from antiphon.library.addresses import Span, is_address, split_part
from antiphon.library.files import write_atomically
from antiphon.library.manifest.paths.mapping import PathMap, seen_by_player

HEAD = "#EXTM3U"
NAME = "#PLAYLIST:"
"""How the line begins that says what the playlist is called."""
JSON_HEAD = '{\n  "antiphon_playlist":'
"""How a playlist in JSON begins, by which it is known again."""
ON_SERVER = "subsonic+"
"""How the address of a track begins that only a server has (:mod:`antiphon.library.subsonic.storage`)."""
_STEERING = re.compile("[\x00-\x1f\x7f-\x9f]")
_BREAKS = ("\n", "\r")
_NO_FILE = ("#", " ", "\t")
"""What a line that begins so cannot be a file's name as it stands: a comment, or with its space lost."""


class Listed(Protocol):
    """What a playlist says of a track."""

    @property
    def track_id(self) -> str:
        """Shown where there is neither artist nor title."""

    @property
    def title(self) -> str:
        """May be empty."""

    @property
    def artist(self) -> str:
        """May be empty."""

    @property
    def path(self) -> str:
        """Absolute path or address; "" where there is no sound."""


def m3u(
    tracks: Sequence[Listed],
    *,
    place: Callable[[str], str] = str,
    seconds: Callable[[str], float | None] = lambda _path: None,
    name: str = "",
) -> str:
    """An extended M3U playlist of the tracks that have sound; line breaks in titles become spaces.

    Parameters
    ----------
    place : a path as the player is to find it; see :func:`placed`.
    seconds : length of the sound at a path, None for unknown (written as -1).
    name : of the playlist; "" for none.

    A path with a line break in it cannot stand in a playlist, and is left out with a remark in its place.
    """
    lines = [HEAD, *([f"{NAME}{one_line(name)}"] if name else [])]
    for track in tracks:
        if not track.path:
            continue
        shown = one_line(" - ".join(part for part in (track.artist, track.title) if part) or track.track_id)
        why_not = _unwritable(track.path)
        if why_not:
            lines.append(f"# left out, {why_not}: {shown}")
            continue
        length = seconds(track.path)
        path, span = split_part(track.path)
        lines.append(f"#EXTINF:{-1 if length is None else round(length)},{shown}")
        lines += [] if span is None else _part(span)
        line = place(path)
        lines.append(f"./{line}" if line.startswith(_NO_FILE) else line)
    return "\n".join(lines) + "\n"


def one_line(text: str) -> str:
    """A text without line breaks, other runs of white space, and characters that steer a terminal."""
    return " ".join(_STEERING.sub(" ", text).split())


def left_out(tracks: Sequence[Listed]) -> list[str]:
    """Which tracks no playlist file can name, and why, a sentence each reason."""
    reasons = [(_unwritable(track.path) if track.path else "it has no file") for track in tracks]
    counts = {why: reasons.count(why) for why in dict.fromkeys(reasons) if why}
    return [f"{n:,} of {len(tracks):,} tracks cannot stand in a playlist file: {why}." for why, n in counts.items()]


def _unwritable(path: str) -> str:
    """Why a path cannot stand in a playlist; "" where it can."""
    if path.startswith(ON_SERVER):
        return f"only the server {path.partition('://')[2].partition('/')[0]} has its sound"
    return "its path has a line break" if any(mark in path for mark in _BREAKS) else ""


def _part(span: Span) -> list[str]:
    """Which part of the file is meant, as VLC and players like it read it."""
    lines = [f"#EXTVLCOPT:start-time={span.start:g}"]
    return lines if span.end is None else [*lines, f"#EXTVLCOPT:stop-time={span.end:g}"]


def placed(playlist: Path, *, relative: bool, maps: Sequence[PathMap]) -> Callable[[str], str]:
    """How paths are written; absolute where nothing else is asked for. An address stands as it is.

    Parameters
    ----------
    playlist : where it will be.
    relative : as they are seen from there.
    maps : folders under the names that a player knows; a path in none of them stands as it is.

    Raises
    ------
    ConfigError : both are asked for.
    """
    if relative and maps:
        raise ConfigError("Paths are relative or mapped, not both.", fix="Leave --relative or --path-map out.")
    if relative:
        base = os.path.dirname(os.path.abspath(playlist))  # noqa: PTH100, PTH120
        return lambda path: path if is_address(path) else os.path.relpath(path, base)
    return lambda path: seen_by_player(path, maps)


def unmapped(paths: Iterable[str], maps: Sequence[PathMap]) -> list[str]:
    """A remark where mappings are given and none fits any file: they are likely the wrong way round."""
    files = [path for path in paths if path and not is_address(path)]
    if not maps or not files or any(seen_by_player(path, maps) != path for path in files):
        return []
    folders = ", ".join(str(one.here) for one in maps)
    return [
        f"No file of the playlist lies in {folders} (the first is {files[0]}): paths stand as they are here. "
        "--path-map takes the player's folder first, then where it is on this machine."
    ]


def write_playlist(path: Path, text: str) -> None:
    """Write a playlist: over an older one, into a pipe or a device, but never over a file that is something else.

    Raises
    ------
    ConfigError : the file exists and is no playlist.
    """
    target = path.resolve() if path.is_symlink() and not path.is_relative_to("/dev") else path
    if target.is_dir():
        raise ConfigError(f"{path} is a folder.", fix=f"Name a file in it: {path / 'answers.m3u8'}")
    if target.is_file() and not _is_playlist(target):
        raise ConfigError(f"{path} exists and is no playlist: it is left as it is.", fix="Choose another name.")
    write_atomically(target, lambda stream: stream.write(text.encode("utf-8", "surrogateescape")))


def _is_playlist(path: Path) -> bool:
    with path.open("rb") as stream:
        head = stream.read(64).removeprefix(b"\xef\xbb\xbf")
    return not head or head.startswith((HEAD.encode(), JSON_HEAD.encode()))
