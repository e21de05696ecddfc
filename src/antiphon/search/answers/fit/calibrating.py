"""Calibrate an index on the library's val captions.

A checkpoint that was fitted again for search has seen val captions: their own tracks' scores would flatter. So scores
are taken of tracks that a caption is *not* of, and queries are judged by the text encoder, which no training changed:
how near a val caption is to the captions that taught. ``docs/experiments/unanswerable.md`` has what that is worth.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import AntiphonError, reason
from antiphon.library.phrases import caption_phrases
from antiphon.search.answers.fit.calibration import Calibration, Float32, nearness, path_of, unit
from antiphon.search.answers.fit.other_domains import TEXTS
from antiphon.search.searcher import Searcher
from antiphon.texts import normalised_text

LOG = logging.getLogger(__name__)
MOST_KNOWN, MOST_ASKED = 400, 150
"""Captions that taught, and queries of val, that are read: a few seconds of the text encoder."""
FEWEST = 10
"""Val captions, and captions that taught, below which nothing is said."""
ALARMS = 0.05
"""Share of val captions that may be taken for texts of other things."""
POOL = 2_000
"""Tracks, evenly through the index, that val captions are scored with."""
SHARES = np.concatenate([np.arange(0, 0.99, 0.01), np.arange(0.99, 0.999, 0.001), np.arange(0.999, 1, 0.0001)])


def calibrate(searcher: Searcher) -> Calibration | None:
    """Write the calibration of a searcher's index, unless it is there; None where val has too few captions for one."""
    vectors = searcher.index.about.get("vectors")
    if vectors is None:
        return None
    path = path_of(searcher.library.root, vectors)
    if path.exists():
        return None
    try:
        found = calibration_of(searcher)
        if found is not None:
            found.write(path)
    except (OSError, AntiphonError) as error:
        LOG.warning("How well answers fit is not calibrated: %s", reason(error))
        return None
    for old in path.parent.glob("fit-*.npz"):
        if old != path:
            old.unlink(missing_ok=True)
    return found


def calibration_of(searcher: Searcher) -> Calibration | None:
    """What a searcher's library tells; None where it has too few captions by people in train or val."""
    teaching, asking = _captions(searcher, "train"), _captions(searcher, "val")
    known_texts = _evenly(list(dict.fromkeys(teaching.values())), MOST_KNOWN)
    asked = _evenly(list(dict.fromkeys(asking.values())), MOST_ASKED)
    if len(known_texts) < FEWEST or len(asking) < FEWEST:
        return None
    encoder = searcher.model.load_text_encoder()
    known = unit(np.asarray(encoder.encode(known_texts), np.float32))
    phrases = [phrase for text in asked for phrase in caption_phrases(text)]
    queries = [*asked, *_evenly(list(dict.fromkeys(phrases)), MOST_ASKED)]
    near = nearness(np.asarray(encoder.encode(queries), np.float32), known)
    far = nearness(np.asarray(encoder.encode(list(TEXTS)), np.float32), known)
    shares, scores = _scores(searcher, asked)
    return Calibration(
        known=known.astype(np.float16),
        shares=shares,
        scores=scores,
        threshold=threshold(near, far),
        captions=len(asked),
    )


def threshold(near: Float32, far: Float32) -> float:
    """Nearness below which a query is of other things: at most :data:`ALARMS` of val lie below.

    Where the two hardly overlap it lies half way to the texts of other domains: words that people type are further
    from captions than captions are.

    Parameters
    ----------
    near, far : (n,), (m,) nearness of val captions, and of texts that are no music.
    """
    allowed = int(ALARMS * (len(near) + 1))
    low = float(np.sort(near)[max(allowed - 1, 0)])
    return min(low, (low + float(np.quantile(far, 1 - ALARMS))) / 2)


def _captions(searcher: Searcher, split: str) -> dict[str, str]:
    """Caption id → text, of one split, by people."""
    library = searcher.library
    split_of = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    columns = [library.caption_column(name) for name in ("caption_id", "track_id", "text", "kind")]
    rows: Iterable[tuple[str, str, str, str]] = zip(*columns, strict=True)
    return {caption: text for caption, track, text, kind in rows if kind == "human" and split_of.get(track) == split}


def _evenly(items: Sequence[str], most: int) -> list[str]:
    step = max(1, -(-len(items) // most))
    return list(items[::step])


def _scores(searcher: Searcher, texts: Sequence[str]) -> tuple[Float32, Float32]:
    """Quantiles of the scores of captions with tracks that they are not of."""
    index = searcher.index
    places = np.arange(0, len(index), max(1, len(index) // POOL))
    scores = searcher.model.score_text(list(texts)) @ np.asarray(index.vectors[places]).T
    quantiles = np.quantile(scores[~_own(searcher, texts, places)], SHARES).astype(np.float32)
    return SHARES.astype(np.float32), quantiles


def _own(searcher: Searcher, texts: Sequence[str], places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(texts, tracks) where a track has the caption, or is a relative of one that has."""
    library = searcher.library
    ids = searcher.index.track_ids[places]
    groups = library.group_numbers(ids)
    group_of = dict(zip(ids, groups, strict=True))
    row_of = {normalised_text(text): row for row, text in enumerate(texts)}
    own = np.zeros((len(texts), len(places)), bool)
    for track, text in zip(library.caption_column("track_id"), library.caption_column("text"), strict=True):
        row = row_of.get(normalised_text(text))
        if row is not None and track in group_of:
            own[row] |= groups == group_of[track]
    return own
