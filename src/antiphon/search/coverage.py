"""How much of a library an answer could come from, while vectors are still being made."""

from __future__ import annotations

from antiphon.library.next_step import goes_on
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.joined import source_names


def coverage(library: Library, encoder: str, *, adds: bool = True) -> list[str]:
    """A sentence where tracks wait for their vectors of an encoder; none where all have theirs, or failed.

    Parameters
    ----------
    encoder : an audio encoder with vectors here, or several (``"muq+mert"``).
    adds : name the command that goes on.
    """
    stored = open_embedding(library, "audio", encoder)
    ids = library.column("track_id").tolist()
    there = sum(track_id in stored.row_of for track_id in ids)
    waiting = len(ids) - there - sum(track_id in stored.failed for track_id in ids)
    if not waiting:
        return []
    names = list(dict.fromkeys(source_names(encoder)))
    more = f" The others follow with: {goes_on(names, library.root)}" if adds else ""
    return [f"{encoder}: {there:,} of {len(ids):,} tracks have vectors so far.{more}"]
