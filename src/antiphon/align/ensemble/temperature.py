"""The temperature of a space that none was learned for: fitted, by the loss."""

from __future__ import annotations

import numpy as np
import torch

from antiphon.align.data.pair_set import PairSet
from antiphon.align.inference import measured_loss
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings

CANDIDATES = np.geomspace(0.01, 1.0, 41)


def fit_temperature(space: SharedSpace, embedded: Embeddings, pairs: PairSet, *, kind: str) -> None:
    """Give ``space`` the temperature of lowest loss.

    Parameters
    ----------
    embedded : texts and tracks of ``pairs``, as ``space`` embeds them.
    kind : of the loss.
    """
    text, audio = (torch.from_numpy(side) for side in embedded)
    losses = []
    for temperature in CANDIDATES:
        space.log_scale.fill_(-np.log(temperature))
        losses.append(measured_loss(space, text, audio, pairs, kind=kind)[0])
    space.log_scale.fill_(-np.log(CANDIDATES[int(np.argmin(losses))]))
