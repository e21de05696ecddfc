"""Files with the same content under two ids: sizes first, then a sample of each, and only then the whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from antiphon.library.addresses import split_part
from antiphon.library.files import file_hash
from antiphon.library.leakage.groups import Join

SAMPLE = 64 * 1024
SAME = "same file content"


def content_joins(
    track_ids: Sequence[str], root: Path, paths: Sequence[str], sizes: Sequence[int], marks: Sequence[str] = ()
) -> list[Join]:
    """Join each track to the first one of the same file, or with the same bytes.

    Parameters
    ----------
    track_ids : (n,).
    root : folder that relative paths start from.
    paths : (n,) files; "" for a track without one.
    sizes : (n,) bytes; files of a size that no other has are not opened, and empty files are never the same.
    marks : (n,) what is known to be equal for equal bytes, such as a hash of some of them; () for nothing.
    """
    files = [split_part(path)[0] for path in paths]
    first_of: dict[str, int] = {}
    joins = [
        Join(
            a=track_ids[first], b=track_ids[i], reason="parts of one file" if file != paths[i] else SAME, evidence=file
        )
        for i, file in enumerate(files)
        if file and (first := first_of.setdefault(file, i)) != i
    ]
    present = [i for i in first_of.values() if files[i] and sizes[i] > 0]
    for same_size in _classes(present, lambda i: f"{sizes[i]} {marks[i] if marks else ''}"):
        for same_sample in _classes(same_size, lambda i: _sample(root / files[i], sizes[i])):
            for same in _classes(same_sample, lambda i: _whole(root / files[i])):
                first = same[0]
                joins += [
                    Join(
                        a=track_ids[first],
                        b=track_ids[other],
                        reason=SAME,
                        evidence=f"{files[first]} and {files[other]}, {sizes[other]} bytes",
                    )
                    for other in same[1:]
                ]
    return joins


def _classes(items: Iterable[int], key: Callable[[int], str]) -> list[list[int]]:
    """Items with equal keys, alone-standing ones left out; an empty key equals nothing."""
    found: dict[str, list[int]] = {}
    for item in items:
        found.setdefault(key(item) or f"unreadable {item}", []).append(item)
    return [same for same in found.values() if len(same) > 1]


def _sample(path: Path, size: int) -> str:
    """Hash of the start and the middle; "" for a file that cannot be read (decoding it will say so)."""
    try:
        with path.open("rb") as stream:
            start = stream.read(SAMPLE)
            stream.seek(max(0, size // 2))
            return hashlib.sha256(start + stream.read(SAMPLE)).hexdigest()
    except OSError:
        return ""


def _whole(path: Path) -> str:
    try:
        return file_hash(path)
    except OSError:
        return ""
