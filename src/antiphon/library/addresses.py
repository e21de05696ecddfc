"""What a track's path may be besides a file's: an address behind a scheme, or a part of a file.

An address is ``s3://bucket/a.flac``. A part is written as the W3C's media fragments are, ``full.flac#t=30,40``, in
seconds; without an end it is ``full.flac#t=30``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

_DRIVE = re.compile(r"/[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PART = re.compile(r"#t=(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$")


@dataclass(frozen=True)
class Span:
    """From where to where a part of a file goes, seconds; ``end`` is None for the file's end."""

    start: float
    end: float | None = None


def schemes_of(address: str) -> list[str]:
    """The kinds of storage that an address goes through, chains of fsspec included.

    >>> schemes_of("s3://bucket/a.flac")
    ['s3']
    >>> schemes_of("zip://a.flac::http://host/b.zip")
    ['zip', 'http']
    """
    return [link.partition("://")[0].casefold() for link in address.split("::")]


def is_address(path: Path | str) -> bool:
    """Whether this names something behind a scheme. A ``Path`` never does: it would have lost a slash."""
    return isinstance(path, str) and _SCHEME.match(path) is not None


def file_path(written: str) -> str | None:
    """The path that a ``file:`` address means, on this machine or on another; None for anything else.

    >>> file_path("file:///music/a%20b.mp3"), file_path("file://localhost/C:/a.mp3"), file_path("s3://music/a.mp3")
    ('/music/a b.mp3', 'C:/a.mp3', None)
    """
    if written[:5].casefold() != "file:" or "::" in written:
        return None
    path = unquote(urlsplit(written.replace("#", "%23").replace("?", "%3F")).path, errors="surrogateescape")
    return path[1:] if _DRIVE.match(path) else path


def part_path(path: str, span: Span) -> str:
    """A path that names a part of a file."""
    return f"{path}#t={_seconds(span.start)}{'' if span.end is None else f',{_seconds(span.end)}'}"


def split_part(path: str) -> tuple[str, Span | None]:
    """The file that a path names, and which part of it; None for the whole."""
    match = _PART.search(path)
    if match is None:
        return path, None
    return path[: match.start()], Span(float(match[1]), float(match[2]) if match[2] else None)


def _seconds(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
