"""What slices show, and whether it is more than chance: arrays in, numbers out.

Conventions
-----------
a slice's figure
    MRR of its queries among *all* candidates, mean of directions; of a slice of captions that of t2a.
harder or easier
    the slice's queries against all others, by a score test with the null imposed: were the slice no different, a
    cluster's score would be as likely with either sign (P. Kline and A. Santos, J. Econometric Methods 1, 2012). It
    holds for clusters that lie in a slice only partly, and for tracks in several slices.
another order
    a paired test, in the slice, of every other system against the one that leads altogether.
how many
    slices below :data:`LEAST` tracks (captions) or below ten groups on either side are not tested; the p values of all
    others, both kinds, are corrected together (Holm), so that with nothing there one is "found" in at most one of
    twenty looks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.compare.queries.contest import Mask, Queries, Ways
from antiphon.evaluate.compare.slices.masks import Slice
from antiphon.metrics.pairing import ALPHA, FEW, both_ways
from antiphon.metrics.retrieval import Ranked
from antiphon.metrics.significance import holm, paired_means

LEAST = 20
"""Tracks (of a slice of captions: captions) below which a slice is not shown."""
Float64 = NDArray[np.float64]


def slice_findings(
    slices: Sequence[Slice],
    queries: Queries,
    ranked: Mapping[str, Ranked],
    *,
    resamples: int = 1000,
    permutations: int = 10_000,
    seed: int = 0,
) -> list[dict[str, Any]]:
    """Figures of every slice that is large enough, and the tests.

    Parameters
    ----------
    slices : of one column.
    ranked : system → ranks of all captions and tracks; the first leads altogether, the others may be baselines, too.
    resamples, permutations, seed : of intervals and tests.

    Returns
    -------
    One dict a slice, largest first: ``slice``, ``tracks``, ``captions``, ``MRR`` (system → value), ``chance`` (that
    of the same queries), ``rest`` (the leader's MRR elsewhere), ``against_rest`` (``difference``, ``p``, ``p_holm``)
    and ``against_leader`` (other system → paired test of it minus the leader, with ``p_holm``).
    """
    found = [_figures(each, queries, ranked) for each in slices if _testable(each, queries)]
    kept = [each for each in slices if _testable(each, queries)]
    tests: list[dict[str, Any]] = []
    sure = {"resamples": resamples, "permutations": permutations, "seed": seed}
    leader, *others = ranked
    for figures, each in zip(found, kept, strict=True):
        values, scores, inside, ways = _of_queries(each, queries, ranked)
        test = paired_means(scores, ways, **{**sure, "resamples": 1})
        figures["against_rest"] = {"difference": figures["MRR"][leader] - figures["rest"], "p": test["p"]}
        clusters = tuple(labels[inside] for labels in ways)
        figures["against_leader"] = {
            name: paired_means(values[name] - values[leader], clusters, **sure) for name in others
        }
        tests += [figures["against_rest"], *figures["against_leader"].values()]
    for test, corrected in zip(tests, holm([test["p"] for test in tests]), strict=True):
        test["p_holm"] = corrected
    return sorted(found, key=lambda figures: -figures["captions"])


def is_found(test: Mapping[str, Any]) -> bool:
    """Whether a test of a slice is more than chance, with all others taken into account."""
    return bool(test["p_holm"] <= ALPHA)


def _testable(each: Slice, queries: Queries) -> bool:
    mask = each.captions if each.tracks is None else each.tracks
    group = queries.clusters[queries.track_of_caption] if each.tracks is None else queries.clusters
    groups = min(len(np.unique(group[mask])), len(np.unique(group[~mask])))
    return int(mask.sum()) >= LEAST and int((~mask).sum()) >= LEAST and groups >= FEW and bool(each.captions.any())


def _figures(each: Slice, queries: Queries, ranked: Mapping[str, Ranked]) -> dict[str, Any]:
    leader = next(iter(ranked.values()))
    return {
        "slice": each.name,
        "tracks": None if each.tracks is None else int(each.tracks.sum()),
        "captions": int(each.captions.sum()),
        "MRR": {name: _mrr(both, each.captions, each.tracks) for name, both in ranked.items()},
        "chance": _chance(each, queries),
        "rest": _mrr(leader, ~each.captions, None if each.tracks is None else ~each.tracks),
    }


def _chance(each: Slice, queries: Queries) -> float:
    t2a = queries.chance("t2a", each.captions)["MRR"]
    return t2a if each.tracks is None else (t2a + queries.chance("a2t", each.tracks)["MRR"]) / 2


def _mrr(both: Ranked, captions: Mask, tracks: Mask | None) -> float:
    t2a = float(np.mean(1.0 / both["t2a"][captions]))
    return t2a if tracks is None else (t2a + float(np.mean(1.0 / both["a2t"][tracks]))) / 2


def _of_queries(
    each: Slice, queries: Queries, ranked: Mapping[str, Ranked]
) -> tuple[dict[str, Float64], Float64, Mask, Ways]:
    """Each system's values inside the slice; the leader's scores of all queries; who is inside; and the clusters."""
    of_captions, of_both = queries.ways
    leader = next(iter(ranked.values()))
    if each.tracks is None:
        inside = {name: 1.0 / both["t2a"][each.captions] for name, both in ranked.items()}
        return inside, _scores(leader["t2a"], each.captions), each.captions, of_captions
    inside = {
        name: both_ways(1.0 / both["t2a"][each.captions], 1.0 / both["a2t"][each.tracks])
        for name, both in ranked.items()
    }
    scores = both_ways(_scores(leader["t2a"], each.captions), _scores(leader["a2t"], each.tracks))
    return inside, scores, np.concatenate([each.captions, each.tracks]), of_both


def _scores(ranks: NDArray[Any], mask: Mask) -> Float64:
    """What each query gives to the covariance of reciprocal rank and being inside."""
    values = 1.0 / ranks
    scores: Float64 = (mask - mask.mean()) * (values - values.mean())
    return scores
