"""Closed forms: shared spaces that need no training loop. What training must beat.

CCA
    Hotelling 1936; regularised as in Vinod 1976. Directions along which caption and track vary together, found from
    ``(C_tt + ridge)^-½ C_ta (C_aa + ridge)^-½``; each is weighted by its correlation to the power ``power``.
Ridge
    Hoerl & Kennard 1970. Linear prediction of one side from the other, compared by cosine with the real thing.

Every track weighs the same and shares its weight among its captions. Vectors are standardised (variance 1), so that a
ridge of 1 is as large as the variance of a typical number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.principal import BATCH_ROWS, Principal
from antiphon.errors import ConfigError
from antiphon.library.pairs import Pairs
from antiphon.metrics.retrieval import retrieval

Float = NDArray[np.floating]
Index = NDArray[np.integer]
Side = Literal["text", "audio"]

CCA_RIDGES = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
CCA_DIMS = (16, 32, 64, 128, 256)
CCA_POWERS = (0.0, 1.0, 2.0)
QUICK = 2e10
"""Multiplications for a covariance that take some seconds, with the choice of settings."""
RIDGE_PENALTIES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


@dataclass(frozen=True, kw_only=True)
class ClosedForm:
    """Two linear maps into one shared space; ``(x − mean) / scale @ weight``, then unit length.

    Parameters
    ----------
    kind : ``"cca"`` or ``"ridge"``.
    text_mean, text_scale : (d_text,) float32.
    text_weight : (d_text, k) float32.
    audio_mean, audio_scale : (d_audio,) float32.
    audio_weight : (d_audio, k) float32.
    settings : what it was fitted with, and on a choice by validation what was tried.
    """

    kind: str
    text_mean: NDArray[np.float32]
    text_scale: NDArray[np.float32]
    text_weight: NDArray[np.float32]
    audio_mean: NDArray[np.float32]
    audio_scale: NDArray[np.float32]
    audio_weight: NDArray[np.float32]
    settings: dict[str, Any] = field(default_factory=dict)

    def embed_text(self, vectors: Float) -> NDArray[np.float32]:
        """(m, d_text) text-encoder vectors → (m, k) unit length; zeros where nothing is left."""
        return _embed(vectors, self.text_mean, self.text_scale, self.text_weight)

    def embed_audio(self, vectors: Float) -> NDArray[np.float32]:
        """(n, d_audio) audio-encoder vectors → (n, k) unit length; zeros where nothing is left."""
        return _embed(vectors, self.audio_mean, self.audio_scale, self.audio_weight)


def _embed(
    vectors: Float, mean: NDArray[np.float32], scale: NDArray[np.float32], weight: NDArray[np.float32]
) -> NDArray[np.float32]:
    shared = np.empty((len(vectors), weight.shape[1]), np.float32)
    for start in range(0, len(vectors), BATCH_ROWS):
        rows = slice(start, start + BATCH_ROWS)
        shared[rows] = ((np.asarray(vectors[rows], np.float32) - mean) / scale) @ weight
    return _unit(shared)


def _unit(vectors: Float) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(length > 0, length, 1), np.float32)


def quick_to_fit(n_tracks: int, size: int) -> bool:
    """Whether closed forms of so many tracks and numbers a track take some seconds."""
    return float(n_tracks) * size * min(n_tracks, size) <= QUICK


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Both sides on their principal axes, and how they vary together: all that a closed form needs.

    Parameters
    ----------
    text, audio : the axes of each side.
    together : (r_text, r_audio) covariance of captions and their tracks along the axes.
    """

    text: Principal
    audio: Principal
    together: Float

    @classmethod
    def of(cls, text: Float, audio: Float, track_of_caption: Index) -> Axes:
        """From captions (m, d_text), tracks (n, d_audio) and the track (m,) of each caption.

        Raises
        ------
        ValueError : the numbers do not fit, or there are fewer than two tracks with captions.
        """
        owner = np.asarray(track_of_caption)
        if len(owner) != len(text) or len(owner) == 0 or owner.min() < 0 or owner.max() >= len(audio):
            raise ValueError(f"track_of_caption must give each of {len(text)} captions one of {len(audio)} tracks")
        counts = np.bincount(owner, minlength=len(audio))
        described = np.flatnonzero(counts)
        if len(described) < 2:
            raise ValueError("a closed form needs at least two tracks with captions")
        share = 1.0 / (counts[owner] * len(described))
        words = Principal.of(text, share)
        sound = Principal.of(audio, (counts > 0) / len(described))
        average = np.zeros((len(audio), len(words.variance)), words.basis.dtype)
        np.add.at(average, owner, words.coordinates(text) * share[:, None])
        return cls(text=words, audio=sound, together=average.T @ sound.coordinates(audio))


def _canonical(axes: Axes, ridge: float) -> tuple[Float, Float, Float]:
    """Canonical correlations (r,), falling, and directions along the axes of text (·, r) and audio (·, r)."""
    near = 1 / np.sqrt(axes.text.variance + ridge)
    far = 1 / np.sqrt(axes.audio.variance + ridge)
    left, correlation, right = np.linalg.svd(near[:, None] * axes.together * far, full_matrices=False)
    return correlation, near[:, None] * left, far[:, None] * right.T


def fit_cca(
    text: Float,
    audio: Float,
    track_of_caption: Index,
    *,
    dims: int = 128,
    ridge: float = 3.0,
    power: float = 1.0,
) -> ClosedForm:
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
    axes = Axes.of(text, audio, track_of_caption)
    return _cca(axes, _canonical(axes, ridge), dims, {"dims": dims, "ridge": ridge, "power": power})


