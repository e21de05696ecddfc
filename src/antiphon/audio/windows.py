"""A stream of sound → windows of equal length.

Conventions. Window k starts at sample k · hop; lengths in samples are ``round(seconds · rate)``, at least 1. A track
shorter than one window is one window of its own length. Where the last whole window ends before the track does,
``"align"`` adds a window that ends with the track, and ``"short"`` one that starts at the next hop and is shorter;
``"wrap"`` fills that shorter one up from the start of the track. A track shorter than a window is so followed by its
own start, once at most: one of under half a window is heard twice, not more often.
With hop > window the gaps between windows are meant: a track that ends in a gap gets no further window.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.errors import ConfigError

Float32 = NDArray[np.float32]
Tail = Literal["align", "short", "wrap"]
TAILS: tuple[Tail, ...] = ("align", "short", "wrap")


class WindowCutter:
    """Cuts blocks into windows as they come; holds no more than one window (two to wrap) and one block.

    Parameters
    ----------
    window, hop : length and spacing, samples ≥ 1.
    tail : ``"align"``, ``"short"`` or ``"wrap"``.

    Raises
    ------
    ConfigError : a length is below 1, or the tail is none of the three.
    """

    def __init__(self, window: int, hop: int, tail: Tail = "align") -> None:
        if window < 1 or hop < 1:
            raise ConfigError(f"Window and hop must be at least 1 sample, not {window} and {hop}.")
        if tail not in TAILS:
            raise ConfigError(f"Unknown tail '{tail}'.", fix=f"Use one of: {', '.join(TAILS)}.")
        self.window, self.hop, self.tail = window, hop, tail
        self._held = np.empty(0, np.float32)
        self._held_from = 0
        self._start = np.empty(0, np.float32)
        self._total = 0
        self._next = 0

    @classmethod
    def of(cls, rate: int, window_s: float, hop_s: float, tail: Tail = "align") -> WindowCutter:
        """A cutter for lengths in seconds at ``rate`` Hz."""
        return cls(max(1, round(window_s * rate)), max(1, round(hop_s * rate)), tail)

    def add(self, block: Float32) -> list[Float32]:
        """The windows that ``block``, (n,) float32, completes: each (window,) float32, a copy."""
        self._held = np.concatenate([self._held, block])
        self._total += len(block)
        if self.tail == "wrap" and len(self._start) < self.window:
            self._start = np.concatenate([self._start, block])[: self.window]
        windows = []
        while self._next + self.window <= self._total:
            start = self._next - self._held_from
            windows.append(self._held[start : start + self.window].copy())
            self._next += self.hop
        self._forget()
        return windows

    def _forget(self) -> None:
        """Drop what neither the next window nor an aligned last one can need."""
        needed = min(self._next, max(0, self._total - self.window))
        drop = min(needed - self._held_from, len(self._held))
        if drop > 0:
            self._held = self._held[drop:].copy()
            self._held_from += drop

    def finish(self) -> list[Float32]:
        """The window for the end of the track: none or one."""
        covered = self._next - self.hop + self.window if self._next else 0
        if self._total <= covered or self._next >= self._total:
            return []
        start = self._total - self.window if self.tail == "align" and self._next else self._next
        rest = self._held[start - self._held_from :]
        return [np.concatenate([rest, self._start[: self.window - len(rest)]])]


def cut(
    blocks: Iterable[Float32], *, rate: int, window_s: float, hop_s: float, tail: Tail = "align"
) -> Iterator[Float32]:
    """All windows of a stream of (n,) float32 blocks, in order."""
    cutter = WindowCutter.of(rate, window_s, hop_s, tail)
    for block in blocks:
        yield from cutter.add(block)
    yield from cutter.finish()
