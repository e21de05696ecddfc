"""The best rank among a track's captions as the track's own: t2a with one query a track."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import correct_tracks
from antiphon.metrics.figures import metrics, per_query
from antiphon.metrics.retrieval import QuerySubset, Ranked, describe

Index = NDArray[np.int64]


def best_of_captions(ranked: Ranked, track_of_caption: Index, asked: QuerySubset | None = None) -> Ranked:
    """Ranks with one query a track in both directions.

    Parameters
    ----------
    ranked : of all captions and tracks, or of those that are ``asked``.
    track_of_caption : (m,) of all captions.
    """
    owner = track_of_caption if asked is None else track_of_caption[asked.captions]
    tracks, row = np.unique(owner, return_inverse=True)
    best = np.full(len(tracks), np.iinfo(np.int64).max)
    np.minimum.at(best, row, ranked["t2a"])
    return Ranked(t2a=best, a2t=ranked["a2t"])


def best_of_figures(
    ranked: Ranked,
    track_of_caption: Index,
    text_id: Index,
    clusters: Index,
    asked: QuerySubset | None = None,
    ks: tuple[int, ...] = (),
    *,
    resamples: int,
    seed: int,
) -> dict[str, Any]:
    """Figures of t2a as :func:`antiphon.metrics.retrieval.describe` gives them, with one query a track.

    Parameters
    ----------
    ranked, asked : as :func:`best_of_captions`.
    track_of_caption, text_id : (m,) of all captions.
    clusters : (n,) group number of each track.
    ks, resamples, seed : as there.
    """
    n = len(clusters)
    every, tracks = np.arange(n), None if asked is None else QuerySubset(asked.tracks, asked.tracks)
    best = best_of_captions(ranked, track_of_caption, asked)
    texts = text_of_track(track_of_caption, text_id)  # tracks of one text are not independent
    found = describe(best, every, texts, clusters=clusters, asked=tracks, ks=ks, resamples=resamples, seed=seed)["t2a"]
    several = np.bincount(track_of_caption, minlength=n)
    correct = correct_tracks(track_of_caption, text_id, n).counts
    mean = np.rint(np.bincount(track_of_caption, weights=correct, minlength=n) / several).astype(np.int64)
    own = np.ones(n, np.bool_) if asked is None else asked.tracks
    found["chance"] = best_of_chance(n, several[own], mean[own], ks)
    return found


def text_of_track(track_of_caption: Index, text_id: Index) -> Index:
    """(n,) number of the text of each track's first caption."""
    first = np.unique(track_of_caption, return_index=True)[1]
    return text_id[first]


def best_of_chance(n_items: int, n_captions: Index, n_correct: Index, ks: tuple[int, ...] = ()) -> dict[str, float]:
    """Expectation where each caption puts the items in a random order of its own; exact.

    Parameters
    ----------
    n_items : n ≥ 1.
    n_captions : (t,) captions of each track.
    n_correct : (t,) correct items of its captions; of unlike numbers the mean.
    ks : further K of R@K.
    """
    place = np.arange(n_items)
    found = np.zeros(n_items)
    kinds, counts = np.unique(np.stack([n_captions, n_correct]), axis=1, return_counts=True)
    for (several, correct), tracks in zip(kinds.T, counts, strict=True):
        missed = np.cumprod(np.maximum(n_items - correct - place, 0) / (n_items - place))
        found += tracks * -np.diff(missed**several, prepend=1.0)
    found /= counts.sum()
    figures = {key: float(found @ values) for key, values in per_query(place + 1, ks).items()}
    figures["median_rank"] = float(np.searchsorted(np.cumsum(found), 0.5 - 1e-9)) + 1.0
    return {key: figures[key] for key in metrics(ks)}
