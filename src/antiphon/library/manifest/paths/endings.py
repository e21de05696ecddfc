"""Which names are those of sound files."""

from __future__ import annotations

import os

SOUND = frozenset(
    f".{ending}"
    for ending in (
        *("aac", "aif", "aiff", "ape", "au", "flac", "m4a", "mka", "mp2", "mp3", "mp4"),
        *("mpc", "oga", "ogg", "opus", "wav", "webm", "wma", "wv"),
    )
)


def is_sound(name: str) -> bool:
    """Whether a name has the ending of a sound file."""
    return os.path.splitext(name)[1].lower() in SOUND  # noqa: PTH122 - ten times as fast as pathlib
