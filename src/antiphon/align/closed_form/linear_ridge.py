"""Ridge regression: linear prediction of one side from the other, compared by cosine with the real thing.

Hoerl & Kennard 1970.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from antiphon.align.closed_form.linear_form import Axes, Float, Index, LinearForm, linear_form
from antiphon.arrays import Embeddings, unit_length
from antiphon.errors import ConfigError
from antiphon.library.pairs import Pairs
from antiphon.metrics.retrieval import mean_mrr

Side = Literal["text", "audio"]
PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


def fit_ridge(
    text: Float, audio: Float, track_of_caption: Index, *, penalty: float = 1.0, towards: Side = "text"
) -> LinearForm:
    """Linear prediction of one side from the other, by penalised least squares.

    Parameters
    ----------
    text, audio, track_of_caption : as in :func:`antiphon.align.closed_form.linear_cca.fit_cca`.
    penalty : > 0, in units of the standardised variance (scikit-learn's ``alpha`` divided by the number of tracks).
    towards : the side that is predicted and in whose principal axes the shared space lies.

    Raises
    ------
    ValueError : shapes do not fit.
    ConfigError : the penalty is not above 0.
    """
    if penalty <= 0:
        raise ConfigError(f"Ridge regression needs a penalty above 0, not {penalty:g}.")
    return _ridge(Axes.from_pairs(text, audio, track_of_caption), penalty, towards)


def _ridge_maps(axes: Axes, penalty: float, towards: Side) -> tuple[Float, Float]:
    """Maps from the axes of text and of audio into the axes of the side that is predicted."""
    if towards == "text":
        return np.eye(len(axes.text.variance)), axes.together.T / (axes.audio.variance + penalty)[:, None]
    return axes.together / (axes.text.variance + penalty)[:, None], np.eye(len(axes.audio.variance))


def _ridge(axes: Axes, penalty: float, towards: Side) -> LinearForm:
    return linear_form("ridge", axes, *_ridge_maps(axes, penalty, towards), {"penalty": penalty, "towards": towards})


def choose_ridge(train: Pairs, val: Pairs, *, towards: Side = "text", axes: Axes | None = None) -> LinearForm:
    """The ridge regression with the best mean-of-directions MRR on ``val``; ``settings`` and ``axes`` as in
    :func:`antiphon.align.closed_form.linear_cca.choose_cca`."""
    axes = axes or Axes.from_pairs(train.text, train.audio, train.track_of_caption)
    words, sound = axes.text.coordinates(val.text), axes.audio.coordinates(val.audio)
    scored = []
    for penalty in PENALTIES:
        near, far = _ridge_maps(axes, penalty, towards)
        found = Embeddings(unit_length(words @ near), unit_length(sound @ far))
        scored.append((mean_mrr(found, val), penalty))
    mrr, penalty = max(scored, key=lambda pair: (pair[0], -pair[1]))
    chosen = _ridge(axes, penalty, towards)
    more = {"val_mrr": mrr, "val_tracks": len(val.audio), "tried": len(scored)}
    return replace(chosen, settings={**chosen.settings, **more})
