"""Figures of the whole result lists of a split: several correct items a query, graded where people graded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.metrics.correct import Correct
from antiphon.metrics.graded.describe import describe_lists
from antiphon.metrics.graded.grades import Grades, graded
from antiphon.metrics.graded.lists import result_lists
from antiphon.metrics.nearest.answers import best_wrong
from antiphon.metrics.ranks import ranks
from antiphon.metrics.retrieval import answers, query_clusters

MOST = 10_000
"""Largest K: lists of so many items are held for every query."""
HASHED = 4096
"""Vectors read at a time to find those that are the same."""
Index = NDArray[np.int64]


class QueriesAndItems(NamedTuple):
    """One direction: who asks, who is found, and what is correct."""

    queries: NDArray[np.float32]
    items: NDArray[np.float32]
    correct: Correct
    clusters: tuple[NDArray[Any], ...]
    same_query: Index
    same_item: Index


def required_ks(ks: Iterable[int]) -> tuple[int, ...]:
    """K in rising order, each once.

    Raises
    ------
    ConfigError : none, or one below 1 or beyond any use.
    """
    found = tuple(sorted(set(ks)))
    if not found or found[0] < 1 or found[-1] > MOST:
        raise ConfigError(
            f"K must lie in 1 … {MOST:,}: {' '.join(map(str, found))}.", fix="For instance --k 1 5 10 50."
        )
    return found


def figures_of_lists(
    vectors: SplitVectors,
    ks: Sequence[int],
    *,
    grades: Mapping[tuple[str, str], float] | None = None,
    assumed: float = 1.0,
    resamples: int = 1000,
    seed: int = 0,
) -> dict[str, dict[str, dict[str, Any]]]:
    """The median rank and every figure of :mod:`antiphon.metrics.graded.figures`, with chance, ceiling and interval.

    Parameters
    ----------
    vectors : a split in a checkpoint's shared space.
    ks : K of each figure.
    grades : (caption id, track id) → grade, ≥ 0, for pairs that people graded: 0 makes an item wrong, any other makes
        it correct. Items that nobody graded have the grade ``assumed`` where the captions say that they are correct. A
        query that is left without a correct item is not asked.
    assumed : above 0, on the scale of ``grades``; of judgements it is
        :data:`antiphon.library.judgements.judgement.LABELLED`.
    resamples, seed : of the bootstrap; 0 leaves ``ci95`` out.

    Returns
    -------
    ``{"t2a": {"median_rank": {"value", "chance", "ceiling", "ci95"}, "mean_rank": …, "success@1": …}, "a2t": …}``
    """
    pairs, found = vectors.pairs, {}
    back = None if grades is None else {(track, caption): grade for (caption, track), grade in grades.items()}
    ids = {"t2a": (pairs.caption_ids, pairs.track_ids), "a2t": (pairs.track_ids, pairs.caption_ids)}
    for (name, way), known in zip(ways(vectors).items(), (grades, back), strict=True):
        judged = graded(way.correct, *ids[name], known or {}, assumed=assumed)
        found[name] = _of_way(way, judged, ks, resamples, seed)
    return found


def ways(vectors: SplitVectors) -> dict[str, QueriesAndItems]:
    """Both directions of a split."""
    pairs, text, audio = vectors.pairs, vectors.text, vectors.audio
    tracks, captions = answers(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids))
    clusters = query_clusters(pairs.track_of_caption, pairs.text_id, len(pairs.track_ids), vectors.clusters)
    same = same_recordings(vectors)
    return {
        "t2a": QueriesAndItems(text, audio, tracks, clusters["t2a"], pairs.text_id, same),
        "a2t": QueriesAndItems(audio, text, captions, clusters["a2t"], same, pairs.text_id),
    }


def same_recordings(vectors: SplitVectors) -> Index:
    """(n,) equal for tracks whose encoder's vectors are the same, number by number: no model can tell them apart."""
    rows, found = vectors.raw.audio, []
    numbers: dict[bytes, int] = {}
    for start in range(0, len(rows), HASHED):
        some = np.ascontiguousarray(rows.matrix[rows.rows[start : start + HASHED]])
        found += [numbers.setdefault(blake2b(row.tobytes(), digest_size=16).digest(), len(numbers)) for row in some]
    return np.array(found, np.int64)


def _of_way(
    way: QueriesAndItems, judged: Grades, ks: Sequence[int], resamples: int, seed: int
) -> dict[str, dict[str, Any]]:
    asked = judged.asked
    queries, correct = way.queries[asked], judged.correct
    found = ranks(queries, way.items, correct)
    lists = result_lists(
        queries, way.items, correct, best_wrong(queries, way.items, correct, k=max(ks)), found, judged.grades
    )
    return describe_lists(
        lists,
        correct,
        judged.grades,
        ks,
        clusters=[labels[asked] for labels in way.clusters],
        same_item=way.same_item,
        same_query=way.same_query[asked],
        resamples=resamples,
        seed=seed,
    )
