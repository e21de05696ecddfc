"""Tracks and their captions as raw vectors: what heads are trained, fitted and judged on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.align.data.features import Rows

Index = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairSet:
    """Tracks and all of their captions, as raw vectors.

    Parameters
    ----------
    audio : (n, d_audio), one row a track.
    text : (m, d_text), one row a caption.
    track_of_caption : (m,) 0 … n−1, every track at least once.
    text_id : (m,) equal for identical texts.
    shares : (m,) each caption's share of its track's weight, 1 for each track; None where a track's captions count
        alike.
    """

    audio: Rows
    text: Rows
    track_of_caption: Index
    text_id: Index
    shares: NDArray[np.float64] | None = None

    def followed_by(self, other: PairSet) -> PairSet:
        """These tracks, then others; the texts of the two count as different, also where their words are the same."""
        shares = None
        if self.shares is not None or other.shares is not None:
            shares = np.concatenate([self._shares(), other._shares()])
        return PairSet(
            self.audio.followed_by(other.audio),
            self.text.followed_by(other.text),
            np.concatenate([self.track_of_caption, len(self.audio) + other.track_of_caption]),
            np.concatenate([self.text_id, self.text_id.max(initial=-1) + 1 + other.text_id]),
            shares,
        )

    def _shares(self) -> NDArray[np.float64]:
        """(m,) shares in full, where captions of a track count alike too."""
        counts = np.bincount(self.track_of_caption, minlength=len(self.audio))
        return 1.0 / counts[self.track_of_caption] if self.shares is None else self.shares

    def sample(self, n_tracks: int, rng: np.random.Generator) -> PairSet:
        """Some tracks with all of their captions; everything if there are no more than ``n_tracks``."""
        n = len(self.audio)
        return self if n <= n_tracks else self.only(np.sort(rng.choice(n, n_tracks, replace=False)))

    def only(self, tracks: Index) -> PairSet:
        """These tracks, in rising order, with all of their captions."""
        position = np.full(len(self.audio), -1)
        position[tracks] = np.arange(len(tracks))
        kept = np.flatnonzero(position[self.track_of_caption] >= 0)
        return PairSet(
            self.audio.subset(tracks),
            self.text.subset(kept),
            position[self.track_of_caption[kept]],
            self.text_id[kept],
            None if self.shares is None else self.shares[kept],
        )

    def told_by(self, captions: NDArray[np.bool_]) -> PairSet:
        """Some captions alone, counting alike, with the tracks that have one of them.

        Parameters
        ----------
        captions : (m,) which.
        """
        kept = np.flatnonzero(captions)
        tracks, track_of_caption = np.unique(self.track_of_caption[kept], return_inverse=True)
        return PairSet(self.audio.subset(tracks), self.text.subset(kept), track_of_caption, self.text_id[kept])
