"""Linear closed forms: two linear maps into one shared space, and what all of them are solved from.

Every track weighs the same and shares its weight among its captions. Vectors are standardised (variance 1), so that a
ridge of 1 is as large as the variance of a typical number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.caption_weights import CaptionWeights
from antiphon.align.closed_form.principal import BATCH_ROWS, Principal
from antiphon.arrays import unit_length

Float = NDArray[np.floating]
Index = NDArray[np.integer]


@dataclass(frozen=True, kw_only=True)
class LinearForm:
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

    @property
    def dim(self) -> int:
        """k, numbers in the shared space."""
        return int(self.text_weight.shape[1])

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
    return unit_length(shared)


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
    def from_pairs(cls, text: Float, audio: Float, track_of_caption: Index) -> Axes:
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
        pairs = CaptionWeights(row=np.arange(len(owner)), track=owner, weight=share)
        return cls._weighted(text, audio, pairs, (counts > 0) / len(described))

    @classmethod
    def from_weights(cls, text: Float, audio: Float, pairs: CaptionWeights, *, standardise: bool = True) -> Axes:
        """From texts (m, d_text), tracks (n, d_audio) and which text describes which track, and how much it weighs.

        Without ``standardise`` tracks are centred alone.
        """
        return cls._weighted(text, audio, pairs, np.full(len(audio), 1 / len(audio)), standardise)

    @classmethod
    def _weighted(
        cls, text: Float, audio: Float, pairs: CaptionWeights, of_track: Float, standardise: bool = True
    ) -> Axes:
        words = Principal.from_rows(text, np.bincount(pairs.row, pairs.weight, len(text)).astype(np.float64))
        sound = Principal.from_rows(audio, of_track, standardise=standardise)
        average = np.zeros((len(audio), len(words.variance)), words.basis.dtype)
        weight = pairs.weight[:, None].astype(words.basis.dtype)
        np.add.at(average, pairs.track, words.coordinates(text)[pairs.row] * weight)
        return cls(text=words, audio=sound, together=sound.covariance(average, audio))


def linear_form(kind: str, axes: Axes, near: Float, far: Float, settings: dict[str, Any]) -> LinearForm:
    """Maps from raw vectors out of maps from the axes of text (r_text, k) and audio (r_audio, k)."""
    return LinearForm(
        kind=kind,
        text_mean=axes.text.scaling.mean,
        text_scale=axes.text.scaling.scale,
        text_weight=(axes.text.basis @ near).astype(np.float32),
        audio_mean=axes.audio.scaling.mean,
        audio_scale=axes.audio.scaling.scale,
        audio_weight=(axes.audio.basis @ far).astype(np.float32),
        settings=settings,
    )
