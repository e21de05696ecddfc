"""Two older kinds of tags that tinytag does not read, or not in full: APE tags, and a WAV file's infos byte by byte."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from typing import BinaryIO

Raw = dict[str, list[str]]
APE = b"APETAGEX"
APE_FORMATS = (".ape", ".wv", ".mpc", ".mp3")
"""Endings of files that may have APE tags; those of MP3 files fill what their other tags leave open."""
FOOTER = 32
ID3V1 = 128
LARGEST = 16 << 20
MOST_ITEMS = 1000
_INFOS = {
    **{b"INAM": "title", b"TITL": "title", b"IART": "artist", b"IPRD": "album", b"IGNR": "genre", b"ICRD": "date"},
    **{b"ICMT": "comment", b"IMUS": "composer", b"ITRK": "track", b"IPRT": "track", b"IBPM": "bpm"},
}


def ape_tags(stream: BinaryIO) -> Raw:
    """The texts of the APE tag at a file's end, also before an ID3v1 tag; nothing where there is none.

    Source: https://wiki.hydrogenaud.io/index.php?title=APEv2_specification
    """
    end = stream.seek(0, os.SEEK_END)
    for behind in (0, ID3V1):
        if end < FOOTER + behind:
            return {}
        stream.seek(end - FOOTER - behind)
        footer = stream.read(FOOTER)
        if footer.startswith(APE):
            size, items = struct.unpack_from("<II", footer, 12)
            if not FOOTER <= size <= min(LARGEST, end - behind):
                return {}
            stream.seek(end - behind - size)
            return _gathered(_ape_items(stream.read(size - FOOTER), min(items, MOST_ITEMS)))
    return {}


def _ape_items(body: bytes, items: int) -> Iterator[tuple[str, str]]:
    position = 0
    for _ in range(items):
        if position + 8 > len(body):
            return
        size, flags = struct.unpack_from("<II", body, position)
        stop = body.find(b"\0", position + 8)
        if stop < 0 or stop + 1 + size > len(body):
            return
        if not flags & 0b110:  # a text, and no picture or link
            name = body[position + 8 : stop].decode("ascii", "replace")
            yield name, body[stop + 1 : stop + 1 + size].decode("utf-8", "replace")
        position = stop + 1 + size


def riff_infos(stream: BinaryIO) -> Raw:
    """The infos of a WAV file. They have no encoding: each byte is a character here, to be repaired later.

    Infos in UTF-8 are found among them like any other text that is called Latin-1.
    """
    stream.seek(12)
    while len(head := stream.read(8)) == 8:
        size = struct.unpack_from("<I", head, 4)[0]
        if head.startswith(b"LIST") and size <= LARGEST:
            body = stream.read(size)
            if body.startswith(b"INFO"):
                return _gathered(_infos(body[4:]))
            size = 0
        stream.seek(size + size % 2, os.SEEK_CUR)
    return {}


def _infos(body: bytes) -> Iterator[tuple[str, str]]:
    position = 0
    while position + 8 <= len(body):
        name, size = body[position : position + 4], struct.unpack_from("<I", body, position + 4)[0]
        value = body[position + 8 : position + 8 + size].rstrip(b"\0").decode("latin-1")
        yield _INFOS.get(name, name.decode("latin-1")), value
        position += 8 + size + size % 2


def _gathered(items: Iterator[tuple[str, str]]) -> Raw:
    raw: Raw = {}
    for name, value in items:
        raw.setdefault(name, []).append(value)
    return raw
