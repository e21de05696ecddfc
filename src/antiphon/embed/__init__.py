"""Running encoders over a library: resumable, parallel, each file decoded once.

``embed_audio``        audio encoders over the tracks
``embed_text``         a text encoder over the captions
``load_text_encoder``  a text encoder by name, path, hub id or provenance

The names load lazily, so that a worker process does not pay for what only the main process needs.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from antiphon.embed.report import EmbedReport, Progress
    from antiphon.embed.text import embed_text, load_text_encoder
    from antiphon.embed.tracks import embed_audio

__all__ = ["EmbedReport", "Progress", "embed_audio", "embed_text", "load_text_encoder"]

_HOMES = {
    "EmbedReport": "report",
    "Progress": "report",
    "embed_audio": "tracks",
    "embed_text": "text",
    "load_text_encoder": "text",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
