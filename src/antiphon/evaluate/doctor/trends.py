"""Which way a curve goes, when its own unrest and the coarseness of its figures are taken off.

A figure of a small split moves in steps of one track and jumps about from epoch to epoch; neither is a trend. So a
curve is compared end against start, each the mean of some epochs, and a difference counts only above what its own
unrest would give. The unrest is read from second differences, which a smooth course, rising or bending, leaves near 0
(Gasser, Sroka & Jennen-Steinmetz 1986, Biometrika 73), by their median, which a single jump leaves alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FELL = 0.25
"""Share of what was gained that has to be lost again before a curve counts as fallen back."""
ENDS = 6
"""A curve's start and its end are a sixth of its epochs each, one epoch at least."""


@dataclass(frozen=True)
class Trend:
    """One curve of a figure of which more is better.

    Parameters
    ----------
    start, end : mean of the first and of the last epochs.
    peak : highest mean of as many epochs in a row.
    peak_at : index of the epoch in the middle of these.
    tolerance : a difference between start and end up to this is none.
    peak_tolerance : the same of the peak, which is the highest of several means and so lies above the others by chance.
    """

    start: float
    end: float
    peak: float
    peak_at: int
    tolerance: float
    peak_tolerance: float

    @classmethod
    def of(cls, values: Sequence[float], grain: float = 0.0, *, noise: float | None = None) -> Trend:
        """The trend of at least one value.

        Parameters
        ----------
        grain : the least difference that the figure can show; one track more or less.
        noise : what the curve jumps from point to point (:func:`unrest`); None for what these values say themselves.

        Examples
        --------
        >>> Trend.of([30, 28, 25, 22, 18, 15], grain=0.1).fell
        True
        """
        curve = np.asarray(values, dtype=np.float64)
        width = max(1, round(len(curve) / ENDS))
        means = np.convolve(curve, np.full(width, 1 / width), mode="valid")
        peak_at = int(means.argmax())
        of_mean = (unrest(curve) if noise is None else noise) / width**0.5
        return cls(
            start=float(means[0]),
            end=float(means[-1]),
            peak=float(means[peak_at]),
            peak_at=peak_at + width // 2,
            tolerance=max(grain, 2 * 2**0.5 * of_mean, 1e-12),
            peak_tolerance=max(grain, (2 + math.sqrt(2 * math.log(len(curve) / width))) * of_mean, 1e-12),
        )

    @property
    def ends_below_peak(self) -> bool:
        """Whether it ends below its peak by more than chance."""
        return self.peak - self.end > self.peak_tolerance

    @property
    def fell(self) -> bool:
        """Whether it ends clearly below its peak: by more than chance, and by a good part of what had been gained."""
        return self.ends_below_peak and self.peak - self.end > FELL * (self.peak - self.start)

    @property
    def ends_below(self) -> bool:
        """Whether it ends below its start by more than chance."""
        return self.start - self.end > self.tolerance

    @property
    def rises(self) -> bool:
        """Whether it ends above its start, and near its peak."""
        return self.end - self.start > self.tolerance and not self.fell


def unrest(values: Sequence[float] | NDArray[np.float64]) -> float:
    """Standard deviation of what a curve jumps from point to point; 0 for fewer than four points."""
    curve = np.asarray(values, dtype=np.float64)
    if len(curve) < 4:
        return 0.0
    return float(np.median(np.abs(np.diff(curve, 2))) / 0.6745 / 6**0.5)


def jaggedness(values: Sequence[float]) -> float:
    """Share of a curve's total way that goes up, 0 (falls throughout) … 1."""
    up, way = climbs(values)
    return up / way if way > 0 else 0.0


def climbs(values: Sequence[float]) -> tuple[float, float]:
    """How far a curve goes up, and how far it goes altogether."""
    steps = np.diff(np.asarray(values, dtype=np.float64))
    return float(steps[steps > 0].sum()), float(np.abs(steps).sum())


def climb_of_noise(deviation: float, points: int) -> float:
    """How far a curve goes up, in sum, whose points vary by themselves: the mean over normal deviations.

    Examples
    --------
    >>> round(climb_of_noise(1.0, 101))
    56
    """
    return max(points - 1, 0) * deviation / math.sqrt(math.pi)
