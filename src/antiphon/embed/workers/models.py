"""Models in the main process: windows of many tracks in batches of equal length, frames back to their tracks.

A batch is run when enough windows of one length are there. Where odd lengths pile up (ends of tracks), the length
that waits longest is run, so that no track waits for ever and memory is bounded by two batches.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from antiphon.audio.track_pool import TrackPool, WindowMeans
from antiphon.errors import AntiphonError, EncoderError
from antiphon.library.vectors.windows import Windows
from antiphon.registry import AudioEncoder

Float32 = NDArray[np.float32]

HOPELESS = 8
"""Windows that fail one after the other, none succeeding before: then it is the model, not the files."""


@dataclass
class _Track:
    pool: TrackPool
    given: int = 0
    pooled: int = 0
    early: dict[int, tuple[Float32, float]] = field(default_factory=dict)
    seconds: float | None = None
    """Length of the track, once there are no more windows of it."""


@dataclass(frozen=True)
class _Waiting:
    arrival: int
    number: int
    index: int
    window: Float32


class Batcher:
    """Feeds one model.

    Parameters
    ----------
    encoder : the model.
    batch_seconds : sound in one batch, at least one window.
    windows : whether the tracks' window vectors are asked for, too.
    around : context to call the model in.
    """

    def __init__(
        self,
        encoder: AudioEncoder,
        *,
        batch_seconds: float,
        windows: bool = False,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self.encoder = encoder
        self._around = around
        self._samples = max(1, int(batch_seconds * (encoder.card.rate or 1)))
        self._with_windows = windows
        self._windows: dict[int, Windows] = {}
        self._tracks: dict[int, _Track] = {}
        self._waiting: dict[int, deque[_Waiting]] = {}
        self._held = 0
        self._arrivals = 0
        self._failed: set[int] = set()
        self._failures = 0
        self._worked = False
        self._seconds = 0.0

    def add(self, number: int, windows: Sequence[Float32]) -> None:
        """Take the next windows of track ``number``."""
        if number in self._failed:
            return
        track = self._tracks.setdefault(number, self._new_track())
        for window in windows:
            self._waiting.setdefault(len(window), deque()).append(_Waiting(self._arrivals, number, track.given, window))
            self._arrivals += 1
            self._held += len(window)
            track.given += 1

    def _new_track(self) -> _Track:
        card = self.encoder.card
        collected = WindowMeans(card.window_s or 0.0, card.hop_s or 0.0) if self._with_windows else None
        return _Track(TrackPool(card.layout, card.pooling, collected))

    def complete(self, number: int, seconds: float = 0.0) -> None:
        """There are no more windows of this track, which is ``seconds`` long."""
        self._failed.discard(number)
        if number in self._tracks:
            self._tracks[number].seconds = seconds

    def drop(self, number: int) -> None:
        """Forget a track whose file failed part-way."""
        self._failed.discard(number)
        self._tracks.pop(number, None)

    def take_windows(self, number: int) -> Windows | None:
        """The window vectors of a track that is done, if they were asked for; they are forgotten here."""
        return self._windows.pop(number, None)

    def take_seconds(self) -> float:
        """Seconds in the model since this was last asked."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def run(self, *, flush: bool = False) -> Iterator[tuple[int, Float32 | str]]:
        """Run what is due; with ``flush`` all.

        Yields
        ------
        (track number, its vector or why it failed) of the tracks that this completes.

        Raises
        ------
        EncoderError : the model fails on everything.
        """
        while (length := self._due(flush)) is not None:
            yield from self._run_one(length)
        yield from self._finished()  # also those whose last window was heard before their end was known

    def _due(self, flush: bool) -> int | None:
        for length, waiting in self._waiting.items():
            if len(waiting) >= self._size(length):
                return length
        if self._waiting and (flush or self._held > 2 * self._samples):
            return min(self._waiting, key=lambda length: self._waiting[length][0].arrival)
        return None

    def _size(self, length: int) -> int:
        return max(1, self._samples // length)

    def _run_one(self, length: int) -> Iterator[tuple[int, Float32 | str]]:
        waiting = self._waiting[length]
        batch = [waiting.popleft() for _ in range(min(len(waiting), self._size(length)))]
        if not waiting:
            del self._waiting[length]
        self._held -= length * len(batch)
        batch = [item for item in batch if item.number in self._tracks]
        if not batch:
            return
        for item, frames in zip(batch, self._frames([item.window for item in batch]), strict=True):
            track = self._tracks.get(item.number)
            if track is None:
                continue
            if isinstance(frames, str):
                if self._tracks.pop(item.number).seconds is None:
                    self._failed.add(item.number)
                yield item.number, frames
                continue
            _pool_in_order(track, item.index, frames, length / (self.encoder.card.rate or 1))
        yield from self._finished()

    def _finished(self) -> Iterator[tuple[int, Float32 | str]]:
        for number, track in [(n, t) for n, t in self._tracks.items() if t.pooled == t.given]:
            if track.seconds is None:
                continue
            del self._tracks[number]
            vector, windows = track.pool.described(track.seconds)
            if windows is not None:
                self._windows[number] = windows
            yield number, vector

    def _frames(self, windows: list[Float32]) -> list[Float32 | str]:
        """Frames of every window; a batch that fails is halved, down to the window that is to blame."""
        try:
            started = time.perf_counter()
            with self._around():
                frames = self.encoder.frames(np.stack(windows))
            self._seconds += time.perf_counter() - started
            if frames.ndim != 3 or len(frames) != len(windows):
                raise EncoderError(f"'{self.encoder.card.name}' gave {frames.shape} for {len(windows)} windows.")
        except AntiphonError:
            raise
        except Exception as error:  # torch has no class for "out of memory" that all devices share
            if len(windows) > 1:
                if "memory" in str(error).lower():
                    self._samples = max(1, self._samples // 2)
                half = len(windows) // 2
                return self._frames(windows[:half]) + self._frames(windows[half:])
            return [self._blame(error)]
        self._worked = True
        return list(frames)

    def _blame(self, error: Exception) -> str:
        reason = f"{self.encoder.card.name} failed: {type(error).__name__}: {error}".splitlines()[0]
        self._failures += 1
        if not self._worked and self._failures >= HOPELESS:
            raise EncoderError(
                f"The encoder fails on everything: {reason}", fix="Try --device cpu, or --dtype float32."
            ) from error
        return reason


def _pool_in_order(track: _Track, index: int, frames: Float32, seconds: float) -> None:
    """Pooling sees a track's windows in the order of time, whichever batch came first."""
    track.early[index] = frames, seconds
    while track.pooled in track.early:
        track.pool.add(*track.early.pop(track.pooled))
        track.pooled += 1
