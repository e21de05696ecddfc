"""One track's frames on their way to its vector and, where asked, to its windows: the means over every 10 s.

Conventions. Window j of a track is [10 j, 10 j + 10) seconds; the last one ends with the track and is 5 to 15 s long,
a track under 15 s is one window. So all encoders have the same windows of a track, however each cuts its sound.
A frame belongs to the window that its middle lies in. Frames of one piece of sound that an encoder is given are taken
to be evenly spaced in it; where those pieces overlap, to fill the middle that no other piece has. A window in which no
frame has its middle (MERT's pieces are 30 s long) takes the mean of the nearest one that has.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.audio.pooling import FramePool
from antiphon.layout import Layout
from antiphon.library.vectors.windows import Windows

WIDTH_S = 10.0

Float32 = NDArray[np.float32]


class WindowMeans:
    """Collects the frames of one track, window by window.

    Parameters
    ----------
    piece_s, hop_s : length and spacing of the pieces of sound that the encoder is given, seconds.
    """

    def __init__(self, piece_s: float, hop_s: float) -> None:
        self._piece, self._hop = piece_s, hop_s
        self._pieces = 0
        self._sums: dict[int, NDArray[np.float64]] = {}
        self._counts: dict[int, int] = {}

    def add(self, frames: Float32, seconds: float) -> None:
        """Add the frames of the next piece.

        Parameters
        ----------
        frames : (n, channels) float32, n ≥ 1.
        seconds : length of the piece.
        """
        for window, some in self._by_window(len(frames), seconds):
            total = frames[some].sum(axis=0, dtype=np.float64)
            self._sums[window] = self._sums.get(window, 0.0) + total
            self._counts[window] = self._counts.get(window, 0) + some.stop - some.start
        self._pieces += 1

    def _by_window(self, n: int, seconds: float) -> list[tuple[int, slice]]:
        """Runs of the next piece's frames that lie in one window."""
        margin = max(0.0, self._piece - self._hop) / 2 if n > 1 else 0.0
        length = max(seconds - 2 * margin, 0.0)
        middles = self._pieces * self._hop + margin + (np.arange(n) + 0.5) * (length / n)
        windows = (middles // WIDTH_S).astype(np.int64)
        starts = [0, *(np.flatnonzero(np.diff(windows)) + 1).tolist()]
        return [(int(windows[start]), slice(start, end)) for start, end in zip(starts, [*starts[1:], n], strict=True)]

    def windows(self, seconds: float) -> Windows:
        """The means, once there are no more frames.

        Parameters
        ----------
        seconds : length of the track.
        """
        count = max(1, int(seconds / WIDTH_S + 0.5))
        sums: dict[int, NDArray[np.float64]] = {}
        counts: dict[int, int] = {}
        for window in self._sums:
            at = min(window, count - 1)
            sums[at] = sums.get(at, 0.0) + self._sums[window]
            counts[at] = counts.get(at, 0) + self._counts[window]
        filled = np.array(sorted(sums))
        nearest = [int(filled[np.abs(filled - at).argmin()]) for at in range(count)]
        means = np.stack([sums[at] / counts[at] for at in nearest]).astype(np.float32)
        return Windows(means=means, width_s=WIDTH_S, seconds=seconds)


class TrackVectors(NamedTuple):
    """What an encoder makes of a track: its vector, and its windows where they were asked for."""

    vector: Float32
    windows: Windows | None


class TrackPool:
    """Collects what an encoder says of one track.

    Parameters
    ----------
    layout, pooling : as for :class:`~antiphon.audio.pooling.FramePool`.
    windows : collects the windows, None where they are not asked for.
    """

    def __init__(self, layout: Layout, pooling: str, windows: WindowMeans | None = None) -> None:
        self._pool = FramePool(layout, pooling)
        self._windows = windows

    def add(self, frames: Float32, seconds: float) -> None:
        """Add the frames, (n, channels), of the next piece of sound, ``seconds`` long."""
        self._pool.add(frames)
        if self._windows is not None and len(frames):
            self._windows.add(frames, seconds)

    def described(self, seconds: float) -> TrackVectors:
        """The vector and the windows of a track that is ``seconds`` long.

        Raises
        ------
        EncoderError : there was no frame.
        """
        return TrackVectors(self._pool.vector(), None if self._windows is None else self._windows.windows(seconds))
