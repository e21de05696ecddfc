"""Where the tracks' sound is, and how a change of it is noticed.

A signature is ``size-time``, or ``size-time-hash`` where content was asked for: time is the modification time in
nanoseconds (a storage's own mark, for an address), hash the first 16 digits of the content's sha256. Behind the size
of a file of which a track is a part stands which part (``81920@30,40``). That of a vector ends with the sound that was
heard (``size-time-hash-sound``, :mod:`antiphon.embed.workers.packets`), by which a file that was only tagged is known.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from antiphon.audio.address import describe_address, open_address
from antiphon.errors import AudioError, LibraryError
from antiphon.library.addresses import is_address, schemes_of, split_part
from antiphon.library.files import stream_hash
from antiphon.library.tracks import Library

NO_PATH = "no path"
MISSING = "missing"
NOT_ALLOWED = "not allowed"
IRREGULAR = "not a file"
AWAY = {
    NO_PATH: "the manifest names no file for it now",
    MISSING: "its file is missing now",
    NOT_ALLOWED: "its address is of a kind of storage that the library does not allow",
}
"""Signatures of sound that is not there to be compared: vectors of then stay, and are marked so."""
LOCAL = ("file", "local")
"""Schemes that lead to this machine's own files."""
_THREADS = 16
"""A storage answers in tens of milliseconds; hashing is done outside the interpreter's lock."""


def sound_of(library: Library) -> list[str]:
    """For every track its file's absolute path or its address, "" where the manifest names none."""
    return [library.sound_at(str(path)) for path in library.column("path")]


def signatures(sounds: Sequence[str], *, content: bool = False, storage: Sequence[str] = ()) -> list[str]:
    """What says whether a file has changed.

    Parameters
    ----------
    sounds : as :func:`sound_of` gives them.
    content : read every file and hash it.
    storage : schemes of addresses that may be opened ("s3"), beside this machine's own files.
    """
    different = list(dict.fromkeys(sounds))
    allowed = frozenset((*LOCAL, *storage))
    if content or any(is_address(sound) for sound in different):
        with ThreadPoolExecutor(_THREADS) as threads:
            each = threads.map(lambda sound: _signature(sound, content, allowed), different)
            found = dict(zip(different, each, strict=True))
    else:
        found = {sound: _signature(sound, content, allowed) for sound in different}
    return [found[sound] for sound in sounds]


def require_present(sounds: Sequence[str], signed: Sequence[str]) -> None:
    """Refuse to go on where most files are gone, as with a disk that is not mounted.

    Parameters
    ----------
    sounds, signed : (n,) of the library's tracks.

    Raises
    ------
    LibraryError : more than half of the files that are named are missing.
    """
    named = [(sound, signature) for sound, signature in zip(sounds, signed, strict=True) if sound]
    gone = [sound for sound, signature in named if signature == MISSING]
    if 2 * len(gone) > len(named):
        if is_address(gone[0]):
            _complain_of(gone[0], len(gone), len(named))
        raise LibraryError(
            f"{len(gone):,} of {len(named):,} sound files are missing, such as {gone[0]}: the music folder is away or "
            "empty. Nothing was changed, and all vectors are kept.",
            fix="Mount it, or correct the paths and ingest again. To embed what is there all the same: --allow-missing",
        )


def _complain_of(address: str, gone: int, named: int) -> None:
    """Say why an address cannot be read: mostly all have the same trouble, such as a password.

    Raises
    ------
    LibraryError : with the storage's own reason, if it cannot be read now either.
    """
    try:
        describe_address(split_part(address)[0])
    except AudioError as error:
        raise LibraryError(
            f"{gone:,} of {named:,} sounds cannot be read. Nothing was changed, and all vectors are kept. The first: "
            f"{error.problem}",
            fix=error.fix,
        ) from error


