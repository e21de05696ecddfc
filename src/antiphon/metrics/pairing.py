"""Two systems on the same queries, in both directions and in their mean.

The mean of directions weighs both alike, however many captions there are: a query's gain is scaled so that the mean
over all queries of both directions is the mean of the two directions' means. Clusters reach across directions: a
track and its captions are drawn together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics import significance
from antiphon.metrics.retrieval import QuerySubset, Ranked, query_clusters

FEW = 10
"""Clusters below which nothing is claimed without a test's p value, and no interval is taken at its word."""
ALPHA = 0.05
"""Largest p value at which a difference counts as significant."""
Verdict = Literal["better", "worse", "open"]


def decided(test: Mapping[str, Any], *, p: float | None = None) -> Verdict:
    """What a paired test says of a − b: it is significant where its p value and its interval agree on that.

    With fewer clusters than :data:`FEW` the p value alone decides: intervals of so few are too narrow.

    Parameters
    ----------
    test : ``difference``, ``ci95``, ``p`` and ``clusters``: see :func:`antiphon.metrics.significance.paired_means`.
    p : corrected for the number of tests, in place of the test's own.
    """
    if (test["p"] if p is None else p) > ALPHA or not test["difference"]:
        return "open"
    if _clusters(test) >= FEW and not excludes_zero(test):
        return "open"
    return "better" if test["difference"] > 0 else "worse"


def excludes_zero(test: Mapping[str, Any]) -> bool:
    """Whether the interval lies on one side of 0; False where there is none."""
    low, high = test["ci95"]
    return low is not None and (low > 0 or high < 0)


def _clusters(test: Mapping[str, Any]) -> int:
    """How many there are; results from before this was kept had enough, or nobody knows."""
    return int(test.get("clusters", FEW))


def caution(test: Mapping[str, Any], *, p: float | None = None) -> str:
    """One sentence where interval and p value seem to disagree, or where there is too little to tell; else ""."""
    n = _clusters(test)
    if n == 1:
        return "There is no interval: all of these tracks are one group, and one group cannot tell chance from skill."
    if excludes_zero(test) and decided(test, p=p) == "open":
        few = f"with only {n} independent groups the interval is too narrow, and " if n < FEW else ""
        return f"The interval leaves out 0 and the p value does not: {few}the difference counts as not significant."
    return ""


def interval_text(test: Mapping[str, Any], digits: int = 3) -> str:
    """``"95% -0.012 to +0.034"``, or ``"no interval"``."""
    low, high = test["ci95"]
    return "no interval" if low is None else f"95% {low:+.{digits}f} to {high:+.{digits}f}"


def paired_retrieval(
    a: Ranked,
    b: Ranked,
    track_of_caption: NDArray[Any],
    text_id: NDArray[Any],
    *,
    clusters: NDArray[Any] | None = None,
    asked: QuerySubset | None = None,
    resamples: int = 1000,
    permutations: int = 10_000,
    seed: int = 0,
) -> dict[str, dict[str, dict[str, Any]]]:
    """How much better a is than b, and how sure that is.

    Parameters
    ----------
    a, b : ranks of the same captions and tracks.
    asked : which these are, None for all.
    track_of_caption, text_id, clusters : as :func:`antiphon.metrics.retrieval.retrieval`.
    resamples, permutations, seed : as :func:`antiphon.metrics.significance.paired`.

    Returns
    -------
    ``{"t2a": {"MRR": {"difference", "ci95", "p", "clusters"}, "R@1": …}, "a2t": …, "mean": …}``
    """
    owner, texts = np.asarray(track_of_caption), np.asarray(text_id)
    n_tracks = len(a["a2t"] if asked is None else asked.tracks)
    ways = query_clusters(owner, texts, n_tracks, clusters, asked)
    sure: dict[str, int] = {"resamples": resamples, "permutations": permutations, "seed": seed}
    result = {
        "t2a": significance.paired(a["t2a"], b["t2a"], ways["t2a"], **sure),
        "a2t": significance.paired(a["a2t"], b["a2t"], ways["a2t"], **sure),
    }
    if asked is not None:
        owner, texts = owner[asked.captions], texts[asked.captions]
    both = clusters_of_both(ways, owner, texts)
    gains = {way: significance.gains(a[way], b[way]) for way in ("t2a", "a2t")}
    mean = {key: both_ways(gains["t2a"][key], gains["a2t"][key]) for key in gains["t2a"]}
    result["mean"] = significance.paired_gains(mean, both, **sure)
    return result


def both_ways(t2a: NDArray[np.float64], a2t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of captions followed by those of tracks, scaled so that their mean is the mean of both means."""
    half = (len(t2a) + len(a2t)) / 2
    return np.concatenate([t2a * half / len(t2a), a2t * half / len(a2t)])


def clusters_of_both(
    ways: Mapping[str, tuple[NDArray[Any], ...]], track_of_caption: NDArray[Any], text_id: NDArray[Any]
) -> tuple[NDArray[Any], ...]:
    """Clusters of captions followed by tracks; by text a track goes with its first caption."""
    group = ways["a2t"][0]
    across: tuple[NDArray[Any], ...] = (np.concatenate([ways["t2a"][0], group]),)
    if len(ways["t2a"]) > 1:
        first = np.unique(track_of_caption, return_index=True)[1]
        across += (np.concatenate([text_id, text_id[first]]),)
    return across
