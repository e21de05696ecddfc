"""Figures of a checkpoint with people's judgements: "same" is a right answer, "unsure" is neither right nor wrong.

Conventions
-----------
without judgements
    the protocol as it is: correct is what a caption puts together, all else is wrong.
with judgements
    a pair judged "same" is correct in both directions. A pair judged "unsure" is left out of the query: it counts
    neither as correct nor among the items that stand before the correct one. "different" confirms what was assumed.
whole lists (``--k``)
    a judged pair has its relevance (:attr:`antiphon.library.judgements.judgement.Judgement.relevance`), a caption's own
    track 3. A pair judged "unsure" has none, so here it counts as TREC's programs count what is not judged: as wrong.
    These are the figures that such a program gives for the file of ``antiphon review --qrels``.

Judged pairs were found by some checkpoint, so that checkpoint gains most by them: a system whose own wrong answers
nobody looked at is at a disadvantage (pooling bias; J. Zobel, SIGIR 1998). So both figures are always given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import spans
from antiphon.evaluate.per_query.whole_lists import figures_of_lists
from antiphon.evaluate.split_vectors import SplitVectors, Sure
from antiphon.library.judgements.apply import JudgedPairs
from antiphon.library.judgements.file import Judgements
from antiphon.library.judgements.judgement import LABELLED
from antiphon.metrics import bootstrap
from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.figures import DIRECTIONS, METRICS, label, written
from antiphon.metrics.ranks import ranks
from antiphon.metrics.retrieval import Ranked, chance, query_clusters, summarise
from antiphon.metrics.tiling.direction import RankBounds
from antiphon.metrics.tiling.tile import Side, pair_scores
from antiphon.printed import counted

Float32 = NDArray[np.float32]


class Cells:
    """Pairs of a query and an item, each once, in the order of the queries.

    Parameters
    ----------
    queries, items : (k,) numbers.
    n_items : how many items there are.
    """

    def __init__(self, queries: Index, items: Index, n_items: int) -> None:
        keys = np.unique(np.asarray(queries, np.int64) * n_items + items)
        self.queries, self.items = keys // n_items, keys % n_items

    def counts(self, n_queries: int) -> Index:
        """(q,) of each query."""
        return np.asarray(np.bincount(self.queries, minlength=n_queries), np.int64)

    def of_queries(self, n_queries: int) -> Correct:
        """The items of each query, as :class:`Correct` has them."""
        indptr = np.concatenate([[0], np.cumsum(self.counts(n_queries))]).astype(np.int64)
        return Correct(indptr, self.items)


def with_judgements(
    vectors: SplitVectors, judgements: Judgements, *, ks: Sequence[int] = (), resamples: int, seed: int
) -> dict[str, Any] | None:
    """Figures of both directions with what was judged of a split.

    Parameters
    ----------
    ks : K of the figures of whole lists, none for no such figures.
    resamples, seed : of the intervals; 0 leaves them out.

    Returns
    -------
    ``{"pairs", "same", "different", "unsure", "t2a": figures, "a2t": figures}`` in the form of
    :func:`antiphon.metrics.retrieval.describe`, with ``ks`` also ``lists`` in that of
    :func:`antiphon.evaluate.per_query.whole_lists.figures_of_lists`; None where nothing of this split was judged.
    """
    pairs = vectors.pairs
    judged = pairs.judged(judgements.latest.values())
    if not len(judged):
        return None
    result: dict[str, Any] = {"pairs": len(judged), **dict.fromkeys(("same", "different", "unsure"), 0)}
    result.update(judged.counts())
    sure = Sure(resamples=resamples, seed=seed)
    grades = grades_of(vectors, judged) if ks else {}
    lists = figures_of_lists(vectors, ks, grades=grades, assumed=LABELLED, **sure) if ks else {}
    clusters = query_clusters(pairs.track_of_caption, pairs.text_id, len(vectors.audio), vectors.clusters)
    for way, queries, items in _ways(vectors):
        right, open_ = cells_of(vectors, judged, way)
        found = judged_ranks(queries, items, right, open_)
        left = len(items) - open_.counts(len(queries))
        result[way] = {
            "n_queries": len(queries),
            "n_items": len(items),
            **summarise(found),
            "chance": chance(left, right.counts(len(queries))),
        }
        if resamples:
            result[way]["ci95"] = bootstrap.intervals(found, clusters[way], **sure)
        if lists:
            result[way]["lists"] = lists[way]
    return result


def ranks_with_judgements(vectors: SplitVectors, judged: JudgedPairs) -> Ranked:
    """Ranks of both directions with what was judged of a split."""
    t2a, a2t = (judged_ranks(queries, items, *cells_of(vectors, judged, way)) for way, queries, items in _ways(vectors))
    return Ranked(t2a=t2a, a2t=a2t)


def _ways(vectors: SplitVectors) -> tuple[tuple[str, Float32, Float32], ...]:
    """Each direction, what asks in it, and what is found."""
    return ("t2a", vectors.text, vectors.audio), ("a2t", vectors.audio, vectors.text)


def grades_of(vectors: SplitVectors, judged: JudgedPairs) -> dict[tuple[str, str], float]:
    """(caption id, track id) → relevance of every judged pair that has one, for each caption that reads so."""
    pairs, known = vectors.pairs, np.array([value is not None for value in judged.relevance], np.bool_)
    texts, tracks, relevance = judged.texts[known], judged.tracks[known], judged.relevance[known]
    of_pair = dict(zip(zip(texts.tolist(), tracks.tolist(), strict=True), relevance.tolist(), strict=True))
    captions, rows = _captions_of(pairs.text_id, texts, tracks)
    return {
        (pairs.caption_ids[caption], pairs.track_ids[row]): float(of_pair[int(pairs.text_id[caption]), int(row)])
        for caption, row in zip(captions, rows, strict=True)
    }


def cells_of(vectors: SplitVectors, judged: JudgedPairs, way: str) -> tuple[Cells, Cells]:
    """What is right, by captions and by judgements, and what is left open, of each query of a direction.

    A judgement is about a text: every caption that reads so has it.
    """
    text_id, owner, n_tracks = vectors.pairs.text_id, vectors.pairs.track_of_caption, len(vectors.audio)
    texts, tracks = judged.of("same")
    right = _captions_of(text_id, np.concatenate([text_id, texts]), np.concatenate([owner, tracks]))
    unsure = _captions_of(text_id, *judged.of("unsure"))
    if way == "t2a":
        return Cells(*right, n_tracks), Cells(*unsure, n_tracks)
    return Cells(right[1], right[0], len(text_id)), Cells(unsure[1], unsure[0], len(text_id))


def _captions_of(text_id: Index, texts: Index, tracks: Index) -> tuple[Index, Index]:
    """Pairs of a text and a track → pairs of each caption that reads so and the track."""
    n = int(tracks.max(initial=-1)) + 1
    keys = np.unique(texts * n + tracks) if n else np.empty(0, np.int64)
    of_text, track = keys // max(n, 1), keys % max(n, 1)
    order = np.argsort(text_id, kind="stable")
    first = np.searchsorted(text_id[order], of_text, side="left")
    counts = np.searchsorted(text_id[order], of_text, side="right") - first
    return order[spans(first, counts)], np.repeat(track, counts)


def judged_ranks(queries: Float32, items: Float32, right: Cells, unsure: Cells) -> Index:
    """(q,) ranks where some items are left out.

    Parameters
    ----------
    right, unsure : what is right, and what is left out, of each query; no cell in both.
    """
    correct = right.of_queries(len(queries))
    found = ranks(queries, items, correct)
    if not len(unsure.queries):
        return found
    near, far = (Side.of_columns(side, (range(side.shape[1]),)) for side in (queries, items))
    direction = RankBounds.between(near, far, correct)
    usable = near.good[unsure.queries] & far.good[unsure.items]
    i, j = unsure.queries[usable], unsure.items[usable]
    ahead = pair_scores(near, far, i, j) >= direction.decision[i]
    before = np.where(direction.hopeless, unsure.counts(len(queries)), np.bincount(i[ahead], minlength=len(queries)))
    return np.asarray(found - before, np.int64)


def pairs_said(found: Mapping[str, Any]) -> str:
    """How many pairs were judged, and how: ``"3 judged pairs (2 same, 1 different, 0 unsure)"``."""
    kinds = ", ".join(f"{found[kind]} {kind}" for kind in ("same", "different", "unsure"))
    return f"{counted(found['pairs'], 'judged pair')} ({kinds})"


def judgement_lines(result: Mapping[str, Any]) -> list[str]:
    """What judgements change, for people: how many, and every figure with and without them."""
    found = result.get("judgements")
    if found is None:
        return []
    said = [f"With {pairs_said(found)}; in brackets without:"]
    for way in DIRECTIONS:
        figures = (
            f"{label(key)} {written(key, found[way][key])} ({written(key, result[way][key])})" for key in METRICS
        )
        said.append(f"  {way}  {', '.join(figures)}")
        lists, plain = found[way].get("lists", {}), result[way].get("lists", {})
        said += [
            f"    {label(key):<14}{written(key, figure['value']):>9} ({written(key, plain[key]['value'])})"
            for key, figure in lists.items()
            if key not in METRICS
        ]
    said.append("  Judged pairs come from reviews: a model whose own wrong answers nobody reviewed gains less by them.")
    return said