def _signature(sound: str, content: bool, allowed: frozenset[str]) -> str:
    if not sound:
        return NO_PATH
    sound, span = split_part(sound)
    try:
        if is_address(sound):
            if not set(schemes_of(sound)) <= allowed:
                return NOT_ALLOWED
            length, changed = describe_address(sound)
        else:
            status = Path(sound).stat()
            if not stat.S_ISREG(status.st_mode):  # a pipe would wait for ever, a device might never end
                return IRREGULAR
            length, changed = status.st_size, str(status.st_mtime_ns)
        size = str(length) if span is None else f"{length}@{span.start},{span.end}"
        return f"{size}-{changed}-{_hash(sound)}" if content else f"{size}-{changed}"
    except (OSError, ValueError, AudioError):
        return MISSING


def _hash(sound: str) -> str:
    with _open(sound) as stream:
        return stream_hash(stream)[:16]


def _open(sound: str) -> BinaryIO:
    return open_address(sound) if is_address(sound) else Path(sound).open("rb")


def same_content(stored: str, now: str) -> bool:
    """Whether two signatures speak of equal content: by the sound where both have it, by the hash, by size and time."""
    left, right = _parts(stored), _parts(now)
    if left[3] and right[3]:
        return (_span(left[0]), left[3]) == (_span(right[0]), right[3])
    if left[2] and right[2]:
        return (left[0], left[2]) == (right[0], right[2])
    return (left[:2] == right[:2] and bool(left[1] and right[1])) or left == right


def _parts(signature: str) -> list[str]:
    """Size, time, hash and sound; "" for what it does not say."""
    return [*signature.split("-"), "", "", ""][:4]


def _span(size: str) -> str:
    return size.partition("@")[2]


def with_sound(signature: str, sound: str) -> str:
    """A signature that says, too, which sound was heard; as it was where that is not known, or there is no file."""
    size, time, content, _ = _parts(signature)
    return _joined(size, time, content, sound) if sound and time else signature


def _joined(size: str, time: str, *more: str) -> str:
    known = "-".join(more).rstrip("-")
    return f"{size}-{time}-{known}" if known else f"{size}-{time}"


def _merged(stored: str, now: str) -> str:
    """The signature of now, with what is known from before of the same content."""
    if stored == now:
        return now
    before, after = _parts(stored), _parts(now)
    content = after[2] or (before[2] if before[:2] == after[:2] else "")
    return _joined(*after[:2], content, after[3] or before[3])


def heard_again(
    sounds: Sequence[str], signed: Sequence[str], stored: Sequence[Mapping[str, str]], ids: Sequence[str]
) -> list[str]:
    """Signatures of now; those of files that are not as they were when they were heard say which sound is in them.

    Only those files are read, and only where a vector knows its sound.

    Parameters
    ----------
    sounds, signed, ids : (n,) of the library's tracks.
    stored : of each encoder, id → the signature of its vector.
    """
    waiting = []
    for position, (item, now) in enumerate(zip(ids, signed, strict=True)):
        before = [signatures[item] for signatures in stored if item in signatures]
        if now not in AWAY and any(_parts(s)[3] and not same_content(s, now) for s in before):
            waiting.append(position)
    from antiphon.embed.workers.packets import packets_hash  # loads FFmpeg, which nothing else here needs

    different = list(dict.fromkeys(sounds[position] for position in waiting))
    with ThreadPoolExecutor(_THREADS) as threads:
        found = dict(zip(different, threads.map(packets_hash, different), strict=True))
    told = list(signed)
    for position in waiting:
        told[position] = with_sound(signed[position], found[sounds[position]])
    return told


def renewed(stored: Mapping[str, str], ids: Sequence[str], now: Sequence[str]) -> dict[str, str]:
    """Signatures of items whose content is as it was, but of which more is known, or another time, today.

    Parameters
    ----------
    stored : id → signature, as the vectors have it.
    ids, now : of the library's items.
    """
    same = {
        item: _merged(stored[item], signature)
        for item, signature in zip(ids, now, strict=True)
        if item in stored and same_content(stored[item], signature)
    }
    return {item: signature for item, signature in same.items() if signature != stored[item]}
