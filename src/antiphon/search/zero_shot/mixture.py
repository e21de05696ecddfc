"""Several ways as one answer: the weighted mean of their scores.

A way that is silent about a track leaves it where the others put it; a track that no way knows is no answer. A way that
is silent about all of them has no weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.search.queries.query import Query
from antiphon.search.zero_shot.ways.way import Float32, Way


class Mixed(NamedTuple):
    """What several ways say together.

    Parameters
    ----------
    scores : (n,) float32, in spreads; NaN for tracks that no way knows.
    leading : (n,) int64, the way to which each track owes most of its score.
    """

    scores: Float32
    leading: NDArray[np.int64]


def mix(ways: Sequence[Way], text: str) -> Mixed:
    """Ask every way, and weigh what they say.

    Parameters
    ----------
    ways : at least one.
    text : the query.
    """
    weights = np.array([way.weight for way in ways], np.float32)
    said = np.stack([way.scores(text) for way in ways]) * weights[:, None]
    silent = np.isnan(said)
    speaking = weights[~silent.all(axis=1)].sum()
    scores = np.where(silent, 0, said).sum(axis=0, dtype=np.float32) / (speaking or 1)
    scores[silent.all(axis=0)] = np.nan
    leading = np.where(silent, -np.inf, said).argmax(axis=0)
    return Mixed(scores.astype(np.float32), leading)


def mix_query(
    ways: Sequence[Way], query: Query, alike: Float32 | None = None, alike_unwanted: Sequence[Float32] = ()
) -> Mixed:
    """Ask every way for every part of a query, and weigh what they say.

    A track loses by how far it stands out for what is excluded. Way number ``len(ways)`` is ``alike``.

    Parameters
    ----------
    alike : (n,) how alike the tracks are to those that the query names, in spreads; needed where it names any.
    alike_unwanted : (n,) each, how alike they are to each track that answers must not be like.
    """
    parts = [(part.weight, mix(ways, part.text)) for part in query.wanted]
    words = sum(weight for weight, _ in parts)
    if alike is not None:
        parts.append((words or 1.0, Mixed(alike, np.full(len(alike), len(ways)))))
    weighed = np.stack([weight * mixed.scores for weight, mixed in parts])
    silent = np.isnan(weighed)
    scores = np.where(silent, 0, weighed).sum(axis=0) / sum(weight for weight, _ in parts)
    scores[silent.all(axis=0)] = np.nan
    for unwanted in (*(mix(ways, text).scores for text in query.excluded), *alike_unwanted):
        scores = scores - np.maximum(np.nan_to_num(unwanted), 0)
    strongest = np.where(silent, -np.inf, weighed).argmax(axis=0)
    leading = np.stack([mixed.leading for _, mixed in parts])[strongest, np.arange(len(scores))]
    return Mixed(scores.astype(np.float32), leading)
