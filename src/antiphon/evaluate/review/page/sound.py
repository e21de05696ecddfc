"""A sound file over HTTP, the whole or the stretch that a player asks for (RFC 9110, section 14)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO, NamedTuple

from antiphon.evaluate.review.page.guard import Refused
from antiphon.library.manifest.paths.endings import is_sound

BLOCK = 1 << 16
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)

TYPES = {
    ".mp3": "audio/mpeg",
    ".flac": "audio/flac",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".m4a": "audio/mp4",
    ".mp4": "audio/mp4",
    ".aac": "audio/aac",
    ".wav": "audio/wav",
    ".aif": "audio/aiff",
    ".aiff": "audio/aiff",
    ".wma": "audio/x-ms-wma",
    ".webm": "audio/webm",
}
"""Ending → what a browser has to be told; it is told not to guess."""


class Stretch(NamedTuple):
    """Bytes ``start`` … ``end`` (not included) of ``size``; ``partial`` where a player asked for a part."""

    start: int
    end: int
    size: int
    partial: bool


def content_type(path: Path) -> str:
    """Of a sound file, by its name.

    Raises
    ------
    Refused : 404, its name is not that of a sound file: whatever a table of tracks names, nothing else is served.
    """
    if not is_sound(path.name):
        raise Refused(HTTPStatus.NOT_FOUND, "No sound file.")
    return TYPES.get(path.suffix.casefold(), "application/octet-stream")


def stretch_of(header: str | None, size: int) -> Stretch:
    """The bytes that a ``Range`` header asks for; all without one, or with one that is not understood.

    Raises
    ------
    Refused : 416, the file has no such bytes.
    """
    match = _RANGE.fullmatch((header or "").strip())
    if match is None or not (match[1] or match[2]):
        return Stretch(0, size, size, partial=False)
    if not match[1]:  # the last so many
        start, end = max(size - int(match[2]), 0), size
    else:
        start, end = int(match[1]), min(int(match[2]) + 1, size) if match[2] else size
    if start >= end:
        raise Refused(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, f"The file has {size} bytes.")
    return Stretch(start, end, size, partial=True)


def pieces(stream: BinaryIO, stretch: Stretch) -> Iterator[bytes]:
    """The bytes of the stretch, a block at a time; fewer where the file has been cut meanwhile."""
    stream.seek(stretch.start)
    left = stretch.end - stretch.start
    while left > 0 and (block := stream.read(min(BLOCK, left))):
        left -= len(block)
        yield block
