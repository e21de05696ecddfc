"""Retrieval metrics from ranks, their chance level, and the protocol that every figure of Antiphon follows.

Conventions
-----------
R@K
    percent of queries whose best correct item has rank ≤ K (also called hit rate or hit@K; *not* the share of a
    query's correct items that were found). 0 … 100.
MRR
    mean of 1/rank over the queries, 0 … 1 (E. M. Voorhees, TREC-8 Question Answering Track Report, 1999). 1/MRR is
    the harmonic mean rank, not the mean rank.
median_rank
    ``numpy.median`` of the 1-based ranks: with an even number of queries the mean of the middle two.
chance
    exact expectation when the items are put in random order, several correct items included.

Ranks and their tie rule: :mod:`antiphon.metrics.ranks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import Embeddings
from antiphon.metrics import bootstrap
from antiphon.metrics.correct import CaptionedTracks, Correct, Index, correct_captions, correct_tracks
from antiphon.metrics.figures import per_query
from antiphon.metrics.ranks import Columns, Watch, ranks, ranks_both_ways, ranks_of_systems

PROTOCOL = (
    "t2a: every caption is a query, the items are all tracks of the split, correct are the caption's track and every "
    "track with a caption of identical text. a2t: every track is a query, the items are all captions of the split, "
    "correct are the track's own captions and those of identical text; the best rank counts. Ranks are 1-based, ties "
    "count against the query. R@K in percent, MRR 0-1, median rank by numpy."
)
OWN_FOLD = "Candidates are those of the query's own fold."
"""What folds add to it."""


class Ranked(TypedDict):
    """Ranks of both directions: ``t2a`` (m,) one a caption, ``a2t`` (n,) one a track."""

    t2a: Index
    a2t: Index


class QuerySubset(NamedTuple):
    """Which of the queries are asked, among all items: some tracks, and the captions of these.

    Parameters
    ----------
    captions : (m,) booleans, one a caption.
    tracks : (n,) booleans, one a track.
    """

    captions: NDArray[np.bool_]
    tracks: NDArray[np.bool_]

    @classmethod
    def from_tracks(cls, tracks: NDArray[np.bool_], track_of_caption: NDArray[Any]) -> QuerySubset:
        """Those tracks (n,) and all of their captions."""
        return cls(tracks[np.asarray(track_of_caption, dtype=np.int64)], tracks)

    def among(self, ranked: Ranked) -> Ranked:
        """Their ranks out of those of all."""
        return Ranked(t2a=ranked["t2a"][self.captions], a2t=ranked["a2t"][self.tracks])


def summarise(ranks: NDArray[Any], ks: Iterable[int] = ()) -> dict[str, float]:
    """R@1, R@5, R@10 (percent), MRR (0–1) and median rank.

    Parameters
    ----------
    ranks : (q,) 1-based ranks.
    ks : further K of R@K.

    Raises
    ------
    ValueError : no ranks, or one below 1.
    """
    array = np.asarray(ranks)
    if array.size == 0 or array.min() < 1:
        raise ValueError("metrics need at least one rank, and ranks start at 1")
    means = {key: float(np.mean(values)) for key, values in per_query(array, ks).items()}
    return {**means, "median_rank": float(np.median(array))}


def chance(n_items: NDArray[Any] | int, n_correct: NDArray[Any] | int, ks: Iterable[int] = ()) -> dict[str, float]:
    """What :func:`summarise` is expected to give when the items are in random order.

    A query with c correct items among n has its best one behind rank k with probability C(n−c, k) / C(n, k).

    Parameters
    ----------
    n_items : n ≥ 1, of all queries; or (q,), where queries have items of their own that do not count.
    n_correct : (q,) correct items of each query, or one number for all; 1 … n.
    ks : further K of R@K.

    Returns
    -------
    The keys of :func:`summarise`; ``median_rank`` is the median of the mixture over the queries.

    Raises
    ------
    ValueError : a number of correct items is out of range.
    """
    correct, items = np.broadcast_arrays(np.atleast_1d(np.asarray(n_correct)), np.asarray(n_items))
    if not correct.size or correct.min() < 1 or (correct > items).any():
        raise ValueError(f"queries need between 1 and {np.max(n_items, initial=0)} correct items")
    values, weights = np.unique(np.stack([items, correct]), axis=1, return_counts=True)
    place = np.arange(items.max())
    found = np.zeros(items.max())  # probability that the best correct item has rank place + 1, over all queries
    for (n, c), weight in zip(values.T, weights, strict=True):
        missed = np.cumprod(np.maximum(n - c - place[:n], 0) / (n - place[:n]))
        found[:n] += weight * -np.diff(missed, prepend=1.0)
    found /= weights.sum()
    # rounding must not put chance above the figure of a query whose first item is right
    means = {key: min(float(values[0]), float(found @ values)) for key, values in per_query(place + 1, ks).items()}
    return {**means, "median_rank": _median(np.cumsum(found))}


def _median(cumulative: NDArray[np.float64]) -> float:
    """Median of ranks 1 … n by numpy's rule, from their cumulative probabilities."""
    low = int(np.searchsorted(cumulative, 0.5 - 1e-9))
    high = int(np.searchsorted(cumulative, 0.5 + 1e-9))
    return (low + min(high, len(cumulative) - 1)) / 2 + 1


