"""Which tracks of a library are one recording, as the leakage groups found it.

``index/recordings.json`` keeps what ``audit.json`` says of it, so that a large audit is not read at every search; it
counts while the audit is the file that it was made from.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from antiphon.library.files import read_json, write_json
from antiphon.library.leakage.groups import Forest, read_audit

NAME = "recordings.json"
FORMAT = 1
Stamp = tuple[int, int]
"""A file's size and time of modification."""
SAME_RECORDING = ("same audio", "same file content")
"""How reasons of joins begin that mean one recording; other relatives, such as alike captions, are other tracks."""


def recordings(root: Path) -> Mapping[str, str]:
    """Track id → the id that its recording goes by, of tracks that are one recording with others; not to be changed."""
    audit = _stamp(root / "audit.json")
    return {} if audit is None else _recordings(root.absolute(), audit, _stamp(root / "index" / NAME))


def _stamp(path: Path) -> Stamp | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns


@lru_cache(maxsize=2)  # a server asks at each question, also where there is no index to keep anything beside
def _recordings(root: Path, audit: Stamp, kept: Stamp | None) -> Mapping[str, str]:
    """The same while both files have that size and time."""
    path = root / "index" / NAME
    if kept is not None and (known := _kept(path, audit)) is not None:
        return known
    found = _in_audit(read_audit(root))
    with suppress(OSError):  # a disk that cannot be written only makes the next process read the audit again
        if path.parent.is_dir():
            write_json(path, {"format": FORMAT, "audit": list(audit), "recording_of": found})
    return found


def _kept(path: Path, audit: Stamp) -> Mapping[str, str] | None:
    """What a file keeps of an audit of that size and time; None where it is of another one, or damaged."""
    with suppress(OSError, ValueError, RecursionError):
        kept = read_json(path)
        if isinstance(kept, dict) and kept.get("format") == FORMAT and kept.get("audit") == list(audit):
            return dict(kept["recording_of"])
    return None


def _in_audit(audit: dict[str, Any]) -> dict[str, str]:
    regrouped = audit.get("regrouped") or {}
    joins = [*(audit.get("joins") or ()), *(regrouped.get("joins") or ())]
    same = [join for join in joins if str(join.get("reason", "")).startswith(SAME_RECORDING)]
    forest = Forest()
    for join in same:
        forest.union(join["a"], join["b"])
    return {track: forest.find(track) for join in same for track in (join["a"], join["b"])}
