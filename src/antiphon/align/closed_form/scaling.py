"""Bending standardised numbers, so that a few extreme ones do not decide a distance or a direction.

Encoder features have long tails: a single channel at eight spreads outweighs sixty at one. ``s · tanh(x / s)`` leaves
ordinary values nearly as they are and holds every value within ±s.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SQUASH = 2.0
"""Spreads beyond which nothing reaches; what other values are worth: ``docs/experiments/kernels.md``."""


def squashed(standardised: NDArray[np.floating]) -> NDArray[np.floating]:
    """Same shape, within ±``SQUASH``."""
    bent: NDArray[np.floating] = SQUASH * np.tanh(standardised / SQUASH)
    return bent
