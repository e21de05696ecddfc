"""The queries of several refits as one: figures, intervals clustered by group, and paired gains over baselines.

Every query was asked once, among the tracks and captions of its own fold. Chance is the folds' mean, each weighed by
its queries.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.folds.refit import Refit
from antiphon.library.pairs import text_ids
from antiphon.library.tracks import Library
from antiphon.metrics import bootstrap
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.pairing import both_ways, clusters_of_both, paired_retrieval
from antiphon.metrics.retrieval import Ranked, query_clusters, summarise

Index = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """Queries of several refits.

    Parameters
    ----------
    track_of_caption : (m,) place of each caption's track among all.
    text_id : (m,) equal for captions of identical text, also in different folds.
    clusters : (n,) number of each track's group.
    ranked : system → ranks of both directions.
    refits : whose queries they are.
    """

    track_of_caption: Index
    text_id: Index
    clusters: Index
    ranked: dict[str, Ranked]
    refits: tuple[Refit, ...]

    @classmethod
    def from_refits(cls, library: Library, refits: Sequence[Refit]) -> Pooled:
        """Pool them; systems that are not in all of them are left out."""
        text_of = dict(zip(library.caption_column("caption_id"), library.caption_column("text"), strict=True))
        texts = np.array([text_of[c] for each in refits for c in each.caption_ids], dtype=object)
        before = np.cumsum([0, *(len(each.track_ids) for each in refits)])
        owner = [start + np.array(each.track_of_caption) for start, each in zip(before, refits, strict=False)]
        systems = [name for name in refits[0].ranks if all(name in each.ranks for each in refits)]
        return cls(
            track_of_caption=np.concatenate(owner),
            text_id=text_ids(texts),
            clusters=library.group_numbers([t for each in refits for t in each.track_ids]),
            ranked={name: _joined([each.ranks[name] for each in refits]) for name in systems},
            refits=tuple(refits),
        )

    @property
    def n_tracks(self) -> int:
        """Tracks that were asked for."""
        return len(self.clusters)

    def figures(self, system: str, *, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
        """Both directions' figures, as :func:`antiphon.metrics.retrieval.describe` gives them.

        ``n_items`` is the mean number of candidates, those of a query's own fold.
        """
        ways = query_clusters(self.track_of_caption, self.text_id, self.n_tracks, self.clusters)
        return {way: self._direction(system, way, ways[way], resamples, seed) for way in DIRECTIONS}

    def _direction(
        self, system: str, way: str, clusters: tuple[NDArray[Any], ...], resamples: int, seed: int
    ) -> dict[str, Any]:
        ranks = self.ranked[system][way]  # type: ignore[literal-required]
        asked = np.array([len(each.ranks[system][way]) for each in self.refits])
        items = [len(each.track_ids if way == "t2a" else each.caption_ids) for each in self.refits]
        chance = {
            key: round(float(np.average([each.chance[way][key] for each in self.refits], weights=asked)), 6)
            for key in self.refits[0].chance[way]
        }
        chance["median_rank"] = round(chance["median_rank"], 1)  # a mean of medians claims no more
        return {
            "n_queries": len(ranks),
            "n_items": round(float(np.average(items, weights=asked))),
            "n_groups": min(len(np.unique(labels)) for labels in clusters),
            **summarise(ranks),
            "chance": chance,
            "ci95": bootstrap.intervals(ranks, clusters, resamples=resamples, seed=seed),
        }

    def reciprocal_ranks(self, system: str) -> NDArray[np.float64]:
        """(m + n,) what each caption and each track gives to the mean of both directions' MRR."""
        ranked = self.ranked[system]
        return both_ways(1.0 / ranked["t2a"], 1.0 / ranked["a2t"])

    @property
    def clusters_of_both(self) -> tuple[NDArray[Any], ...]:
        """Ways in which these depend on one another."""
        ways = query_clusters(self.track_of_caption, self.text_id, self.n_tracks, self.clusters)
        return clusters_of_both(ways, self.track_of_caption, self.text_id)

    def gain(self, over: str, system: str, *, resamples: int, seed: int) -> dict[str, Any]:
        """How much better one system is than another, as :func:`antiphon.metrics.pairing.paired_retrieval` says it."""
        return paired_retrieval(
            self.ranked[system],
            self.ranked[over],
            self.track_of_caption,
            self.text_id,
            clusters=self.clusters,
            resamples=resamples,
            seed=seed,
        )


def _joined(ranks: Sequence[dict[str, list[int]]]) -> Ranked:
    t2a, a2t = (np.array([rank for each in ranks for rank in each[way]], dtype=np.int64) for way in DIRECTIONS)
    return Ranked(t2a=t2a, a2t=a2t)
