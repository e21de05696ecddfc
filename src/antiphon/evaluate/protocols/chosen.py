"""A split as a protocol asks it: the captions that take part, and a check that they are the set that it names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import LibraryError
from antiphon.evaluate.protocols.protocol import Protocol
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.tracks import Library

TRUE = ("true", "1", "yes")
Bool = NDArray[np.bool_]


def as_asked(name: str, protocol: Protocol, library: Library, vectors: SplitVectors) -> SplitVectors:
    """The captions and tracks of a split that take part.

    Raises
    ------
    LibraryError : the library lacks a column, or the split is not the set that the protocol names.
    """
    taken = np.ones(len(vectors.pairs.caption_ids), np.bool_)
    if protocol.column:
        taken = _marked(name, protocol.column, library, vectors)
    if protocol.queries == "first":
        taken &= _first(vectors.pairs.track_of_caption, taken)
    asked = _only(vectors, taken)
    _require_counts(name, protocol, asked)
    if protocol.own_only:
        own = np.arange(len(asked.pairs.text_id))
        asked = replace(asked, pairs=replace(asked.pairs, text_id=own))
    return replace(asked, best_of=protocol.queries == "best")


def counts_said(protocol: Protocol, vectors: SplitVectors) -> str:
    """``"547 of 547 tracks, 746 of 746 captions"``; without "of" where the protocol names no numbers."""
    tracks, captions = len(vectors.pairs.track_ids), len(vectors.pairs.caption_ids)
    if not protocol.n_tracks:
        return f"{tracks:,} tracks, {captions:,} captions"
    return f"{tracks:,} of {protocol.n_tracks:,} tracks, {captions:,} of {protocol.n_captions:,} captions"


def _require_counts(name: str, protocol: Protocol, vectors: SplitVectors) -> None:
    have = len(vectors.pairs.track_ids), len(vectors.pairs.caption_ids)
    if not protocol.n_tracks or have == (protocol.n_tracks, protocol.n_captions):
        return
    left_out = len(vectors.pairs.left_out)
    without = f"; {left_out:,} more tracks have no vector" if left_out else ""
    raise LibraryError(
        f"This split is not the set of '{name}': {counts_said(protocol, vectors)}{without}.",
        fix="Put exactly its rows into a library, with split=test for each. Figures of other tracks are no figures of "
        "this protocol: --protocol own-track scores the same way on what there is.",
    )


def _marked(name: str, column: str, library: Library, vectors: SplitVectors) -> Bool:
    """(m,) captions whose row of the manifest says yes in this column; where it is empty they say no."""
    if column not in library.metadata:
        raise LibraryError(
            f"'{name}' needs the column {column} of the set's own table, which this library does not have.",
            fix="Ingest that table with all of its columns.",
        )
    owner = vectors.pairs.track_of_caption
    counts = np.bincount(owner, minlength=len(vectors.pairs.track_ids))
    marks = [library.metadata.of(track_id).get(column) for track_id in vectors.pairs.track_ids]
    said = [_of_track(str(t), mark, int(n)) for t, mark, n in zip(vectors.pairs.track_ids, marks, counts, strict=True)]
    place = np.arange(len(owner)) - np.searchsorted(owner, owner)
    return np.array([said[track][k] for track, k in zip(owner, place, strict=True)], np.bool_)


def _of_track(track_id: str, mark: object, n: int) -> Sequence[bool]:
    """What each of a track's n captions says.

    A library keeps a column's different values of a track, in the order of its rows: one value holds for all of its
    captions, as many values as captions are theirs one by one.
    """
    values = mark if isinstance(mark, list) else [mark]
    yes = [str(value).casefold() in TRUE for value in values]
    if len(yes) == 1 or n == 1:
        return [any(yes)] * n
    if len(yes) == n:
        return yes
    raise LibraryError(
        f"Which of the {n} captions of track '{track_id}' are meant cannot be told: the library keeps {len(yes)} "
        "values of its rows, not one each.",
        fix="Put only the rows that take part into a library.",
    )


def _first(owner: NDArray[np.int64], taken: Bool) -> Bool:
    """(m,) the first caption of each track among those that are taken."""
    found = np.zeros(len(owner), np.bool_)
    rows = np.flatnonzero(taken)
    found[rows[np.unique(owner[rows], return_index=True)[1]]] = True
    return found


def _only(vectors: SplitVectors, taken: Bool) -> SplitVectors:
    """Some captions, and the tracks that they are about."""
    if taken.all():
        return vectors
    if not taken.any():
        raise LibraryError("No caption of this split takes part.", fix="Look at the column in the manifest.")
    pairs, rows = vectors.pairs, np.flatnonzero(taken)
    tracks, owner = np.unique(pairs.track_of_caption[rows], return_inverse=True)
    of_captions = {name: getattr(pairs, name)[rows] for name in ("caption_ids", "texts", "text", "text_id", "kinds")}
    return replace(
        vectors,
        text=vectors.text[rows],
        audio=vectors.audio[tracks],
        clusters=vectors.clusters[tracks],
        pairs=replace(
            pairs, track_ids=pairs.track_ids[tracks], audio=pairs.audio[tracks], track_of_caption=owner, **of_captions
        ),
        raw=replace(
            vectors.raw,
            audio=vectors.raw.audio.subset(tracks),
            text=vectors.raw.text.subset(rows),
            track_of_caption=owner,
            text_id=vectors.raw.text_id[rows],
        ),
    )
