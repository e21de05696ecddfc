"""Libraries whose metadata hold a player's own ids."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from antiphon.library.metadata.store import METADATA_FILE, metadata_file
from antiphon.library.tracks import Library, Track, save_library


def library_with_ids(root: Path, ids: Mapping[str, object], *, field: str = "navidrome_id", **about: str) -> Library:
    """A track for each item of ``ids``, with the player's id in a field of metadata.

    Parameters
    ----------
    ids : track → the player's id.
    about : further columns, such as ``artist``, the same for all tracks.
    """
    tracks = [Track(track_id=track, path=f"{track}.flac", title=f"Song {track}", **about) for track in ids]
    table = pa.table({"track_id": list(ids), field: list(ids.values())})
    return save_library(root, tracks, [], {"audio_root": "/music"}, beside={METADATA_FILE: metadata_file(table)})
