"""Wide vectors of many tracks along some hundred axes of theirs, on which linear CCAs are looked at and solved there.

The axes of a covariance of 4,096 numbers of 6,000 tracks take 23 seconds, as long as all else in a training. Captions
speak of directions of great variance, or linear CCAs are worth little anyway, which a look inside train finds out. So
some tracks say which directions these are, and all tracks are seen along them, by one product.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.kinds import QUICK, quick_to_fit
from antiphon.align.closed_form.linear_cca import Settings, ccas_with
from antiphon.align.closed_form.linear_form import Axes
from antiphon.align.closed_form.principal import Principal
from antiphon.align.data.features import Rows
from antiphon.align.ensemble.linear.linear_space import LinearCCAs

Float = NDArray[np.floating]
MOST, FEWEST = 512, 128
"""Axes: as many as a product of all tracks by them takes ``QUICK`` multiplications, between these."""
SAMPLED = 2
"""Tracks that axes are found on, for each axis."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Leading:
    """Tracks along their leading axes.

    Parameters
    ----------
    axes : of the standardised vectors.
    coordinates : (n, r) of all tracks. They are not standardised again, so that a ridge means what it means for the
        vectors themselves.
    """

    axes: Principal
    coordinates: Rows

    @classmethod
    def from_rows(cls, audio: Rows, *, seed: int = 0) -> Leading:
        """Of (n, d) vectors that may lie on disk: all of them are read a stretch at a time."""
        rank = max(FEWEST, min(MOST, int(QUICK / (float(len(audio)) * audio.size))))
        some = np.sort(np.random.default_rng([seed, 0, 8]).permutation(len(audio))[: SAMPLED * rank])
        few = audio.raw(some).numpy()
        axes = Principal.from_rows(few, np.full(len(few), 1 / len(few)), max_rank=rank, exact=False)
        parts = [axes.coordinates(audio.raw(chunk).numpy()) for chunk in audio.chunks()]
        return cls(axes=axes, coordinates=Rows.all_of(np.concatenate(parts)))


def leading_axes(audio: Rows) -> Leading | None:
    """Of wide vectors of many tracks; None where a covariance is quick, and linear CCAs are solved without them."""
    return None if quick_to_fit(len(audio), audio.size) else Leading.from_rows(audio)


def fit_linear_ccas(
    words: Float, audio: Rows, weights: CaptionWeights, settings: Sequence[Settings], leading: Leading | None
) -> LinearCCAs:
    """The CCA of each of the settings, along leading axes where there are any.

    Parameters
    ----------
    words : (m, d_text), and ``weights`` which text describes which track.
    """
    sound = (audio if leading is None else leading.coordinates).raw(slice(None)).numpy()
    forms = ccas_with(Axes.from_weights(words, sound, weights, standardise=leading is None), settings)
    return LinearCCAs(forms=forms, axes=None if leading is None else leading.axes)
