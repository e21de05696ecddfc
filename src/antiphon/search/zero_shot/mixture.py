"""Several ways as one answer: the weighted mean of their scores.

A way that is silent about a track leaves it where the others put it; a track that no way knows is no answer. A way that
is silent about all of them has no weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
