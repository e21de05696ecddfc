"""What the methods of ``quality.py`` are given: tracks with captions, as vectors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from antiphon.layout import Layout
from antiphon.metrics.retrieval import mean_of_directions, retrieval


@dataclass(frozen=True, kw_only=True)
class Captioned:
    """Tracks with captions; fields as in :class:`antiphon.library.pairs.Pairs`, and the group of each track.

    ``layout`` is that of ``audio``, ``text_layout`` that of ``text``.
    """

    audio: np.ndarray
    text: np.ndarray
    track_of_caption: np.ndarray
    text_id: np.ndarray
    groups: np.ndarray
    layout: Layout
    text_layout: Layout

    def only(self, mask: np.ndarray) -> Captioned:
        """Some tracks with their captions."""
        position = np.cumsum(mask) - 1
        kept = np.flatnonzero(mask[self.track_of_caption])
        return Captioned(
            audio=self.audio[mask],
            text=self.text[kept],
            track_of_caption=position[self.track_of_caption[kept]],
            text_id=self.text_id[kept],
            groups=self.groups[mask],
            layout=self.layout,
            text_layout=self.text_layout,
        )

    def sample(self, n_tracks: int, seed: int = 0) -> Captioned:
        """Some tracks with all of their captions; everything if there are no more than ``n_tracks``."""
        n = len(self.audio)
        if n <= n_tracks:
            return self
        return self.only(np.isin(np.arange(n), np.random.default_rng(seed).permutation(n)[:n_tracks]))

    def joined(self, other: Captioned) -> Captioned:
        """These tracks and others of the same set, whose ``text_id`` and ``groups`` mean the same."""
        return Captioned(
            audio=np.concatenate([self.audio, other.audio]),
            text=np.concatenate([self.text, other.text]),
            track_of_caption=np.concatenate([self.track_of_caption, len(self.audio) + other.track_of_caption]),
            text_id=np.concatenate([self.text_id, other.text_id]),
            groups=np.concatenate([self.groups, other.groups]),
            layout=self.layout,
            text_layout=self.text_layout,
        )


def mean_mrr(text: np.ndarray, audio: np.ndarray, tracks: Captioned) -> float:
    """Mean of both directions."""
    return mean_of_directions(retrieval(text, audio, tracks.track_of_caption, tracks.text_id))
