"""What a file's header promises and its content lacks, for containers whose length FFmpeg takes from what is there.

WAV, Wave64, CAF and AVI state how many bytes of sound follow. Ogg (Vorbis, Opus, FLAC) states no length, but every
page says how long it is, as every box of a fragmented MP4 does: where the last one is not whole, the file was cut off,
and nobody can tell how much is lost. The last page of an Ogg file is marked as such: one without the mark was cut
exactly between two pages, or recorded from a stream, and nobody can tell which.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

_STREAMED = 0x7FFF_0000
"""From here on a 32-bit length is what writers put that did not know it."""
OGG_LAST_PAGE = 4
"""Of a page's flags: the last one (RFC 3533, 6.3)."""
_TAIL = 1 << 17
"""Two Ogg pages of the greatest length."""


@dataclass(frozen=True)
class Lack:
    """What is not there.

    Parameters
    ----------
    share : of the sound that was promised, 0 … 1.
    unknown : whether the file breaks off at a place from which nobody can tell how much is lost.
    unmarked : whether it ends where it could, but without the mark that ends such files: it may have been cut off.
    """

    share: float = 0.0
    unknown: bool = False
    unmarked: bool = False


WHOLE = Lack()


def lack_of(stream: BinaryIO) -> Lack:
    """Compare what a file of any kind promises with what it holds; ``stream`` is seekable."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    head = stream.read(16)
    if head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE":
        return _missing(_wave_data(stream, size, head[:4] != b"RIFF"), size)
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        return _missing((8, int.from_bytes(head[4:8], "little")), size)
    if head[:4] == b"riff":
        return _missing(_wave64_data(stream, size), size)
    if head[:4] == b"caff":
        return _missing(_caf_data(stream, size), size)
    if head[:4] == b"OggS":
        return _ogg(stream, size)
    if head[4:8] == b"ftyp":
        return _fragments(stream, size)
    return WHOLE


def _missing(data: tuple[int, int] | None, size: int) -> Lack:
    """From where the sound starts and how long it says it is."""
    if data is None or data[1] <= 0:
        return WHOLE
    start, length = data
    there = max(0, size - start)
    return Lack(share=1 - there / length) if there < length else WHOLE


def _wave_data(stream: BinaryIO, size: int, large: bool) -> tuple[int, int] | None:
    told: int | None = None
    for name, start, length in _chunks(stream, 12, size, "<4sI"):
        if name == b"ds64":
            told = struct.unpack("<Q", stream.read(16)[8:16])[0]
        if name == b"data":
            known = told if large and length == 0xFFFF_FFFF else length
            return None if known is None or (not large and known >= _STREAMED) else (start, known)
    return None


def _wave64_data(stream: BinaryIO, size: int) -> tuple[int, int] | None:
    for name, start, length in _chunks(stream, 40, size, "<16sQ", counts_itself=True, even=8):
        if name[:4] == b"data":
            return (start, length) if length < 1 << 62 else None
    return None


def _caf_data(stream: BinaryIO, size: int) -> tuple[int, int] | None:
    for name, start, length in _chunks(stream, 8, size, ">4sq", even=1):
        if name == b"data":
            return (start, length) if length > 0 else None
    return None


def _chunks(
    stream: BinaryIO, at: int, size: int, form: str, *, counts_itself: bool = False, even: int = 2
) -> Iterator[tuple[bytes, int, int]]:
    """(name, where its content starts, length) of every chunk; the stream stands at its content meanwhile."""
    header = struct.calcsize(form)
    while at + header <= size:
        stream.seek(at)
        name, length = struct.unpack(form, stream.read(header))
        length -= header if counts_itself else 0
        yield name, at + header, length
        if length < 0:
            return
        at += header + length + -length % even


def _ogg(stream: BinaryIO, size: int) -> Lack:
    stream.seek(max(0, size - _TAIL))
    tail = stream.read(_TAIL)
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 27:
        return Lack(unknown=True)
    lengths = tail[at + 27 : at + 27 + tail[at + 26]]
    whole = len(lengths) == tail[at + 26] and len(tail) >= at + 27 + len(lengths) + sum(lengths)
    return Lack(unknown=not whole, unmarked=whole and not tail[at + 5] & OGG_LAST_PAGE)


def _fragments(stream: BinaryIO, size: int) -> Lack:
    """An MP4 in fragments says of each how long it is; one in one piece has an index that FFmpeg reads."""
    at, fragmented = 0, False
    while at + 8 <= size:
        stream.seek(at)
        length, name = struct.unpack(">I4s", stream.read(8))
        if length == 1:
            length = int.from_bytes(stream.read(8), "big")
        fragmented = fragmented or name == b"moof"
        if length < 8:
            return WHOLE
        at += length
    return Lack(unknown=fragmented and at != size)


def mp3_frames(stream: BinaryIO) -> int:
    """How many frames the header of an MP3 says there are (Xing, Info, VBRI); 0 where it has none."""
    stream.seek(0)
    stream.seek(tag_bytes(stream.read(10)))
    start = stream.read(1 << 12)
    for mark in (b"Xing", b"Info"):
        at = start.find(mark)
        if at >= 0 and start[at + 7 : at + 8] and start[at + 7] & 1:
            return int.from_bytes(start[at + 8 : at + 12], "big")
    at = start.find(b"VBRI")
    return int.from_bytes(start[at + 14 : at + 18], "big") if at >= 0 else 0


def tag_bytes(head: bytes) -> int:
    """Length of the ID3 tag that ``head``, ten bytes, begins; 0 where it begins none."""
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    return 10 + sum((byte & 127) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
