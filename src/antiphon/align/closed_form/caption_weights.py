"""Which texts are said of which tracks, and how much each counts: whole captions, alone or with their phrases.

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
class Said:
    """Texts said of tracks.

    Parameters
    ----------
    row : (k,) of the text, which may be said of several tracks.
    track : (k,) of whom it is said.
    share : (k,) what it counts; every track's sum to 1 / number of tracks.
    """

    row: Index
    track: Index
    share: NDArray[np.float64]

    @classmethod
    def evenly(cls, track_of_caption: Index, n_tracks: int) -> Said:
        """Whole captions; a track's share alike, text i is caption i.

        Raises
        ------
        ValueError : fewer than two tracks, or a track without a caption.
        """
        owner = np.asarray(track_of_caption)
        counts = np.bincount(owner, minlength=n_tracks)
        if n_tracks < 2 or len(counts) != n_tracks or not counts.all():
            raise ValueError("at least two tracks are needed, each with captions")
        return cls(row=np.arange(len(owner)), track=owner, share=1.0 / (counts[owner] * n_tracks))

    def with_phrases(self, phrases: CaptionPhrases, share: float) -> Said:
        """Captions that have phrases leave them a share of 0 … 1 of what they count, each of their phrases alike.

        Of a ``Said`` as :meth:`evenly` gives it; text row m + i is phrase i.
        """
        counts = np.bincount(phrases.caption, minlength=len(self.row))
        whole = np.where(counts > 0, self.share * (1 - share), self.share)
        of_phrases = self.share[phrases.caption] * share / counts[phrases.caption]
        return Said(
            row=np.concatenate([self.row, len(self.row) + phrases.phrase]),
            track=np.concatenate([self.track, self.track[phrases.caption]]),
            share=np.concatenate([whole, of_phrases]),
        )
