"""Tiny sound files with tags, byte by byte: no program that writes tags is needed, and every oddity can be written."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

SOUND = bytes(range(1, 256)) * 8
"""Stands for the sound: nobody decodes it here."""
Pairs = Sequence[tuple[str, str]]


def id3v2(frames: Sequence[tuple[str, bytes]], version: int = 4) -> bytes:
    """An ID3v2 tag of frames with their content."""
    body = b""
    for name, content in frames:
        size = _synchsafe(len(content)) if version == 4 else struct.pack(">I", len(content))
        body += name.encode() + size + b"\0\0" + content
    return b"ID3" + bytes([version, 0, 0]) + _synchsafe(len(body) + 16) + body + bytes(16)


def text(*values: str, encoding: str = "utf-8") -> bytes:
    """A text frame's content; ``latin-1`` may be said of anything that is bytes."""
    marks = {"utf-8": b"\3", "utf-16": b"\1"}
    zero = b"\0\0" if encoding == "utf-16" else b"\0"
    return marks.get(encoding, b"\0") + zero.join(value.encode(encoding) for value in values)


def txxx(name: str, *values: str) -> bytes:
    """A frame of the user's own name."""
    return b"\3" + name.encode() + b"\0" + b"\0".join(value.encode() for value in values)


def mp3(path: Path, *frames: tuple[str, bytes], version: int = 4, sound: bytes = SOUND) -> Path:
    """An MP3 file with an ID3v2 tag."""
    return _put(path, (id3v2(frames, version) if frames else b"") + b"\xff\xfb\x90\x64" + sound)


def plain_mp3(
    path: Path, title: str = "", artist: str = "", album: str = "", sound: bytes = SOUND, **more: str
) -> Path:
    """An MP3 file with the tags that matter most; further ones by frame name."""
    said = {"TIT2": title, "TPE1": artist, "TALB": album, **more}
    return mp3(path, *[(name, text(value)) for name, value in said.items() if value], sound=sound)


def id3v1(title: bytes, artist: bytes = b"", album: bytes = b"", year: bytes = b"", genre: int = 17) -> bytes:
    """An ID3v1.1 tag, the last 128 bytes of a file."""
    fixed = title.ljust(30, b"\0") + artist.ljust(30, b"\0") + album.ljust(30, b"\0") + year.ljust(4, b"\0")
    return b"TAG" + fixed + b"comment".ljust(28, b"\0") + b"\0\7" + bytes([genre])


def ape(pairs: Pairs, picture: bytes = b"") -> bytes:
    """An APE tag of texts, and of a picture."""
    items = [(name, value.encode(), 0) for name, value in pairs] + ([("Cover", picture, 2)] if picture else [])
    body = b"".join(
        struct.pack("<II", len(value), flags) + name.encode() + b"\0" + value for name, value, flags in items
    )
    return body + b"APETAGEX" + struct.pack("<IIII", 2000, len(body) + 32, len(items), 0) + bytes(8)


def vorbis(pairs: Pairs) -> bytes:
    """A Vorbis comment, as FLAC, Ogg Vorbis and Opus have it."""
    items = [f"{name}={value}".encode() for name, value in pairs]
    return struct.pack("<I", 1) + b"x" + struct.pack("<I", len(items)) + b"".join(map(_with_length, items))


def flac(path: Path, pairs: Pairs) -> Path:
    """A FLAC file."""
    comment = vorbis(pairs)
    return _put(path, b"fLaC\0\0\0\x22" + bytes(34) + b"\x84" + len(comment).to_bytes(3, "big") + comment + SOUND)


def ogg(path: Path, pairs: Pairs, codec: str) -> Path:
    """An Ogg file of the codec "vorbis" or "opus"."""
    first, second = (b"OpusHead", b"OpusTags") if codec == "opus" else (b"\1vorbis", b"\3vorbis")
    pages = [first + bytes([1, 1]) + bytes(20), second + vorbis(pairs), SOUND[:200]]
    return _put(path, b"".join(_ogg_page(number, page) for number, page in enumerate(pages)))


def m4a(path: Path, atoms: Sequence[tuple[bytes, Sequence[str | int]]], own: Pairs = ()) -> Path:
    """An MP4 file of texts and numbers, and of tags by names of one's own."""
    items = b"".join(_atom(name, b"".join(map(_data, values))) for name, values in atoms)
    for name, value in own:
        named = _atom(b"mean", bytes(4) + b"com.apple.iTunes") + _atom(b"name", bytes(4) + name.encode())
        items += _atom(b"----", named + _data(value))
    moov = _atom(b"moov", _atom(b"udta", _atom(b"meta", bytes(4) + _atom(b"ilst", items))))
    return _put(path, _atom(b"ftyp", b"M4A \0\0\0\0") + moov + _atom(b"mdat", SOUND))


def wma(path: Path, pairs: Pairs) -> Path:
    """An ASF file."""
    head = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
    extended = bytes.fromhex("40a4d0d207e3d21197f000a0c95ea850")
    body = struct.pack("<H", len(pairs))
    for name, value in pairs:
        said, content = (f"{part}\0".encode("utf-16-le") for part in (name, value))
        body += struct.pack("<H", len(said)) + said + struct.pack("<HH", 0, len(content)) + content
    found = extended + struct.pack("<Q", 24 + len(body)) + body
    return _put(path, head + struct.pack("<QIBB", 30 + len(found), 1, 1, 2) + found + SOUND)


def wav(path: Path, info: Sequence[tuple[str, bytes]], frames: Sequence[tuple[str, bytes]] = ()) -> Path:
    """A WAV file with a list of infos, and with an ID3 tag."""
    listed = b"INFO" + b"".join(_chunk(name.encode(), value) for name, value in info)
    chunks = _chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 16000, 2, 16)) + _chunk(b"LIST", listed)
    chunks += _chunk(b"id3 ", id3v2(frames)) if frames else b""
    body = b"WAVE" + chunks + _chunk(b"data", SOUND)
    return _put(path, b"RIFF" + struct.pack("<I", len(body)) + body)


def aiff(path: Path, *frames: tuple[str, bytes]) -> Path:
    """An AIFF file with an ID3 tag."""
    tag = id3v2(frames)
    tag += bytes(len(tag) % 2)
    body = b"AIFF" + b"ID3 " + struct.pack(">I", len(tag)) + tag + b"SSND" + struct.pack(">I", len(SOUND)) + SOUND
    return _put(path, b"FORM" + struct.pack(">I", len(body)) + body)


def _put(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def _synchsafe(number: int) -> bytes:
    return bytes((number >> shift) & 0x7F for shift in (21, 14, 7, 0))


def _with_length(item: bytes) -> bytes:
    return struct.pack("<I", len(item)) + item


def _ogg_page(number: int, packet: bytes) -> bytes:
    lacing = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    return (
        b"OggS\0"
        + bytes([2 if number == 0 else 0])
        + struct.pack("<qIII", 0, 1, number, 0)
        + bytes([len(lacing)])
        + lacing
        + packet
    )


def _atom(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", 8 + len(body)) + name + body


def _data(value: str | int) -> bytes:
    content = struct.pack(">II", 21, 0) + struct.pack(">H", value) if isinstance(value, int) else b""
    return _atom(b"data", content or struct.pack(">II", 1, 0) + str(value).encode())


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
