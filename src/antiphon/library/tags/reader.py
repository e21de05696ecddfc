"""One sound file's tags, and what tells its content from that of others."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from typing import BinaryIO

from tinytag import TinyTag
from tinytag.tinytag import TinyTagException, UnsupportedFormatError

from antiphon.library.tags.names import tag_name
from antiphon.library.tags.older import APE_FORMATS, Raw, ape_tags, riff_infos
from antiphon.library.tags.own import without_own
from antiphon.library.tags.tidy import Tags, tidy

BLOCK = 4096
FEWEST_DIFFERENT = 8
"""Different bytes in the block from the middle of a file below which it is silence, and says nothing of the content."""
MOST_BYTES = 64 << 20
"""What is read of a file at most: tags are at its ends, and pictures in them are jumped over."""
FARTHEST = 1 << 48
"""Bytes that no file has."""
OTHER_FORMAT = "its format has tags that cannot be read"


@dataclass(frozen=True, kw_only=True)
class FileTags:
    """What was read of a file.

    Parameters
    ----------
    tags : name → values.
    content : 32 hexadecimal digits that are equal for equal content; "" for what could not be read, and silence.
    repaired : the encoding from which its texts were repaired, "" where they were fine.
    doubtful : whether its texts look wrong and could not be repaired.
    left_out : texts that are a picture or a program's data.
    error : why its tags could not be read, "" where they could.
    """

    tags: Tags = field(default_factory=dict)
    content: str = ""
    repaired: str = ""
    doubtful: bool = False
    left_out: int = 0
    error: str = ""


class _Bounded:
    """A file that is read up to a limit, so that no header can make a reader swallow a disk, and ends where it ends."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._left = stream, MOST_BYTES
        self.tell = stream.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Like a file's, but no further than its end: damaged lengths must not cost the tags that were read before."""
        if offset > FARTHEST:
            return self._stream.seek(0, os.SEEK_END)
        return self._stream.seek(offset, whence)

    def read(self, size: int = -1) -> bytes:
        if size < 0 or size > self._left:
            size = self._left
        data = self._stream.read(size)
        self._left -= len(data)
        if not self._left:
            raise OSError(f"no end of its tags within {MOST_BYTES >> 20} MB")
        return data


def read_file(path: str, *, tags: bool = True) -> FileTags:
    """Read one file.

    Parameters
    ----------
    tags : whether to read tags, beside what identifies the content.
    """
    try:
        with open(path, "rb") as stream:  # noqa: PTH123 - a path may hold bytes that are no text
            content = _content(stream)
            stream.seek(0)
            return _read_tags(path, stream, content) if tags else FileTags(content=content)
    except OSError as error:
        return FileTags(error=error.strerror or str(error))


def _content(stream: BinaryIO) -> str:
    """Hash of the file's length, its beginning and its middle."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    start = stream.read(BLOCK)
    middle = b""
    if size > 2 * BLOCK:
        stream.seek(size // 2)
        middle = stream.read(BLOCK)
    if len(set(middle or start)) < FEWEST_DIFFERENT:
        return ""
    return hashlib.sha256(b"%d\0%s%s" % (size, start, middle)).hexdigest()[:32]


def _read_tags(path: str, stream: BinaryIO, content: str) -> FileTags:
    ending = os.path.splitext(path)[1].lower()  # noqa: PTH122
    raw: Raw = {}
    error = ""
    try:
        raw = _raw(TinyTag.get(path, file_obj=_Bounded(stream), tags=True, duration=False))  # type: ignore[arg-type]
    except UnsupportedFormatError:
        error = OTHER_FORMAT
    except (TinyTagException, OSError, ValueError, MemoryError) as fault:
        error = _reason(fault)
    if ending in APE_FORMATS:
        ape = ape_tags(stream)
        error = "" if ape else error
        raw = {**{name: values for name, values in ape.items() if tag_name(name) not in map(tag_name, raw)}, **raw}
    elif ending == ".wav" and any("\ufffd" in value for values in raw.values() for value in values):
        infos = riff_infos(stream)
        raw = {**{name: values for name, values in raw.items() if "\ufffd" not in values[0]}, **infos}
    if error:
        return FileTags(content=content, error=error)
    tags, repair, left_out = tidy(raw)
    return FileTags(
        tags=without_own(tags), content=content, repaired=repair.encoding, doubtful=repair.doubtful, left_out=left_out
    )


def _raw(found: TinyTag) -> Raw:
    """Name → values; the first value of a tag, then the others."""
    raw: Raw = {}
    for name in _SINGLE:
        value = getattr(found, name)
        if value is not None:
            raw[name] = [str(value)]
    for name, values in found.other.items():
        raw.setdefault(name.lstrip("_") or name, []).extend(values)
    return raw


_SINGLE = (
    *("title", "artist", "album", "albumartist", "genre", "year", "comment", "composer"),
    *("track", "track_total", "disc", "disc_total"),
)


def _reason(error: BaseException) -> str:
    text = str(error).strip()
    kind = type(error.__cause__ or error).__name__
    return (text if " " in text else f"its tags are damaged ({kind}: {text})" if text else "its tags are damaged")[:200]
