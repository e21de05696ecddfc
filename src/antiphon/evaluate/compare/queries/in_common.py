"""The captions and tracks that all systems can be asked about, in one order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from antiphon.errors import LibraryError
from antiphon.evaluate.split_vectors import SplitVectors


def in_common(spaces: list[SplitVectors]) -> list[SplitVectors]:
    """Restrict spaces to the captions and tracks that all of them have, in one order.

    Raises
    ------
    LibraryError : there are none.
    """
    tracks = set.intersection(*(set(space.pairs.track_ids) for space in spaces))
    captions = set.intersection(*(set(space.pairs.caption_ids) for space in spaces))
    first = spaces[0].pairs
    owner = first.track_ids[first.track_of_caption]
    kept = [c for c, t in zip(first.caption_ids, owner, strict=True) if c in captions and t in tracks]
    described = dict.fromkeys(t for c, t in zip(first.caption_ids, owner, strict=True) if c in captions and t in tracks)
    if not kept:
        raise LibraryError(
            "The trained encoders have no described track in common on this split.",
            fix="Embed the library with all of them: antiphon embed --encoder NAME …",
        )
    return [_restricted(space, list(described), kept) for space in spaces]


def _restricted(space: SplitVectors, track_ids: list[str], caption_ids: list[str]) -> SplitVectors:
    pairs, raw = space.pairs, space.raw
    row_of_track = {t: i for i, t in enumerate(pairs.track_ids)}
    row_of_caption = {c: i for i, c in enumerate(pairs.caption_ids)}
    tracks = np.array([row_of_track[t] for t in track_ids], dtype=np.int64)
    captions = np.array([row_of_caption[c] for c in caption_ids], dtype=np.int64)
    place = np.full(len(pairs.track_ids), -1)
    place[tracks] = np.arange(len(tracks))
    owner, text_id = place[pairs.track_of_caption[captions]], pairs.text_id[captions]
    return replace(
        space,
        text=space.text[captions],
        audio=space.audio[tracks],
        pairs=replace(
            pairs,
            track_ids=pairs.track_ids[tracks],
            audio=pairs.audio[tracks],
            caption_ids=pairs.caption_ids[captions],
            texts=pairs.texts[captions],
            text=pairs.text[captions],
            track_of_caption=owner,
            text_id=text_id,
        ),
        clusters=space.clusters[tracks],
        raw=replace(
            raw, audio=raw.audio.subset(tracks), text=raw.text.subset(captions), track_of_caption=owner, text_id=text_id
        ),
    )
