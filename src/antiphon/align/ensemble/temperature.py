"""The temperature of a space that none was learned for: fitted, by the loss."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import torch

from antiphon.align.data.pair_set import PairSet
from antiphon.align.inference import measured_loss, positives_of
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings

CANDIDATES = np.geomspace(0.01, 1.0, 41)


def fit_temperature(space: SharedSpace, embedded: Embeddings, pairs: PairSet, *, kind: str) -> None:
    """Give ``space`` that of ``CANDIDATES`` which has the lowest loss.

    Every loss here is convex in the scale, 1 / temperature: a sum of log-sum-exps (InfoNCE), or of softplus (SigLIP),
    of what is linear in it. So it falls up to the best candidate and rises from there, and one of six questions is
    answered by two losses.

    Parameters
    ----------
    embedded : texts and tracks of ``pairs``, as ``space`` embeds them.
    kind : of the loss.
    """
    text, audio = (torch.from_numpy(side) for side in embedded)
    positives = positives_of(pairs)

    def loss(place: int) -> float:
        space.log_scale.fill_(-np.log(CANDIDATES[place]))
        return measured_loss(space, text, audio, pairs, kind=kind, positives=positives)[0]

    space.log_scale.fill_(-np.log(CANDIDATES[lowest(loss, len(CANDIDATES))]))


def lowest(value: Callable[[int], float], n: int) -> int:
    """Where a function of 0 … n − 1 that falls and then rises is lowest; the first place of several alike."""
    known = cache(value)
    low, high = 0, n - 1
    while low < high:
        middle = (low + high) // 2
        if known(middle) <= known(middle + 1):
            high = middle
        else:
            low = middle + 1
    return low
