"""Several rankings as one, by the ranks alone.

Reciprocal rank fusion (Cormack, Clarke & Büttcher, SIGIR 2009): a track's score is the sum of 1 / (K + rank) over the
rankings that have it, ranks counted from 1, K = 60 as there. Scores of different spaces need not compare for it. Of
equal scores that track is first which an earlier ranking has further up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from antiphon.search.hits import Hit, Hits
from antiphon.search.queries.naming.first import NAME, by_name_first

K = 60


def by_ranks(rankings: Sequence[Hits], k: int, *, by: str) -> Hits:
    """The k best of several rankings of one library; what a name found stays before all else.

    Parameters
    ----------
    by : what the answers say found them.
    """
    named = [Hits(hit for hit in each if hit.by == NAME) for each in rankings]
    others = [Hits(hit for hit in each if hit.by != NAME) for each in rankings]
    return by_name_first(_summed(named, by), _summed(others, by), k)


def _summed(rankings: Sequence[Hits], by: str) -> Hits:
    scores: dict[str, float] = {}
    first: dict[str, Hit] = {}
    for ranking in rankings:
        for rank, hit in enumerate(ranking, start=1):
            scores[hit.track_id] = scores.get(hit.track_id, 0.0) + 1 / (K + rank)
            first.setdefault(hit.track_id, hit)
    order = sorted(scores, key=lambda track_id: -scores[track_id])
    return Hits(replace(first[track_id], score=round(scores[track_id], 6), by=by) for track_id in order)
