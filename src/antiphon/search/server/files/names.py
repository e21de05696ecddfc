"""Names of files in headers: a title or a playlist's name, whatever it holds, stays one name."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_NO_NAME = re.compile(r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff/\\:*?"<>|%;]')
"""Controls, what turns the direction of writing, and what file systems or headers read as more than a letter."""
LONGEST = 100
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?")


def file_name(name: str, ending: str) -> str:
    r"""A name under which a file may be kept anywhere, with its ending.

    >>> file_name("../../Rain\r\nSet-Cookie: x", ".m3u8")
    'Rain Set-Cookie x.m3u8'
    """
    plain = " ".join(_NO_NAME.sub(" ", name).split()).strip(". ")[:LONGEST].rstrip(". ")
    return f"{'untitled' if not plain or RESERVED.fullmatch(plain) else plain}{ending}"


def disposition(name: str, ending: str) -> str:
    """The header ``Content-Disposition`` of a file that a browser is to keep (RFC 6266)."""
    kept = file_name(name, ending)
    plain = unicodedata.normalize("NFKD", kept).encode("ascii", "ignore").decode() or f"untitled{ending}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(kept, safe='')}"
