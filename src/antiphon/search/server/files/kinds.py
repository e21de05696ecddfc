"""Kinds of sound files: what their names end with, and what they are called over HTTP."""

from __future__ import annotations

from pathlib import PurePath

KINDS = {
    "aac": "audio/aac",
    "aif": "audio/aiff",
    "aifc": "audio/aiff",
    "aiff": "audio/aiff",
    "alac": "audio/mp4",
    "ape": "audio/x-ape",
    "au": "audio/basic",
    "caf": "audio/x-caf",
    "dff": "audio/x-dff",
    "dsf": "audio/x-dsf",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "m4b": "audio/mp4",
    "mka": "audio/x-matroska",
    "mov": "video/quicktime",
    "mp2": "audio/mpeg",
    "mp3": "audio/mpeg",
    "mp4": "audio/mp4",
    "mpc": "audio/x-musepack",
    "oga": "audio/ogg",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "spx": "audio/ogg",
    "tta": "audio/x-tta",
    "wav": "audio/wav",
    "weba": "audio/webm",
    "webm": "audio/webm",
    "wma": "audio/x-ms-wma",
    "wv": "audio/x-wavpack",
}
"""Ending of a name → type (RFC 3003, 5334, 6381, and the ``x-`` names that players know)."""


def kind_of(name: PurePath | str) -> str | None:
    """The type of a sound file by its name; None for a file that is called like no sound."""
    return KINDS.get(PurePath(name).suffix.removeprefix(".").lower())
