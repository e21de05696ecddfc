"""Frames over time → one vector: mean, robust sigma and mean first difference of every channel.

Conventions. For a channel x of n frames: mean = Σx/n; robust sigma = IQR / 1.349, which equals the standard deviation
for a normal distribution, IQR being the difference of numpy's 75th and 25th percentiles (linear interpolation, numpy's
default method); mean first difference = (x_last − x_first)/(n−1), to which the mean of the differences telescopes, and
0 for a single frame. Sums are in float64. The result does not depend on how the frames came in batches.

Up to ``CAPACITY`` frames the percentiles are exact. Beyond, they are those of every 2nd, 4th, 8th … frame, always at
least half of ``CAPACITY``, so that memory is bounded however long the track is.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import EncoderError
from antiphon.layout import Layout

CAPACITY = 4096
SIGMA_PER_IQR = 1.0 / 1.349
STATISTICS = "mean-rsigma-diff"
"""Name of the pooling to the three statistics, as a card and a provenance give it."""
NONE = "none"
"""Name of the pooling of an encoder whose frames are final vectors: several windows are averaged."""
POOLINGS = (STATISTICS, NONE)

Float32 = NDArray[np.float32]


class FramePool:
    """Collects the frames of one track and summarises them.

    Parameters
    ----------
    layout : ``layers · dims`` is the width of a frame; ``statistics`` is 3 for the common pooling, 1 for none.
    pooling : one of ``POOLINGS``.
    capacity : frames kept for the percentiles, even.

    Raises
    ------
    EncoderError : the pooling is unknown, or does not go with the layout.
    """

    def __init__(self, layout: Layout, pooling: str = STATISTICS, *, capacity: int = CAPACITY) -> None:
        wanted = {STATISTICS: 3, NONE: 1}.get(pooling)
        if wanted is None:
            raise EncoderError(f"Unknown pooling '{pooling}'.", fix=f"Use one of: {', '.join(POOLINGS)}.")
        if wanted != layout.statistics and pooling == STATISTICS:
            raise EncoderError(f"Pooling '{pooling}' makes 3 statistics, the layout {layout} has {layout.statistics}.")
        self.layout = layout
        self.pooling = pooling
        self.channels = layout.layers * layout.dims * (1 if pooling == STATISTICS else layout.statistics)
        self.count = 0
        self._capacity = capacity
        self._sum = np.zeros(self.channels)
        self._ends: tuple[Float32, Float32] | None = None
        self._kept: list[Float32] = []
        self._n_kept = 0
        self._stride = 1

    def add(self, frames: Float32) -> None:
        """Add the next frames in time.

        Parameters
        ----------
        frames : (n, layers · dims) float32, n ≥ 0.

        Raises
        ------
        EncoderError : the width is wrong.
        """
        if frames.ndim != 2 or frames.shape[1] != self.channels:
            raise EncoderError(f"Frames of shape {frames.shape} do not fit: (n, {self.channels}) is needed.")
        if not len(frames):
            return
        for frame in frames:  # one after the other: numpy's own sum depends on how the frames were batched
            self._sum += frame
        first = frames[0].copy() if self._ends is None else self._ends[0]
        self._ends = (first, frames[-1].copy())
        if self.pooling == STATISTICS:
            self._keep(frames)
        self.count += len(frames)

    def _keep(self, frames: Float32) -> None:
        offset = -self.count % self._stride
        kept = frames[offset :: self._stride]
        while self._n_kept + len(kept) > self._capacity:
            room = self._capacity - self._n_kept
            self._kept.append(kept[:room].copy())
            self._n_kept = self._capacity
            kept = self._thin(kept[room:])
        if len(kept):
            self._kept.append(kept.copy())
            self._n_kept += len(kept)

    def _thin(self, rest: Float32) -> Float32:
        """Double the stride: drop every other kept frame, and every other of the ``rest`` that follow them."""
        self._kept = [np.concatenate(self._kept)[::2]]
        self._n_kept = len(self._kept[0])
        self._stride *= 2
        return rest[::2]

    def vector(self) -> Float32:
        """The track's vector.

        Returns
        -------
        (layout.size,) float32 such that ``vector.reshape(layers, dims, statistics)`` undoes the flattening; for
        pooling ``"none"`` the mean of the frames.

        Raises
        ------
        EncoderError : there was no frame.
        """
        if self._ends is None:
            raise EncoderError("There are no frames to pool.")
        mean = self._sum / self.count
        if self.pooling == NONE:
            flat: Float32 = mean.astype(np.float32)
            return flat
        first, last = self._ends
        difference = (last.astype(np.float64) - first) / max(self.count - 1, 1)
        statistics = np.stack([mean, self._sigma(), difference], axis=-1)
        vector: Float32 = statistics.astype(np.float32).reshape(self.layout.size)
        return vector

    def _sigma(self) -> NDArray[np.float64]:
        kept = np.concatenate(self._kept)
        low, high = np.percentile(kept, (25.0, 75.0), axis=0)
        sigma: NDArray[np.float64] = (high.astype(np.float64) - low) * SIGMA_PER_IQR
        return sigma


def pool(frames: Any, layout: Layout, pooling: str = STATISTICS) -> Float32:
    """The vector of frames that are all there: :class:`FramePool` in one call. frames : (n, layers · dims)."""
    collected = FramePool(layout, pooling)
    collected.add(np.asarray(frames, dtype=np.float32))
    return collected.vector()
