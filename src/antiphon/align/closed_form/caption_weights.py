"""Which texts describe which tracks, and what each weighs in a closed form: captions, alone or with their phrases.

A closed form sees all of them at once, so that phrases take a share of their caption's weight where a step of training
draws (:meth:`antiphon.align.data.batches.Captions.in_phrases`); both come to the same on average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.library.phrases import CaptionPhrases

Index = NDArray[np.integer]


@dataclass(frozen=True, kw_only=True, eq=False)
class CaptionWeights:
    """Texts, the tracks that they describe, and their weights.

    Parameters
    ----------
    row : (k,) of the text, which may describe several tracks.
    track : (k,) the track.
    weight : (k,) of the pair; those of a track sum to 1 / number of tracks.
    """

    row: Index
    track: Index
    weight: NDArray[np.float64]

    @classmethod
    def evenly(
        cls, track_of_caption: Index, n_tracks: int, shares: NDArray[np.float64] | None = None
    ) -> CaptionWeights:
        """Whole captions: all tracks weigh alike; text i is caption i.

        Parameters
        ----------
        shares : (m,) of each caption in its track, summing to 1 for each track; None: a track's captions weigh alike.

        Raises
        ------
        ValueError : fewer than two tracks, or a track without a caption.
        """
        owner = np.asarray(track_of_caption)
        counts = np.bincount(owner, minlength=n_tracks)
        if n_tracks < 2 or len(counts) != n_tracks or not counts.all():
            raise ValueError("at least two tracks are needed, each with captions")
        weight = 1.0 / (counts[owner] * n_tracks) if shares is None else shares / n_tracks
        return cls(row=np.arange(len(owner)), track=owner, weight=weight)

    def with_phrases(self, phrases: CaptionPhrases, share: float) -> CaptionWeights:
        """Captions that have phrases leave them a share of 0 … 1 of their weight, each of their phrases alike.

        Of weights as :meth:`evenly` gives them; text row m + i is phrase i.
        """
        counts = np.bincount(phrases.caption, minlength=len(self.row))
        whole = np.where(counts > 0, self.weight * (1 - share), self.weight)
        of_phrases = self.weight[phrases.caption] * share / counts[phrases.caption]
        return CaptionWeights(
            row=np.concatenate([self.row, len(self.row) + phrases.phrase]),
            track=np.concatenate([self.track, self.track[phrases.caption]]),
            weight=np.concatenate([whole, of_phrases]),
        )
