"""What more captions would bring, as far as a learning curve tells: a curve that is fitted, and how sure it is.

Conventions
-----------
form
    y(n) = c + a · (1 − n^−β) / β, a power law towards a limit; for β → 0 it is a straight line in log n. Both are what
    learning curves have been seen to follow (J. Hestness et al., Deep Learning Scaling is Predictable, Empirically,
    2017). c and a by least squares, β the best of :data:`EXPONENTS`.
how sure
    the clusters of queries are drawn anew, the curve is fitted to each draw, β included: so what few points cannot tell
    about the form is in the interval, too. Which tracks happened to be in a share is not.
how far
    twice as many captions as there are; further than that nobody should read such a curve.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.resampling import Ends, Float64, Ways, drawn, expanded_quantiles, numbered_ways, wider

EXPONENTS = tuple(float(round(0.1 * step, 1)) for step in range(13))
"""Exponents β that are tried."""
LEAST_POINTS = 4
"""Shares below which no curve is fitted: three numbers are fitted to them."""
TWICE = 2.0
LITTLE = 0.02
"""MRR below which a gain is called little."""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """What a curve says of twice as many captions.

    Parameters
    ----------
    gain : in the figure that was fitted, from all captions to twice as many.
    ci95 : its interval; [None, None] where there is one cluster.
    """

    gain: float
    ci95: Ends

    @property
    def says(self) -> str:
        """``"more"``, ``"little"``, or ``"nothing"`` where it cannot be told."""
        low, high = self.ci95
        if low is None or high is None:
            return "nothing"
        if high < LITTLE:
            return "little"
        return "more" if low > 0 else "nothing"


def twice_as_many(
    n: NDArray[np.float64], values: Float64, clusters: Ways, *, resamples: int = 1000, seed: int = 0
) -> Trend | None:
    """The gain that twice as many captioned tracks would bring.

    Parameters
    ----------
    n : (s,) tracks that were trained on, ascending.
    values : (s, q) what each query gives to the figure, the same queries for all.
    clusters : ways in which queries depend on one another, (q,) each.

    Returns
    -------
    None with fewer than :data:`LEAST_POINTS` different points.
    """
    if len(np.unique(n)) < LEAST_POINTS:
        return None
    gain = float(_gains(n, values.mean(axis=1)[None])[0])
    ends: Ends | None = None
    for labels in numbered_ways(clusters, values.shape[1]):
        sizes = np.bincount(labels)
        if len(sizes) == 1:
            return Trend(gain=gain, ci95=[None, None])
        sums = np.stack([np.bincount(labels, weights=row) for row in values])
        draws = [
            _gains(n, (weights @ sums.T) / (weights @ sizes)[:, None])
            for weights in drawn(len(sizes), resamples, np.random.default_rng(seed), len(sizes))
        ]
        levels = expanded_quantiles(0.95, len(sizes))
        ends = wider(ends, [float(end) for end in np.quantile(np.concatenate(draws), levels)])
    assert ends is not None
    return Trend(gain=gain, ci95=ends)


def _gains(n: NDArray[np.float64], means: Float64) -> Float64:
    """(r,) rise from the last point to twice as many tracks, of the curve that fits each row of (r, s) best."""
    at = n / n.max()
    best, gains = np.full(len(means), np.inf), np.zeros(len(means))
    for exponent in EXPONENTS:
        design = np.stack([np.ones(len(at)), _risen(at, exponent)], axis=1)
        fitted = means @ np.linalg.pinv(design).T
        error = ((means - fitted @ design.T) ** 2).sum(axis=1)
        mine = fitted[:, 1] * (_risen(np.array([TWICE]), exponent)[0])
        gains = np.where(error < best, np.minimum(mine, 1.0 - fitted[:, 0]), gains)  # c is the value at the last point
        best = np.minimum(best, error)
    return gains


def _risen(x: NDArray[np.float64], exponent: float) -> Float64:
    """(1 − x^−β) / β, 0 at 1; its limit ln x where β is 0."""
    return np.log(x) if exponent == 0 else (1 - x**-exponent) / exponent