def answers(track_of_caption: NDArray[Any], text_id: NDArray[Any], n_tracks: int) -> tuple[Correct, Correct]:
    """Correct tracks of each caption (t2a) and correct captions of each track (a2t)."""
    return correct_tracks(track_of_caption, text_id, n_tracks), correct_captions(track_of_caption, text_id, n_tracks)


def rank_both(text: NDArray[Any], audio: NDArray[Any], track_of_caption: NDArray[Any], text_id: NDArray[Any]) -> Ranked:
    """Ranks of both directions under :data:`PROTOCOL`; parameters and errors as :func:`retrieval`."""
    t2a, a2t = ranks_both_ways(text, audio, *answers(track_of_caption, text_id, len(audio)))
    return Ranked(t2a=t2a, a2t=a2t)


def rank_asked(
    text: NDArray[Any], audio: NDArray[Any], track_of_caption: NDArray[Any], text_id: NDArray[Any], asked: QuerySubset
) -> Ranked:
    """Of :func:`rank_both` the ranks of some queries, for their share of the work."""
    tracks, captions = answers(track_of_caption, text_id, len(audio))
    return Ranked(
        t2a=ranks(text[asked.captions], audio, tracks.of_queries(asked.captions)),
        a2t=ranks(audio[asked.tracks], text, captions.of_queries(asked.tracks)),
    )


def rank_systems(
    embedded: Embeddings,
    track_of_caption: NDArray[Any],
    text_id: NDArray[Any],
    systems: Mapping[str, Columns],
    *,
    watch: Mapping[str, Watch] | None = None,
) -> dict[str, Ranked]:
    """:func:`rank_both` of several systems, each some columns of the same vectors.

    Parameters
    ----------
    systems, watch : as :func:`antiphon.metrics.ranks.ranks_of_systems`; queries are the captions.
    """
    correct = answers(track_of_caption, text_id, len(embedded.audio))
    found = ranks_of_systems(*embedded, *correct, systems, watch=watch)
    return {name: Ranked(t2a=t2a, a2t=a2t) for name, (t2a, a2t) in found.items()}


def mean_mrr(embedded: Embeddings, pairs: CaptionedTracks) -> float:
    """Mean of both directions' MRR under :data:`PROTOCOL`, 0 … 1; what settings and weights are chosen by."""
    ranked = rank_both(*embedded, pairs.track_of_caption, pairs.text_id)
    return float(np.mean(1.0 / ranked["t2a"]) + np.mean(1.0 / ranked["a2t"])) / 2


def mean_of_directions(figures: Mapping[str, Mapping[str, Any]], key: str = "MRR") -> float:
    """Mean of one figure over both directions of what :func:`retrieval` gives."""
    return float(figures["t2a"][key] + figures["a2t"][key]) / 2


