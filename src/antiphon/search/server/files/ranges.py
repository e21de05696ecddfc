"""Which part of a file a request wants: RFC 9110, section 14.

Players ask for one part. Several at once are answered with the whole file, as the standard allows: nothing is gained
by them, and
thousands of small ones are an old attack. A header is looked at as a whole and never cut into pieces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import formatdate

_ONE = re.compile(r"bytes\s*=\s*(?P<first>[0-9]{0,18})\s*-\s*(?P<last>[0-9]{0,18})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True)
class ByteRange:
    """Bytes from ``start`` up to but without ``end``."""

    start: int
    end: int


class NoSuchPartError(Exception):
    """A request wants bytes that the file does not have (416)."""


def part_of(header: str | None, size: int) -> ByteRange | None:
    """The part that a ``Range`` header asks for; None for the whole file.

    >>> part_of("bytes=0-1", 10), part_of("bytes=-3", 10), part_of("bytes=0-1,4-5", 10)
    (ByteRange(start=0, end=2), ByteRange(start=7, end=10), None)

    Parameters
    ----------
    size : bytes of the file.

    Raises
    ------
    NoSuchPartError : it begins behind the file's end, or has no bytes.
    """
    found = _ONE.fullmatch(header.strip()) if header is not None else None
    if found is None or found["first"] == found["last"] == "":
        return None
    first, last = found["first"], found["last"]
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < start:  # means nothing, and so is no range at all
            return None
    if start >= end:
        raise NoSuchPartError
    return ByteRange(start, end)


def still_the_same(header: str | None, tag: str, changed: float) -> bool:
    """Whether an ``If-Range`` header, where there is one, names the file as it is now."""
    return header is None or header in (quoted(tag), formatdate(changed, usegmt=True))


def known_already(header: str | None, tag: str) -> bool:
    """Whether an ``If-None-Match`` header names the file as it is now: then it need not be sent."""
    if header is None or len(header) > 1000:
        return False
    return header == "*" or quoted(tag) in (one.strip().removeprefix("W/") for one in header.split(","))


def quoted(tag: str) -> str:
    """A tag as it stands in headers."""
    return f'"{tag}"'
