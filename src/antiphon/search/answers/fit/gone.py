"""Music that a library once had: captions of tracks that have left it, which a query may still ask for.

``index/once.json``: ``there``, captions that taught when the index was last calibrated, each with its tracks, and
``gone``, captions whose tracks have all left since, and that no other track has. A caption that somebody rewrote is not
gone. ``docs/experiments/unanswerable.md`` has what that tells.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from antiphon.library.files import read_json, write_json
from antiphon.library.tracks import Library
from antiphon.texts import normalised_text

FILE = "once.json"


def captions_gone(library: Library, teaching: Collection[str]) -> list[str]:
    """Captions that taught at an earlier calibration and are gone; those that teach now are noted for later ones.

    Parameters
    ----------
    teaching : captions that teach now, as far as a calibration reads them.
    """
    path = library.root / "index" / FILE
    tracks_of: dict[str, list[str]] = {}
    for track, text in zip(library.caption_column("track_id"), library.caption_column("text"), strict=True):
        tracks_of.setdefault(str(text), []).append(str(track))
    present, tracks = set(map(normalised_text, tracks_of)), set(library.column("track_id"))
    before = _noted(path)
    left = [text for text, owners in before["there"].items() if tracks.isdisjoint(owners)]
    gone = [text for text in dict.fromkeys([*left, *before["gone"]]) if normalised_text(text) not in present]
    now = {"there": {text: tracks_of.get(text, []) for text in teaching}, "gone": gone}
    if now != before:
        write_json(path, now)
    return gone


def _noted(path: Path) -> dict[str, Any]:
    """What was noted; nothing where that cannot be read: it is made anew."""
    try:
        said = read_json(path)
        there = {str(text): [str(track) for track in tracks] for text, tracks in said["there"].items()}
        return {"there": there, "gone": [str(text) for text in said["gone"]]}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {"there": {}, "gone": []}
