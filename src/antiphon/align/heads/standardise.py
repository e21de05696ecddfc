"""What every head does first: channels of mean 0 and spread 1, bent and weighted.

The numbers are fitted on the training split and travel with the head, so that raw vectors of an encoder are all that
a checkpoint asks for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

OUTLIER = 10.0
"""Standardised values are held within this many spreads: a channel that hardly moved in training cannot explode."""


class Standardise(nn.Module):
    """Mean 0, spread 1 in every channel, by numbers fitted on training vectors only.

    Parameters
    ----------
    size : channels of a raw vector. Until :meth:`fit` mean and spread are taken to be 0 and 1.
    squash : bends what is standardised to within ±``squash`` spreads
        (:mod:`antiphon.align.closed_form.scaling`); 0 only holds it within ``OUTLIER``.
    relevance : whether channels then have weights, 1 until they are set (:mod:`antiphon.align.closed_form.relevance`).
    columns : the channels that are kept, all others are never looked at; empty for all.
    """

    mean: Tensor
    scale: Tensor
    relevance: Tensor

    def __init__(
        self, size: int, squash: float = 0.0, *, relevance: bool = False, columns: Sequence[slice] = ()
    ) -> None:
        super().__init__()
        self.squash = squash
        self.columns = tuple(columns)
        size = sum(kept.stop - kept.start for kept in self.columns) or size
        self.weighs = relevance
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        if relevance:
            self.register_buffer("relevance", torch.ones(size))

    @property
    def size(self) -> int:
        """Channels that are kept."""
        return len(self.mean)

    def fit(self, mean: NDArray[np.float64], std: NDArray[np.float64]) -> None:
        """Take over (d,) means and standard deviations; a channel that never moved is switched off (scale 0)."""
        moves = std > 1e-5 * np.maximum(np.abs(mean), 1e-3)
        scale = np.where(moves, 1.0 / np.where(moves, std, 1.0), 0.0)
        self.mean.copy_(torch.from_numpy(mean.astype(np.float32)))
        self.scale.copy_(torch.from_numpy(scale.astype(np.float32)))

    def weigh(self, factors: NDArray[np.float32]) -> None:
        """Take over (d,) weights, brought to a mean square of 1."""
        self.relevance.copy_(torch.from_numpy(factors / np.sqrt(np.mean(np.square(factors, dtype=np.float64)))))

    def forward(self, raw: Tensor) -> Tensor:
        """(b, d) → (b, size) float32, within ±``squash`` or ±``OUTLIER`` times the channel's weight."""
        if self.columns:
            raw = torch.cat([raw[:, kept] for kept in self.columns], dim=1)
        centred = raw - self.mean if raw.dtype == torch.float32 else raw.float().sub_(self.mean)
        held: Tensor = centred.mul_(self.scale)
        if self.squash:
            bent = held.div_(self.squash).tanh_()
            # not in place: it could not be trained through
            return bent * (self.relevance * self.squash if self.weighs else self.squash)
        held = held.clamp_(-OUTLIER, OUTLIER)
        return held * self.relevance if self.weighs else held


class Untouched(Standardise):
    """Hands raw vectors on: the members of an ensemble standardise their own way."""

    def forward(self, raw: Tensor) -> Tensor:
        """(b, d) → (b, d) float32."""
        return raw.float()
