"""Audio encoders that come with a text side: search without training, the baseline that training must beat.

Conventions. A window's frame is its joint embedding; the first of the three pooled statistics is their mean over the
track. That mean, scaled to unit length, stands for the track; its cosine with the text side's vector is the score. Only
vectors of one checkpoint may meet: both sides then have the same weights id.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

import numpy as np

from antiphon.arrays import unit_length
from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.vectors.provenance import Provenance
from antiphon.registry import Float32

W = TypeVar("W")
TEXT_SIDE = {"muq": "muq-mulan", "clap": "clap-text"}
"""Audio encoder → the text encoder that shares its space: its native text tower."""


def with_text_sides(weights: Mapping[str, W]) -> dict[str, W]:
    """Weights by encoder, those of an audio side also for its native text tower unless that has its own."""
    return {**{TEXT_SIDE[name]: given for name, given in weights.items() if name in TEXT_SIDE}, **weights}


def track_means(vectors: Float32, layout: Layout) -> Float32:
    """What stands for each track in the joint space.

    Parameters
    ----------
    vectors : (n, layout.size), any float type, of an encoder with one layer.

    Returns
    -------
    (n, dims) float32, unit length; a zero vector stays zero.
    """
    parts = np.asarray(vectors, np.float32).reshape(-1, layout.layers, layout.dims, layout.statistics)
    return unit_length(parts[:, 0, :, 0])


def require_one_space(audio: Provenance, text: Provenance) -> None:
    """Refuse vectors whose two sides are not of one joint model.

    Raises
    ------
    EmbeddingError : the encoders do not belong together, their weights differ, or nobody knows which they were.
    """
    wanted = TEXT_SIDE.get(audio.encoder)
    if wanted is None or text.encoder != wanted:
        pairs = ", ".join(f"{sound} with {words}" for sound, words in TEXT_SIDE.items())
        raise EmbeddingError(
            f"'{audio.encoder}' and '{text.encoder}' share no space without training.", fix=f"Such pairs are: {pairs}."
        )
    require_known(audio)
    require_known(text)
    if audio.weights_id != text.weights_id:
        raise EmbeddingError(
            f"'{audio.encoder}' and '{text.encoder}' were made with different weights: "
            f"{audio.weights_id[:12]} and {text.weights_id[:12]}.",
            fix=_both(audio.encoder),
        )


def require_known(side: Provenance) -> None:
    """Refuse vectors of which nobody knows what weights made them.

    Raises
    ------
    EmbeddingError : they were imported.
    """
    if side.weights_id == "unknown":
        encoder = next((sound for sound, words in TEXT_SIDE.items() if words == side.encoder), side.encoder)
        raise EmbeddingError(
            f"The {side.kind} vectors '{side.encoder}' were imported: which weights made them is not known.",
            fix=_both(encoder),
        )


def _both(encoder: str) -> str:
    return f"Embed both sides from the same checkpoint: antiphon embed --encoder {encoder} --text {TEXT_SIDE[encoder]}"
