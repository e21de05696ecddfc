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
SAME_RECORDING = ("same audio", "same file content")
"""How reasons of joins begin that mean one recording; other relatives, such as alike captions, are other tracks."""


def recordings(root: Path) -> Mapping[str, str]:
    """Track id → the id that its recording goes by, of tracks that are one recording with others; not to be changed."""
    try:
        state = (root / "audit.json").stat()
    except OSError:
        return {}
    return _recordings(root.absolute(), (state.st_size, state.st_mtime_ns))


@lru_cache(maxsize=2)  # a server asks at each question, also where nothing can be kept on disk
def _recordings(root: Path, stamp: tuple[int, int]) -> Mapping[str, str]:
    """The same by an audit of that size and time."""
    path = root / "index" / NAME
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        kept = read_json(path)
        if kept["format"] == FORMAT and kept["audit"] == list(stamp):
            return dict(kept["recording_of"])
    found = _in_audit(read_audit(root))
    with suppress(OSError):  # a disk that cannot be written only makes the next search read the audit again
        if path.parent.is_dir():
            write_json(path, {"format": FORMAT, "audit": list(stamp), "recording_of": found})
    return found


def _in_audit(audit: dict[str, Any]) -> dict[str, str]:
    regrouped = audit.get("regrouped") or {}
    joins = [*(audit.get("joins") or ()), *(regrouped.get("joins") or ())]
    same = [join for join in joins if str(join.get("reason", "")).startswith(SAME_RECORDING)]
    forest = Forest()
    for join in same:
        forest.union(join["a"], join["b"])
    return {track: forest.find(track) for join in same for track in (join["a"], join["b"])}
