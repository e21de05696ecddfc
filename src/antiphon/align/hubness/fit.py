"""How a hubness correction is fitted: the reference comes from the training split, and val decides nothing."""

from __future__ import annotations

import numpy as np

from antiphon.align.data.pair_set import PairSet
from antiphon.align.hubness.correction import Hubness
from antiphon.align.model import SharedSpace
from antiphon.align.validation import Validation
from antiphon.arrays import Embeddings

ROWS = 1024
"""Captions, and tracks, that a reference holds at most."""
WEIGHT = 0.3
"""Of the crowding. Half of it and more of it were tried on four sets: what lists of tags gain by more, sentences lose
(``docs/experiments/hubness.md``)."""
NEIGHBOURS = 20
"""Nearest rows of the reference that say how crowded an item stands; 10 and 50 were no better on the same sets."""


def draw_reference(train: PairSet, *, seed: int) -> PairSet:
    """At most ``ROWS`` training tracks, and as many training captions, whosever they are."""
    rng = np.random.default_rng([seed, 0, 3])
    tracks = np.sort(rng.permutation(len(train.audio))[:ROWS])
    captions = np.sort(rng.permutation(len(train.text))[:ROWS])
    return PairSet(
        train.audio.subset(tracks),
        train.text.subset(captions),
        train.track_of_caption[captions],
        train.text_id[captions],
    )


def fit_hubness(reference: Embeddings) -> Hubness:
    """The correction by the captions and tracks that :func:`draw_reference` draws, embedded."""
    return Hubness.from_reference(*reference, weight=WEIGHT, neighbours=NEIGHBOURS)


def fit_hubness_of(space: SharedSpace, train: PairSet, *, seed: int) -> Hubness:
    """The correction of a space that is finished, from the pairs it was trained on."""
    return fit_hubness(Validation(draw_reference(train, seed=seed), space, memory_bytes=0.0).vectors(space))