def retrieval(
    text: NDArray[Any],
    audio: NDArray[Any],
    track_of_caption: NDArray[Any],
    text_id: NDArray[Any],
    *,
    resamples: int = 0,
    seed: int = 0,
    clusters: NDArray[Any] | None = None,
) -> dict[str, dict[str, Any]]:
    """Both directions of retrieval in a shared space.

    Parameters
    ----------
    text : (m, k) caption vectors, unit length for cosine.
    audio : (n, k) track vectors.
    track_of_caption : (m,) track number of each caption; every track has at least one.
    text_id : (m,) equal for captions of identical text.
    resamples : bootstrap resamples behind ``ci95``; 0 leaves ``ci95`` out.
    seed : of the bootstrap.
    clusters : (n,) group number of each track, for tracks that are not independent; None for each its own.

    Returns
    -------
    ``{"t2a": {"n_queries", "n_items", "n_groups", "R@1", …, "median_rank", "chance": {…}, "ci95": {key: [low, high]}},
    "a2t": …}``; ``n_groups`` of the queries are independent, and of one group there is no interval: [None, None].

    Raises
    ------
    ValueError : shapes disagree, or a track has no caption.
    """
    ranked = rank_both(text, audio, track_of_caption, text_id)
    return describe(ranked, track_of_caption, text_id, resamples=resamples, seed=seed, clusters=clusters)


def describe(
    ranked: Ranked,
    track_of_caption: NDArray[Any],
    text_id: NDArray[Any],
    *,
    resamples: int = 0,
    seed: int = 0,
    clusters: NDArray[Any] | None = None,
    asked: QuerySubset | None = None,
    ks: Iterable[int] = (),
) -> dict[str, dict[str, Any]]:
    """The result of :func:`retrieval` from ranks that are known already.

    ``asked``: whose ranks, None for all; ``ks``: further K of R@K.
    """
    ks = tuple(ks)
    n_captions, n_tracks = len(track_of_caption), len(ranked["a2t"] if asked is None else asked.tracks)
    tracks, captions = answers(track_of_caption, text_id, n_tracks)
    if asked is not None:
        tracks, captions = tracks.of_queries(asked.captions), captions.of_queries(asked.tracks)
    ways = query_clusters(track_of_caption, text_id, n_tracks, clusters, asked)
    result: dict[str, dict[str, Any]] = {}
    for name, found, n_items, correct, own_clusters in (
        ("t2a", ranked["t2a"], n_tracks, tracks, ways["t2a"]),
        ("a2t", ranked["a2t"], n_captions, captions, ways["a2t"]),
    ):
        groups = min(len(np.unique(labels)) for labels in own_clusters)
        result[name] = {"n_queries": len(found), "n_items": n_items, "n_groups": groups, **summarise(found, ks)}
        result[name]["chance"] = chance(n_items, correct.counts, ks)
        if resamples:
            result[name]["ci95"] = bootstrap.intervals(found, own_clusters, ks=ks, resamples=resamples, seed=seed)
    return result


def query_clusters(
    track_of_caption: NDArray[Any],
    text_id: NDArray[Any],
    n_tracks: int,
    clusters: NDArray[Any] | None = None,
    asked: QuerySubset | None = None,
) -> dict[str, tuple[NDArray[Any], ...]]:
    """Ways in which the queries of each direction depend on one another, for :mod:`antiphon.metrics.bootstrap`.

    Captions depend through their track (or its group), and through their text where several tracks share one. Of a
    sample only the labels of those that are ``asked``.
    """
    group = np.arange(n_tracks) if clusters is None else np.asarray(clusters)
    own = group[np.asarray(track_of_caption, dtype=np.int64)]
    texts = np.asarray(text_id)
    if asked is not None:
        own, texts, group = own[asked.captions], texts[asked.captions], group[asked.tracks]
    shared = len(np.unique(texts)) < len(texts)
    return {"t2a": (own, texts) if shared else (own,), "a2t": (group,)}
