"""What each caption of a track counts, by who wrote it.

People's captions and those that Antiphon made describe the same track in different ways: a made one repeats what a
tagger heard, in a fixed register, and there are many of them. So where a track has both, people's share most of the
track's weight among them and the made ones the rest; where it has one sort, all of them count alike. In a step of
training the weight is the chance to be drawn, in a closed form it is the weight of the pair.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]

HUMAN_SHARE = 0.75
"""Of a track's weight, of people's captions together beside made ones (``docs/experiments/caption-kinds.md``)."""


def caption_shares(track_of_caption: Index, kinds: NDArray[np.object_]) -> NDArray[np.float64] | None:
    """(m,) each caption's share of its track's weight, 1 for each track; None where all of a track's count alike.

    Parameters
    ----------
    track_of_caption : (m,) track of each caption.
    kinds : (m,) "human", "tags" or "machine".
    """
    human = kinds == "human"
    if human.all() or not human.any():
        return None
    n = int(track_of_caption.max()) + 1
    written, made = (np.bincount(track_of_caption[of], minlength=n) for of in (human, ~human))
    both = (written > 0) & (made > 0)
    of_written = np.where(both, HUMAN_SHARE, 1.0) / np.maximum(written, 1)
    of_made = np.where(both, 1 - HUMAN_SHARE, 1.0) / np.maximum(made, 1)
    return np.where(human, of_written[track_of_caption], of_made[track_of_caption])
