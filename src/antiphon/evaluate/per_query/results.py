"""The results of every single query, both directions: the one value object for all that look at single queries.

``query_results(library, vectors)`` makes it from a split in a checkpoint's shared space (:class:`Splits` gives that),
so that a report, a review, a comparison and ``antiphon evaluate --per-query FILE`` say the same:

    splits = Splits(root)
    both = query_results(splits.library, splits.vectors(Bundle.load(checkpoint), "test"))
    both.t2a.ranks, both.t2a.wrong_ids, both.t2a.margins

Queries stand in the order of ``vectors.pairs``, so results of two checkpoints on the same pairs are paired row by row.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.tracks import Library
from antiphon.metrics.correct import Correct
from antiphon.metrics.nearest.answers import Best, best_correct, best_wrong_both_ways
from antiphon.metrics.retrieval import Ranked, answers

Strings = NDArray[np.object_]
Index = NDArray[np.int64]
Float64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class QueryResults:
    """One direction of retrieval, query by query.

    Parameters
    ----------
    direction : ``"t2a"`` (a query is a caption, an item a track) or ``"a2t"`` (the other way round).
    query_ids, query_texts : (q,) caption ids and captions; or track ids and "artist – title", "" where that is unknown.
    groups : (q,) name of the group of each query's track, its own id where it has none: what is in one group is not
        independent.
    ranks : (q,) int64, 1-based rank of the best correct item; ties count against the query.
    n_correct : (q,) how many items are correct.
    item_ids, item_texts : (n,) of the items, as ``query_ids`` and ``query_texts``.
    correct_items, wrong_items : (q,) row of the best correct and of the best wrong item, 0 … n−1; −1 where there is
        none (every item is correct, or a vector is not finite).
    correct_scores, wrong_scores : (q,) float64 scores of these two; minus infinity where there is none.
    """

    direction: Literal["t2a", "a2t"]
    query_ids: Strings
    query_texts: Strings
    groups: Strings
    ranks: Index
    n_correct: Index
    item_ids: Strings
    item_texts: Strings
    correct_items: Index
    correct_scores: Float64
    wrong_items: Index
    wrong_scores: Float64

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def margins(self) -> Float64:
        """(q,) score of the best correct item minus that of the best wrong one; below 0 where the wrong one wins."""
        with np.errstate(invalid="ignore"):  # neither has a score: there is no margin, either
            return self.correct_scores - self.wrong_scores

    @property
    def correct_ids(self) -> Strings:
        """(q,) id of the best correct item, or None."""
        return _named(self.item_ids, self.correct_items)

    @property
    def wrong_ids(self) -> Strings:
        """(q,) id of the best wrong item, or None."""
        return _named(self.item_ids, self.wrong_items)

    def columns(self) -> dict[str, list[Any]]:
        """A table, one row a query; plain values, None where there is none."""
        return {
            "direction": [self.direction] * len(self),
            "query_id": self.query_ids.tolist(),
            "query": self.query_texts.tolist(),
            "group": self.groups.tolist(),
            "rank": self.ranks.tolist(),
            "n_correct": self.n_correct.tolist(),
            "n_items": [len(self.item_ids)] * len(self),
            "correct_id": self.correct_ids.tolist(),
            "correct": _named(self.item_texts, self.correct_items).tolist(),
            "correct_score": _finite(self.correct_scores),
            "wrong_id": self.wrong_ids.tolist(),
            "wrong": _named(self.item_texts, self.wrong_items).tolist(),
            "wrong_score": _finite(self.wrong_scores),
        }


class BothWays(NamedTuple):
    """Results of the queries of both directions."""

    t2a: QueryResults
    a2t: QueryResults

    def columns(self) -> dict[str, list[Any]]:
        """One table of both, t2a first."""
        one, other = self.t2a.columns(), self.a2t.columns()
        return {name: one[name] + other[name] for name in one}


def query_results(library: Library, vectors: SplitVectors, ranked: Ranked | None = None) -> BothWays:
    """Look at every query of a split.

    Parameters
    ----------
    library : whose split it is.
    vectors : the split in a checkpoint's shared space.
    ranked : its ranks, where they are known already.

    Returns
    -------
    Results of both directions; no more scores are held at once than some tiles of 1,024².
    """
    pairs, ranked = vectors.pairs, vectors.ranked if ranked is None else ranked
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))
    wrong, wrong_back = best_wrong_both_ways(vectors.text, vectors.audio, tracks, captions)
    groups, names = group_names(library, pairs.track_ids), track_names(library, pairs.track_ids)
    texts, sounds = (pairs.caption_ids, pairs.texts), (pairs.track_ids, names)
    right, right_back = (
        best_correct(vectors.text, vectors.audio, tracks),
        best_correct(vectors.audio, vectors.text, captions),
    )
    of_captions = groups[pairs.track_of_caption]
    return BothWays(
        _direction("t2a", texts, of_captions, ranked["t2a"], tracks, sounds, right, wrong),
        _direction("a2t", sounds, groups, ranked["a2t"], captions, texts, right_back, wrong_back),
    )


def group_names(library: Library, track_ids: Strings) -> Strings:
    """(n,) name of each track's group; a track without a group is its own."""
    names = library.column("group")
    return _strings(names[library.row_of_track[track_id]] or track_id for track_id in track_ids)


def track_names(library: Library, track_ids: Strings) -> Strings:
    """(n,) "artist – title" of tracks, or what of it is known."""
    rows = [library.row_of_track[track_id] for track_id in track_ids]
    artists, titles = library.column("artist")[rows], library.column("title")[rows]
    return _strings(" – ".join(name for name in both if name) for both in zip(artists, titles, strict=True))


def _direction(
    direction: Literal["t2a", "a2t"],
    queries: tuple[Strings, Strings],
    groups: Strings,
    ranks: Index,
    correct: Correct,
    items: tuple[Strings, Strings],
    right: Best,
    wrong: Best,
) -> QueryResults:
    return QueryResults(
        direction=direction,
        query_ids=queries[0],
        query_texts=queries[1],
        groups=groups,
        ranks=ranks,
        n_correct=correct.counts,
        item_ids=items[0],
        item_texts=items[1],
        correct_items=right.items[:, 0],
        correct_scores=right.scores[:, 0],
        wrong_items=wrong.items[:, 0],
        wrong_scores=wrong.scores[:, 0],
    )


def _strings(values: Iterator[str]) -> Strings:
    found = list(values)
    array = np.empty(len(found), object)
    array[:] = found
    return array


def _named(names: Strings, rows: Index) -> Strings:
    """Names of rows, None for −1."""
    found = names[rows]
    found[rows < 0] = None
    return found


def _finite(scores: Float64) -> list[float | None]:
    return [float(score) if np.isfinite(score) else None for score in scores]
