"""How long a sound file says it is, without decoding it."""

from __future__ import annotations

import os

import av

from antiphon.audio.opening import OPTIONS
from antiphon.library.addresses import is_address, split_part


def stated_seconds(path: str) -> float | None:
    """Length in seconds from a file's header; None for an address, and where the header does not say.

    >>> stated_seconds("no such file") is None
    True
    """
    path, span = split_part(path)
    if span is not None and span.end is not None:
        return span.end - span.start
    if is_address(path) or not os.path.isfile(path):  # noqa: PTH113 - a path may hold bytes that are no text
        return None
    try:
        with av.open(path, metadata_errors="replace", options=OPTIONS) as container:
            whole = None if container.duration is None else container.duration / 1_000_000
    except (av.error.FFmpegError, OSError, ValueError):  # a playlist can do without a length
        return None
    return whole if whole is None or span is None else max(0.0, whole - span.start)