def cca_family(
    text: Float, audio: Float, track_of_caption: Index, settings: Sequence[tuple[float, float]], *, dims: int
) -> tuple[ClosedForm, ...]:
    """:func:`fit_cca` for several (ridge, power), at hardly more than the price of one."""
    axes = Axes.of(text, audio, track_of_caption)
    canonical = {ridge: _canonical(axes, ridge) for ridge in dict.fromkeys(ridge for ridge, _ in settings)}
    return tuple(
        _cca(axes, canonical[ridge], dims, {"dims": dims, "ridge": ridge, "power": power}) for ridge, power in settings
    )


def _cca(axes: Axes, canonical: tuple[Float, Float, Float], dims: int, settings: dict[str, Any]) -> ClosedForm:
    correlation, near, far = (part[..., :dims] for part in canonical)
    factor = correlation ** settings["power"]
    described = {**settings, "dims": len(correlation), "correlations": [float(c) for c in correlation]}
    return _closed_form("cca", axes, near * factor, far * factor, described)


def _closed_form(kind: str, axes: Axes, near: Float, far: Float, settings: dict[str, Any]) -> ClosedForm:
    return ClosedForm(
        kind=kind,
        text_mean=axes.text.scaling.mean,
        text_scale=axes.text.scaling.scale,
        text_weight=(axes.text.basis @ near).astype(np.float32),
        audio_mean=axes.audio.scaling.mean,
        audio_scale=axes.audio.scaling.scale,
        audio_weight=(axes.audio.basis @ far).astype(np.float32),
        settings=settings,
    )


def fit_ridge(
    text: Float, audio: Float, track_of_caption: Index, *, penalty: float = 1.0, towards: Side = "text"
) -> ClosedForm:
    """Linear prediction of one side from the other, by penalised least squares.

    Parameters
    ----------
    text, audio, track_of_caption : as in :func:`fit_cca`.
    penalty : > 0, in units of the standardised variance (scikit-learn's ``alpha`` divided by the number of tracks).
    towards : the side that is predicted and in whose principal axes the shared space lies.

    Raises
    ------
    ValueError : shapes do not fit.
    ConfigError : the penalty is not above 0.
    """
    if penalty <= 0:
        raise ConfigError(f"Ridge regression needs a penalty above 0, not {penalty:g}.")
    return _ridge(Axes.of(text, audio, track_of_caption), penalty, towards)


def _ridge_maps(axes: Axes, penalty: float, towards: Side) -> tuple[Float, Float]:
    """Maps from the axes of text and of audio into the axes of the side that is predicted."""
    if towards == "text":
        return np.eye(len(axes.text.variance)), axes.together.T / (axes.audio.variance + penalty)[:, None]
    return axes.together / (axes.text.variance + penalty)[:, None], np.eye(len(axes.audio.variance))


def _ridge(axes: Axes, penalty: float, towards: Side) -> ClosedForm:
    return _closed_form("ridge", axes, *_ridge_maps(axes, penalty, towards), {"penalty": penalty, "towards": towards})


def _both_directions(text: Float, audio: Float, pairs: Pairs) -> float:
    figures = retrieval(_unit(text), _unit(audio), pairs.track_of_caption, pairs.text_id)
    return float(figures["t2a"]["MRR"] + figures["a2t"]["MRR"]) / 2


def choose_cca(train: Pairs, val: Pairs) -> ClosedForm:
    """The CCA with the best mean-of-directions MRR on ``val`` over ridge × dims × power.

    ``settings`` of the answer holds the chosen values, ``val_mrr`` and how many were ``tried``. Ties go to the first,
    that is to the smaller ridge, fewer dimensions and lower power.
    """
    axes = Axes.of(train.text, train.audio, train.track_of_caption)
    words, sound = axes.text.coordinates(val.text), axes.audio.coordinates(val.audio)
    best: dict[str, Any] = {"val_mrr": -1.0}
    tried = 0
    for ridge in CCA_RIDGES:
        correlation, near, far = _canonical(axes, ridge)
        text, audio = words @ near[:, : CCA_DIMS[-1]], sound @ far[:, : CCA_DIMS[-1]]
        for dims in dict.fromkeys(min(d, len(correlation)) for d in CCA_DIMS):
            for power in CCA_POWERS:
                factor = correlation[:dims] ** power
                mrr = _both_directions(text[:, :dims] * factor, audio[:, :dims] * factor, val)
                tried += 1
                if mrr > best["val_mrr"]:
                    best = {"ridge": ridge, "dims": dims, "power": power, "val_mrr": mrr}
    return _cca(axes, _canonical(axes, best["ridge"]), best["dims"], {**best, "tried": tried})


def choose_ridge(train: Pairs, val: Pairs, *, towards: Side = "text") -> ClosedForm:
    """The ridge regression with the best mean-of-directions MRR on ``val``; ``settings`` as in :func:`choose_cca`."""
    axes = Axes.of(train.text, train.audio, train.track_of_caption)
    words, sound = axes.text.coordinates(val.text), axes.audio.coordinates(val.audio)
    scored = []
    for penalty in RIDGE_PENALTIES:
        near, far = _ridge_maps(axes, penalty, towards)
        scored.append((_both_directions(words @ near, sound @ far, val), penalty))
    mrr, penalty = max(scored, key=lambda pair: (pair[0], -pair[1]))
    chosen = _ridge(axes, penalty, towards)
    return replace(chosen, settings={**chosen.settings, "val_mrr": mrr, "tried": len(scored)})
