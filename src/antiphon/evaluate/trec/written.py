"""A split's right answers as qrels, and a checkpoint's result lists as a run.

Every TREC tool orders by score, and puts equal scores in an order of its own (by the item's id, falling). Antiphon puts
a wrong item before a correct one that ties with it. So that all tools see that order, a score that does not fall is
written as the next smaller float32: no two scores of a query are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from antiphon.evaluate.per_query.whole_lists import QueriesAndItems, ways
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.evaluate.trec.lines import escaped, write_lines
from antiphon.library.judgements.judgement import LABELLED
from antiphon.metrics.correct import Correct, Index
from antiphon.metrics.graded.lists import places, ties
from antiphon.metrics.nearest.answers import Best, best_wrong, correct_scores

DEPTH = 1000
"""Items of a list, as TREC has it."""


def with_direction(path: Path, way: str) -> Path:
    """Where a direction goes: the file itself for t2a, ``NAME_a2t.ENDING`` for a2t."""
    return path if way == "t2a" else path.with_name(f"{path.stem}_{way}{path.suffix}")


def write_qrels(path: Path, vectors: SplitVectors) -> list[Path]:
    """Write what is correct, one file a direction; their paths.

    It is what captions put together, at the relevance that such a pair has in all qrels of Antiphon.
    """
    found = []
    for name, way in ways(vectors).items():
        queries, items = _ids(vectors, name)
        correct = way.correct
        pairs = zip(correct.queries, correct.indices, strict=True)
        found.append(with_direction(path, name))
        write_lines(found[-1], (f"{queries[i]} 0 {items[j]} {LABELLED}" for i, j in pairs))
    return found


def write_run(path: Path, vectors: SplitVectors, tag: str) -> list[Path]:
    """Write what a checkpoint finds, one file a direction; their paths.

    Parameters
    ----------
    tag : names the system.
    """
    found = []
    for name, way in ways(vectors).items():
        found.append(with_direction(path, name))
        write_lines(found[-1], _run_lines(way, *_ids(vectors, name), escaped(tag), min(DEPTH, len(way.items))))
    return found


def _ids(vectors: SplitVectors, way: str) -> tuple[list[str], list[str]]:
    """Of queries and items."""
    captions, tracks = (
        [escaped(str(name)) for name in ids] for ids in (vectors.pairs.caption_ids, vectors.pairs.track_ids)
    )
    return (captions, tracks) if way == "t2a" else (tracks, captions)


def _run_lines(way: QueriesAndItems, queries: list[str], items: list[str], tag: str, depth: int) -> Iterator[str]:
    listed = listed_items(way, depth)
    falling = strictly_falling(listed.scores)
    for i, query in enumerate(queries):
        for rank, (j, score) in enumerate(zip(listed.items[i].tolist(), falling[i].tolist(), strict=True), 1):
            if j >= 0:
                yield f"{query} Q0 {items[j]} {rank} {score:.9g} {tag}"


def listed_items(way: QueriesAndItems, depth: int) -> Best:
    """(q, depth) the items of each query's list, ties against the query; −1 behind the last item with a score."""
    correct, wrong = way.correct, best_wrong(way.queries, way.items, way.correct, k=depth)
    scores = correct_scores(way.queries, way.items, correct)
    grades = np.ones(len(scores))
    unscored = np.full(len(correct.counts), depth)
    order, place = places(correct, grades, scores, wrong.scores, tie=ties(way.queries, way.items), unscored=unscored)
    return _merged(correct, wrong, order, place, scores, depth)


def _merged(correct: Correct, wrong: Best, order: Index, place: Index, scores: NDArray[np.float64], depth: int) -> Best:
    inside = place <= depth
    query, at = correct.queries[inside], place[inside] - 1
    own = np.zeros(wrong.items.shape, np.bool_)
    own[query, at] = True
    nth = np.cumsum(~own, axis=1) - 1  # which wrong item stands at a place that no correct one takes
    items = np.take_along_axis(wrong.items, np.maximum(nth, 0), 1)
    found = np.take_along_axis(wrong.scores, np.maximum(nth, 0), 1)
    items[query, at], found[query, at] = correct.indices[order][inside], scores[order][inside]
    return Best(items, found)


def strictly_falling(scores: NDArray[np.float64]) -> NDArray[np.float32]:
    """(q, depth) the same as float32, each smaller than the one before it, by as little as float32 can tell."""
    found = scores.astype(np.float32)
    for place in range(1, found.shape[1]):
        below = np.nextafter(found[:, place - 1], np.float32(-np.inf))
        found[:, place] = np.minimum(found[:, place], below)
    return found
