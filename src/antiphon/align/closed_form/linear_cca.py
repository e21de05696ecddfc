"""Canonical correlation analysis: directions along which caption and track vary together.

Hotelling 1936; regularised as in Vinod 1976. Directions come from ``(C_tt + ridge)^-½ C_ta (C_aa + ridge)^-½``; each is
weighted by its correlation to the power ``power``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, product
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.linear_form import Axes, Float, Index, LinearForm, linear_form
from antiphon.align.closed_form.principal import leading_svd
from antiphon.arrays import Embeddings, unit_length
from antiphon.errors import ConfigError
from antiphon.library.pairs import Pairs
from antiphon.metrics.retrieval import mean_mrr

RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
DIMS = (16, 32, 64, 128, 256)
POWERS = (0.0, 1.0, 2.0)
RACED_ON = 512
"""Tracks of val that all settings are asked first, where there are more."""
FINALISTS = 20
"""Settings that are then asked all of val."""


_Canonical = tuple[Float, Float, Float]
"""Correlations, and the maps from the axes of text and of audio to the directions that have them."""


class Settings(NamedTuple):
    """What a CCA is fitted with; parameters as for :func:`fit_cca`."""

    ridge: float
    dims: int
    power: float


def _canonical(axes: Axes, ridge: float, most: int) -> _Canonical:
    """The greatest canonical correlations (r,), falling, ``most`` of them at most, and directions along the axes of
    text (·, r) and audio (·, r)."""
    near = 1 / np.sqrt(axes.text.variance + ridge)
    far = 1 / np.sqrt(axes.audio.variance + ridge)
    left, correlation, right = leading_svd(near[:, None] * axes.together * far, most)
    return correlation, near[:, None] * left, far[:, None] * right


def fit_cca(
    text: Float,
    audio: Float,
    track_of_caption: Index,
    *,
    dims: int = 128,
    ridge: float = 3.0,
    power: float = 1.0,
) -> LinearForm:
    """Regularised canonical correlation analysis of captions and tracks.

    Parameters
    ----------
    text : (m, d_text), one row a caption.
    audio : (n, d_audio), one row a track; float16 is fine and is not converted as a whole.
    track_of_caption : (m,) row of each caption's track.
    dims : size of the shared space; fewer if the data have fewer directions.
    ridge : ≥ 0, added to the variance of every standardised number.
    power : each direction is multiplied by its correlation to this power, on both sides; 0 for plain CCA.

    Raises
    ------
    ValueError : shapes do not fit.
    ConfigError : a setting is out of range.
    """
    if dims < 1 or ridge < 0:
        raise ConfigError(f"CCA needs at least one dimension and no negative ridge, not {dims} and {ridge:g}.")
    axes = Axes.from_pairs(text, audio, track_of_caption)
    return _cca(axes, _canonical(axes, ridge, dims), dims, {"dims": dims, "ridge": ridge, "power": power})


def _cca(axes: Axes, canonical: _Canonical, dims: int, settings: dict[str, Any]) -> LinearForm:
    correlation, near, far = (part[..., :dims] for part in canonical)
    factor = correlation ** settings["power"]
    described = {**settings, "dims": len(correlation), "correlations": [float(c) for c in correlation]}
    return linear_form("cca", axes, near * factor, far * factor, described)


def choose_cca(train: Pairs, val: Pairs, *, axes: Axes | None = None) -> LinearForm:
    """The CCA with the best mean-of-directions MRR on ``val`` over ridge × dims × power.

    ``settings`` of the answer holds the chosen values, ``val_mrr``, on how many ``val_tracks`` and how many were
    ``tried``. Ties go to the first, that is to the smaller ridge, fewer dimensions and lower power. Where val has more
    than ``RACED_ON`` tracks, that many decide first which ``FINALISTS`` are asked all of it (``raced_on``). ``axes``:
    of ``train``, where they are at hand.
    """
    axes = axes or Axes.from_pairs(train.text, train.audio, train.track_of_caption)
    canonical = {ridge: _canonical(axes, ridge, DIMS[-1]) for ridge in RIDGES}
    lengths = dict.fromkeys(min(dims, len(canonical[RIDGES[0]][0])) for dims in DIMS)
    tried = [Settings(*each) for each in product(RIDGES, lengths, POWERS)]
    few, finalists, told = val.sample(RACED_ON), tried, {}
    if len(few.audio) < len(val.audio):
        by_few = _mean_mrrs(axes, canonical, tried, few)
        finalists = [tried[place] for place in sorted(np.argsort(by_few, kind="stable")[-FINALISTS:])]
        told = {"raced_on": len(few.audio)}
    found = _mean_mrrs(axes, canonical, finalists, val)
    best, mrr = finalists[int(found.argmax())], float(found.max())
    chosen = {**best._asdict(), "val_mrr": mrr, "val_tracks": len(val.audio), "tried": len(tried), **told}
    return _cca(axes, canonical[best.ridge], best.dims, chosen)


def _mean_mrrs(
    axes: Axes, canonical: Mapping[float, _Canonical], settings: Sequence[Settings], pairs: Pairs
) -> NDArray[np.float64]:
    """Mean-of-directions MRR on ``pairs`` with each of the settings."""
    embedded = _embedded(axes, canonical.__getitem__, settings, pairs.text, pairs.audio)
    return np.array([mean_mrr(both, pairs) for both in embedded])


def each_cca(
    axes: Axes, text: Float, audio: Float, *, dims: Sequence[int], powers: Sequence[float]
) -> Iterator[tuple[Settings, Embeddings]]:
    """Captions (m, d_text) and tracks (n, d_audio) as each CCA of ``RIDGES`` × ``dims`` × ``powers`` embeds them."""
    settings = [Settings(*each) for each in product(RIDGES, dims, powers)]
    embedded = _embedded(axes, lambda ridge: _canonical(axes, ridge, max(dims)), settings, text, audio)
    return zip(settings, embedded, strict=True)


def _embedded(
    axes: Axes, canonical: Callable[[float], _Canonical], settings: Sequence[Settings], text: Float, audio: Float
) -> Iterator[Embeddings]:
    """Captions and tracks as the CCA of each of the settings embeds them; settings of one ridge stand together."""
    words, sound = axes.text.coordinates(text), axes.audio.coordinates(audio)
    for ridge, those in groupby(settings, key=attrgetter("ridge")):
        correlation, near, far = canonical(ridge)
        text_side, audio_side = words @ near, sound @ far
        for _, dims, power in those:
            factor = correlation[:dims] ** power
            yield Embeddings(unit_length(text_side[:, :dims] * factor), unit_length(audio_side[:, :dims] * factor))


def ccas_with(axes: Axes, settings: Sequence[Settings]) -> list[LinearForm]:
    """The CCA of each of these settings; those of one ridge cost hardly more than one."""
    most = max(each.dims for each in settings)
    canonical = {ridge: _canonical(axes, ridge, most) for ridge in dict.fromkeys(each.ridge for each in settings)}
    return [_cca(axes, canonical[each.ridge], each.dims, each._asdict()) for each in settings]
