"""Libraries of tracks and captions alone, without a sound or a vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from antiphon.library.tracks import Caption, Library, Track, save_library


def plain_library(
    root: Path,
    splits: Mapping[str, str],
    *,
    captions: Mapping[str, Sequence[str]] | None = None,
    paths: Mapping[str, str] | None = None,
    **about: Any,
) -> Library:
    """A track of its own group for each item of ``splits``, track → split.

    Parameters
    ----------
    captions : track → its texts; without it a track has none.
    paths : track → its file, from ``audio_root``.
    about : what ``library.json`` says beside what it always does, such as ``audio_root``.
    """
    tracks = [Track(track_id=t, path=(paths or {}).get(t, ""), group=f"track:{t}", split=s) for t, s in splits.items()]
    said = [
        Caption(caption_id=f"{track}#{n}", track_id=track, text=text)
        for track, texts in (captions or {}).items()
        for n, text in enumerate(texts)
    ]
    return save_library(root, tracks, said, about)


def one_track_library(root: Path, *texts: str) -> Path:
    """The folder of a library whose one track has these captions."""
    return plain_library(root, {"t": ""}, captions={"t": texts}).root
