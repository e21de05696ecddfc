"""How far a track stands out from its library, also where the library is small.

A library's own mean and spread are shaky where it has few tracks, and a library of one has no spread at all. So they
are blended with those of a fixed reference (:mod:`antiphon.captions.sound.reference`), as if ``REFERENCE_TRACKS`` of
its tracks stood among the library's: with a single track the reference decides, with hundreds the library does.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import Float32

REFERENCE_TRACKS = 20
LEAST_SPREAD = 0.25
"""Of the reference's: where a library hardly varies, its differences are not worth a word."""
SIGMA_PER_IQR = 1.0 / 1.349


class Spread(NamedTuple):
    """Where values lie: (t,) centres, and (t,) standard deviations, positive."""

    centre: NDArray[np.float64]
    sigma: NDArray[np.float64]


def moments(values: Float32) -> Spread:
    """Mean and standard deviation of each column of (n, t)."""
    data = values.astype(np.float64)
    return Spread(data.mean(axis=0), data.std(axis=0))


def quartiles(values: Float32) -> Spread:
    """Median, and the standard deviation of a normal distribution with the same quartiles: outliers count little."""
    low, middle, high = np.percentile(values.astype(np.float64), (25, 50, 75), axis=0)
    return Spread(middle, (high - low) * SIGMA_PER_IQR)


def blended(own: Spread, reference: Spread, n: int) -> Spread:
    """The spread of ``n`` tracks together with ``REFERENCE_TRACKS`` of the reference."""
    share = n / (n + REFERENCE_TRACKS)
    centre = share * own.centre + (1 - share) * reference.centre
    apart = share * (1 - share) * (own.centre - reference.centre) ** 2
    sigma = np.sqrt(share * own.sigma**2 + (1 - share) * reference.sigma**2 + apart)
    return Spread(centre, np.maximum(sigma, LEAST_SPREAD * reference.sigma))


def standardised(values: Float32, spread: Spread) -> Float32:
    """(n, t) values in standard deviations from the centre."""
    return np.asarray((values - spread.centre) / spread.sigma, np.float32)
