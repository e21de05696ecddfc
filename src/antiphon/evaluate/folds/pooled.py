"""The queries of several refits as one: figures, intervals clustered by group, and paired gains over baselines.

Every query was asked once, among the tracks and captions of its own fold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.compare.queries.contest import Queries
from antiphon.evaluate.folds.refit import Refit
from antiphon.evaluate.split_vectors import LEAST_RESAMPLES
from antiphon.library.judgements.judgement import VERDICTS
from antiphon.library.pairs import text_ids
from antiphon.library.tracks import Library
from antiphon.metrics import bootstrap
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.pairing import both_ways, paired_retrieval
from antiphon.metrics.retrieval import Ranked, query_clusters, summarise

Index = NDArray[np.int64]
Strings = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True, eq=False)
class PooledPairs:
    """Captions and tracks of all folds.

    Parameters
    ----------
    track_ids : (n,) of the tracks, fold by fold.
    caption_ids, texts, kinds : (m,) of the captions.
    track_of_caption : (m,) place of each caption's track.
    text_id : (m,) equal for captions of identical text, also in different folds.
    """

    track_ids: Strings
    caption_ids: Strings
    texts: Strings
    kinds: Strings
    track_of_caption: Index
    text_id: Index

    @classmethod
    def from_refits(cls, library: Library, refits: Sequence[Refit]) -> PooledPairs:
        """Those of the refits, in their order."""
        columns = (library.caption_column(name) for name in ("caption_id", "text", "kind"))
        about = {caption: (text, kind) for caption, text, kind in zip(*columns, strict=True)}
        captions = [caption for each in refits for caption in each.caption_ids]
        texts, kinds = (np.array(values, object) for values in zip(*(about[c] for c in captions), strict=True))
        before = np.cumsum([0, *(len(each.track_ids) for each in refits)])
        owner = [start + np.array(each.track_of_caption) for start, each in zip(before, refits, strict=False)]
        return cls(
            track_ids=np.array([track for each in refits for track in each.track_ids], object),
            caption_ids=np.array(captions, object),
            texts=texts,
            kinds=kinds,
            track_of_caption=np.concatenate(owner),
            text_id=text_ids(texts),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Pooled:
    """Queries of several refits.

    Parameters
    ----------
    pairs : who asks.
    clusters : (n,) number of each track's group.
    gallery : (n,) number of each track's fold.
    ranked : system → ranks of both directions.
    judged : the same with what people judged; empty where nobody judged anything.
    refits : whose queries they are.
    """

    pairs: PooledPairs
    clusters: Index
    gallery: Index
    ranked: dict[str, Ranked]
    judged: dict[str, Ranked]
    refits: tuple[Refit, ...]

    @classmethod
    def from_refits(cls, library: Library, refits: Sequence[Refit]) -> Pooled:
        """Pool them; systems that are not in all of them are left out."""
        pairs = PooledPairs.from_refits(library, refits)
        return cls(
            pairs=pairs,
            clusters=library.group_numbers(list(pairs.track_ids)),
            gallery=np.repeat(np.arange(len(refits)), [len(each.track_ids) for each in refits]),
            ranked=_pooled([each.ranks for each in refits]),
            judged=_pooled([each.judged_ranks for each in refits]),
            refits=tuple(refits),
        )

    @property
    def n_tracks(self) -> int:
        """Tracks that were asked for."""
        return len(self.clusters)

    @property
    def judgements(self) -> dict[str, int]:
        """How many pairs of a query and a track of one fold were judged: ``pairs``, and by verdict; empty for none."""
        counts: dict[str, int] = {
            verdict: sum(each.judged.get(verdict, 0) for each in self.refits) for verdict in VERDICTS
        }
        pairs = sum(counts.values())
        return {"pairs": pairs, **counts} if pairs else {}

    def judged_figures(self, system: str, *, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
        """A system's figures with what was judged; chance is left out, as it is that without judgements."""
        found = self.figures(self.judged[system], resamples=resamples, seed=seed)
        return {way: {key: own for key, own in each.items() if key != "chance"} for way, each in found.items()}

    def figures(self, ranked: Ranked, *, resamples: int, seed: int) -> dict[str, dict[str, Any]]:
        """Both directions' figures, as :func:`antiphon.metrics.retrieval.describe` gives them.

        ``n_items`` is the mean number of candidates, those of a query's own fold.
        """
        queries, pairs = Queries.of_contest(self), self.pairs
        ways = query_clusters(pairs.track_of_caption, pairs.text_id, self.n_tracks, self.clusters)
        return {way: self._direction(ranked, way, queries, ways[way], resamples, seed) for way in DIRECTIONS}

    def _direction(
        self,
        ranked: Ranked,
        way: str,
        queries: Queries,
        clusters: tuple[NDArray[Any], ...],
        resamples: int,
        seed: int,
    ) -> dict[str, Any]:
        ranks = ranked[way]  # type: ignore[literal-required]
        found = {
            "n_queries": len(ranks),
            "n_items": round(float(queries.items(way).mean())),
            "n_groups": min(len(np.unique(labels)) for labels in clusters),
            **summarise(ranks),
            "chance": queries.chance(way),
        }
        if resamples:
            found["ci95"] = bootstrap.intervals(ranks, clusters, resamples=resamples, seed=seed)
        return found

    def reciprocal_ranks(self, system: str) -> NDArray[np.float64]:
        """(m + n,) what each caption and each track gives to the mean of both directions' MRR."""
        ranked = self.ranked[system]
        return both_ways(1.0 / ranked["t2a"], 1.0 / ranked["a2t"])

    @property
    def clusters_of_both(self) -> tuple[NDArray[Any], ...]:
        """Ways in which these depend on one another."""
        return Queries.of_contest(self).ways[1]

    def gain(self, ranked: Ranked, over: Ranked, *, resamples: int, seed: int) -> dict[str, Any]:
        """How much better the first are, as :func:`antiphon.metrics.pairing.paired_retrieval` says it."""
        return paired_retrieval(
            ranked,
            over,
            self.pairs.track_of_caption,
            self.pairs.text_id,
            clusters=self.clusters,
            resamples=max(resamples, LEAST_RESAMPLES),
            seed=seed,
        )


def _pooled(of_refits: Sequence[Mapping[str, dict[str, list[int]]]]) -> dict[str, Ranked]:
    systems = [name for name in of_refits[0] if all(name in each for each in of_refits)]
    return {name: _joined([each[name] for each in of_refits]) for name in systems}


def _joined(ranks: Sequence[dict[str, list[int]]]) -> Ranked:
    t2a, a2t = (np.array([rank for each in ranks for rank in each[way]], dtype=np.int64) for way in DIRECTIONS)
    return Ranked(t2a=t2a, a2t=a2t)
