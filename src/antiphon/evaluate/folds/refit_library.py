"""A library with other splits and fewer captions, over the same vectors: what a recipe is refitted in."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from antiphon.library.captions import CAPTION_COLUMNS
from antiphon.library.tracks import TRACK_COLUMNS, Library, save_tables

LINKED = ("embeddings", "metadata.parquet", "judgements.jsonl")
"""What is read where it is; nothing that trains or measures writes there."""


def write_refit_library(
    library: Library,
    into: Path,
    splits: NDArray[np.object_],
    *,
    hidden: Collection[str] = (),
    kinds: Collection[str] = ("human",),
) -> Library:
    """Write it, or write it again over what a killed run left.

    Parameters
    ----------
    into : folder; made if absent.
    splits : (n,) of each track, in the order of the track table.
    hidden : tracks whose captions of these ``kinds`` are left out.
    """
    into.mkdir(parents=True, exist_ok=True)
    tracks = library.track_table.select(TRACK_COLUMNS)
    place = tracks.column_names.index("split")
    tracks = tracks.set_column(place, "split", pa.array(splits.tolist(), pa.string()))
    captions = library.caption_table.select(CAPTION_COLUMNS)
    if hidden:
        left_out, judging = set(hidden), set(kinds)
        of_caption = zip(library.caption_column("track_id"), library.caption_column("kind"), strict=True)
        captions = captions.filter(
            pa.array([track not in left_out or kind not in judging for track, kind in of_caption])
        )
    for name in LINKED:
        _link(library.root / name, into / name)
    return save_tables(into, tracks, captions, {"audio_root": library.meta.get("audio_root", "")})


def _link(there: Path, here: Path) -> None:
    if here.is_symlink():
        here.unlink()
    if there.exists():
        here.symlink_to(there.resolve())
