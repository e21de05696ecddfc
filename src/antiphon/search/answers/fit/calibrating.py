"""Calibrate an index on the library's val captions.

A checkpoint that was fitted again for search has seen val captions: their own tracks' scores would flatter. So scores
are taken of tracks that a caption is *not* of, and queries are judged by the text encoder, which no training changed:
whether one is nearer to what people ask of music, the captions that taught among it, than to texts of other domains.
``docs/experiments/unanswerable.md`` has what that is worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from antiphon.library.phrases import caption_phrases
from antiphon.library.tracks import Library
from antiphon.registry import TextEncoder
from antiphon.search.answers.fit.calibration import Calibration, Float32, lead, nearness, unit
from antiphon.search.answers.fit.gone import captions_gone
from antiphon.search.answers.fit.music import TEXTS as MUSIC
from antiphon.search.answers.fit.other_domains import TEXTS as OTHERS
from antiphon.search.searcher import Searcher
from antiphon.texts import normalised_text

MOST_KNOWN, MOST_ASKED = 400, 150
"""Captions that taught, and queries of val, that are read: a few seconds of the text encoder."""
FEWEST = 10
"""Val captions, and captions that taught, below which nothing is said. Each is scored with every track that it is not
of, so that fewer do than for judging a training (:data:`antiphon.library.captions.FEWEST_DESCRIBED`), where each is one
rank: the place of a score by 10 drawn captions is that by all of them give or take a point or two."""
ALARMS = 0.05
"""Share of val captions, their phrases and typed queries that may be taken for texts of other things."""
POOL = 2_000
"""Tracks, evenly through the index, that val captions are scored with."""


class QueryJudge(TypedDict):
    """The part of a :class:`Calibration` that judges queries."""

    known: NDArray[np.float16]
    gone: NDArray[np.float16]
    others: NDArray[np.float16]
    threshold: float
    taught: int
    gone_from: float


SHARES = np.concatenate([np.arange(0, 0.99, 0.01), np.arange(0.99, 0.999, 0.001), np.arange(0.999, 1, 0.0001)])


def calibration_of(searcher: Searcher) -> Calibration | None:
    """What a searcher's library tells; None where it has too few captions by people in train or val."""
    teaching, asking = (human_captions(searcher.library, split) for split in ("train", "val"))
    known_texts = evenly(list(dict.fromkeys(teaching.values())), MOST_KNOWN)
    asked = evenly(list(dict.fromkeys(asking.values())), MOST_ASKED)
    if len(known_texts) < FEWEST or len(asking) < FEWEST:
        return None
    phrases = [phrase for text in asked for phrase in caption_phrases(text)]
    queries = [*asked, *evenly(list(dict.fromkeys(phrases)), MOST_ASKED)]
    gone = captions_gone(searcher.library, known_texts)
    index = searcher.index
    places = np.arange(0, len(index), max(1, len(index) // POOL))
    scores = searcher.model.score_text(list(asked)) @ np.asarray(index.vectors[places]).T
    own = own_tracks(searcher.library, asked, index.track_ids[places])
    return Calibration(
        **judged_by(searcher.model.load_text_encoder(), known_texts, queries, evenly(gone, MOST_KNOWN)),
        shares=SHARES.astype(np.float32),
        scores=quantiles(scores, own),
        captions=len(asked),
    )


def judged_by(
    encoder: TextEncoder, known_texts: Sequence[str], queries: Sequence[str], gone_texts: Sequence[str] = ()
) -> QueryJudge:
    """What queries are judged by.

    Parameters
    ----------
    known_texts : captions that taught.
    queries : of val, at most :data:`ALARMS` of which may be taken for something else, or for what is gone.
    gone_texts : captions of tracks that have left.
    """

    def read(texts: Sequence[str]) -> Float32:
        return unit(np.asarray(encoder.encode(list(texts)), np.float32)) if texts else np.empty((0, 0), np.float32)

    music, others = read(MUSIC), read(OTHERS)
    known = np.concatenate([read(known_texts), music]) if known_texts else music
    mine = np.zeros((len(music), len(known)), bool)
    mine[:, len(known_texts) :] = np.eye(len(music), dtype=bool)  # a text is no evidence of itself
    typed = nearness(music, known, without=mine) - nearness(music, others)
    asked = read(queries)
    near = nearness(asked, known) - nearness(asked, others) if queries else typed[:0]
    gone = read(gone_texts)
    leads = [lead(each, known[: len(known_texts)], gone) for each in (asked, music) if len(each)]
    far = nearness(others, known) - nearness(others, others, without=np.eye(len(others), dtype=bool))
    return {
        "known": known.astype(np.float16),
        "gone": gone.astype(np.float16),
        "others": others.astype(np.float16),
        "threshold": threshold(np.concatenate([near, typed]), far),
        "taught": len(known_texts),
        "gone_from": min(0.0, lowest(np.concatenate(leads))),
    }


def lowest(near: Float32) -> float:
    """What at most :data:`ALARMS` of some lie below: the sample's own share would be more, of few."""
    return float(np.sort(near)[max(int(ALARMS * (len(near) + 1)) - 1, 0)])


def threshold(near: Float32, far: Float32) -> float:
    """Margin below which a query is of other things: at most :data:`ALARMS` of val lie below.

    Where the two hardly overlap it lies half way to the texts of other domains.

    Parameters
    ----------
    near, far : (n,), (m,) margins of queries about music, and of texts that are no music.
    """
    low = lowest(near)
    return min(low, (low + float(np.quantile(far, 1 - ALARMS))) / 2)


def human_captions(library: Library, split: str) -> dict[str, str]:
    """Caption id → text, of one split, by people."""
    split_of = dict(zip(library.column("track_id"), library.column("split"), strict=True))
    columns = [library.caption_column(name) for name in ("caption_id", "track_id", "text", "kind")]
    rows: Iterable[tuple[str, str, str, str]] = zip(*columns, strict=True)
    return {caption: text for caption, track, text, kind in rows if kind == "human" and split_of.get(track) == split}


def evenly(items: Sequence[str], most: int) -> list[str]:
    """At most so many of a list, evenly spread over it."""
    step = max(1, -(-len(items) // most))
    return list(items[::step])


def quantiles(scores: Float32, own: NDArray[np.bool_]) -> Float32:
    """Quantiles, at :data:`SHARES`, of the scores of captions, (texts, tracks), with tracks that they are not of."""
    return np.asarray(np.quantile(scores[~own], SHARES), np.float32)


def own_tracks(library: Library, texts: Sequence[str], ids: Iterable[str]) -> NDArray[np.bool_]:
    """(texts, tracks) where a track has the caption, or is a relative of one that has."""
    ids = list(ids)
    groups = library.group_numbers(ids)
    group_of = dict(zip(ids, groups, strict=True))
    row_of = {normalised_text(text): row for row, text in enumerate(texts)}
    own = np.zeros((len(texts), len(ids)), bool)
    for track, text in zip(library.caption_column("track_id"), library.caption_column("text"), strict=True):
        row = row_of.get(normalised_text(text))
        if row is not None and track in group_of:
            own[row] |= groups == group_of[track]
    return own
