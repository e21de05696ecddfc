"""Where the tracks' sound is, and how a change of it is noticed.

A signature is ``size-time``, or ``size-time-hash`` where content was asked for: time is the modification time in
nanoseconds (a storage's own mark, for an address), hash the first 16 digits of the content's sha256. Behind the size
of a file of which a track is a part stands which part (``81920@30,40``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from antiphon.audio.address import describe_address, open_address
from antiphon.errors import AudioError
from antiphon.library.addresses import is_address, split_part
from antiphon.library.tracks import Library

NO_PATH = "no path"
MISSING = "missing"
_THREADS = 16
"""A storage answers in tens of milliseconds; hashing is done outside the interpreter's lock."""


def sound_of(library: Library) -> list[str]:
    """For every track its file's absolute path or its address, "" where the manifest names none."""
    return [library.sound_at(str(path)) for path in library.column("path")]


def signatures(sounds: Sequence[str], *, content: bool = False) -> list[str]:
    """What says whether a file has changed.

    Parameters
    ----------
    sounds : as :func:`sound_of` gives them.
    content : read every file and hash it.
    """
    different = list(dict.fromkeys(sounds))
    if content or any(is_address(sound) for sound in different):
        with ThreadPoolExecutor(_THREADS) as threads:
            found = dict(zip(different, threads.map(lambda s: _signature(s, content), different), strict=True))
    else:
        found = {sound: _signature(sound, content) for sound in different}
    return [found[sound] for sound in sounds]


def _signature(sound: str, content: bool) -> str:
    if not sound:
        return NO_PATH
    sound, span = split_part(sound)
    try:
        if is_address(sound):
            length, changed = describe_address(sound)
        else:
            status = Path(sound).stat()
            length, changed = status.st_size, str(status.st_mtime_ns)
        size = str(length) if span is None else f"{length}@{span.start},{span.end}"
        return f"{size}-{changed}-{_hash(sound)}" if content else f"{size}-{changed}"
    except (OSError, ValueError, AudioError):
        return MISSING


def _hash(sound: str) -> str:
    digest = hashlib.sha256()
    with _open(sound) as stream:
        while block := stream.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:16]


def _open(sound: str) -> BinaryIO:
    return open_address(sound) if is_address(sound) else Path(sound).open("rb")


def same_content(stored: str, now: str) -> bool:
    """Whether two signatures speak of equal content: by the hash where both have one, else by size and time."""
    left, right = stored.split("-"), now.split("-")
    if len(left) == len(right) == 3:
        return (left[0], left[2]) == (right[0], right[2])
    return (left[:2] == right[:2] and bool(left[1:] and right[1:])) or stored == now


def renewed(stored: Mapping[str, str], ids: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """Signatures of items whose content is as it was, but whose signature says more, or another time, today.

    Parameters
    ----------
    stored : id → signature, as the vectors have it.
    ids, now : of the library's items.
    """
    return {
        item: signature
        for item, signature in zip(ids, now, strict=True)
        if item in stored and stored[item] != signature and same_content(stored[item], signature)
    }
