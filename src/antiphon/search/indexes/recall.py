"""How much of the exact answer an approximate index finds, on the library's own captions.

recall@10
    share of the exact ten nearest tracks of a query that are among the ten answers; mean over queries. Half of the
    queries choose how many lists are looked into, the other half says how good that is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.errors import AntiphonError
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.indexes.nearest import Float32

K = 10
QUERIES = 256
TARGET = 0.98
"""Recall that is enough."""
WORST = 0.9
"""Recall below which an index stays exact."""
BLOCK = 1 << 16
SEED = 7
Places = NDArray[np.int64]
Answers = Callable[[Float32, int], Places]
"""(query, probes) → places of the ten answers."""


class Queries(NamedTuple):
    """What an index is measured with.

    Parameters
    ----------
    vectors : (m, score_dim) as a query's ``score_text``.
    asked : "captions", or "tracks" where no caption has a vector here.
    """

    vectors: Float32
    asked: str


class Measured(NamedTuple):
    """How good an index is: how many lists a query looks into, and what it then finds."""

    probes: int
    recall: float


def queries_of(library: Library, bundle: Bundle, vectors: Float32) -> Queries:
    """Some captions of a library as queries; tracks, where no captions have vectors that the checkpoint can read.

    Parameters
    ----------
    vectors : (n, score_dim) the tracks of the index.
    """
    rng = np.random.default_rng(SEED)
    if bundle.adapter is None:  # what fine-tuning adds to a text's vector is not stored
        try:
            stored = open_embedding(library, "text", bundle.text_encoder)
            bundle.require(text=stored.provenance)
            some = rng.permutation(stored.ids)[:QUERIES].tolist()
            if len(some) >= K:
                return Queries(bundle.score_text(stored.take(some)), "captions")
        except AntiphonError:
            pass
    some = np.array(vectors[np.sort(rng.permutation(len(vectors))[:QUERIES])])
    unit = some[:, : bundle.dim]
    return Queries(unit if bundle.hubness is None else bundle.hubness.score_texts(unit), "tracks")


def exact_answers(vectors: Float32, queries: Float32, k: int = K) -> Places:
    """(m, k) the places with the largest dot products, in no order; a block of vectors at a time."""
    m = len(queries)
    places, scores = np.empty((m, 0), np.int64), np.empty((m, 0), np.float32)
    for start in range(0, len(vectors), BLOCK):
        block = queries @ np.asarray(vectors[start : start + BLOCK]).T
        here = np.broadcast_to(np.arange(start, start + block.shape[1]), block.shape)
        places, scores = np.concatenate([places, here], axis=1), np.concatenate([scores, block], axis=1)
        best = np.argpartition(-scores, min(k, scores.shape[1]) - 1, axis=1)[:, :k]
        places, scores = np.take_along_axis(places, best, axis=1), np.take_along_axis(scores, best, axis=1)
    return places


def recall(found: list[Places], exact: Places) -> float:
    """Mean share of each row of the exact places that was found, 0 … 1."""
    return float(np.mean([len(np.intersect1d(a, b)) / len(b) for a, b in zip(found, exact, strict=True)]))


def measure_probes(vectors: Float32, queries: Float32, answers: Answers, lists: int) -> Measured | None:
    """The fewest lists to look into that find enough; None where no number of them does.

    Parameters
    ----------
    answers : of the index that is measured.
    lists : that it has.
    """
    exact = exact_answers(vectors, queries)
    half = len(queries) // 2
    probes = 1
    while True:
        found = recall([answers(query, probes) for query in queries[:half]], exact[:half])
        if found >= TARGET or 2 * probes > max(1, lists // 4):
            break
        probes *= 2
    said = recall([answers(query, probes) for query in queries[half:]], exact[half:])
    return Measured(probes, said) if said >= WORST else None
