"""Tempo, loudness, brightness, mode, density and pulse of tracks, read out of the signal encoders' stored vectors.

A vector is the mean, spread and drift of each of an encoder's numbers over a track (layout 1 × dims × 3); the traits
are means. Which number is which, the encoders' own ``BLOCKS`` say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from antiphon.arrays import Float32
from antiphon.captions.phrases import Phrase
from antiphon.captions.sound.standing_out import Spread
from antiphon.encoders import harmony, rhythm, timbre
from antiphon.errors import EmbeddingError
from antiphon.layout import Layout
from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import Vectors

STATISTICS = 3
BLOCKS: Mapping[str, Mapping[str, int]] = {
    "timbre": timbre.BLOCKS,
    "harmony": harmony.BLOCKS,
    "rhythm": rhythm.BLOCKS,
}


@dataclass(frozen=True, kw_only=True)
class Trait:
    """One number that has a word for each end.

    Parameters
    ----------
    encoder, block, place : where it stands.
    low, high : what is said of the lower and the upper third; None for nothing.
    centre, sigma : of the reference; see :mod:`antiphon.captions.sound.reference`.
    """

    name: str
    encoder: str
    block: str
    place: int
    low: Phrase | None
    high: Phrase | None
    centre: float
    sigma: float

    @property
    def reference(self) -> Spread:
        """Its spread in the reference."""
        return Spread(np.array([self.centre]), np.array([self.sigma]))

    @property
    def column(self) -> int:
        """Its place among an encoder's numbers of a frame."""
        blocks = BLOCKS[self.encoder]
        names = list(blocks)
        return sum(blocks[name] for name in names[: names.index(self.block)]) + self.place


def read_traits(library: Library, traits: Sequence[Trait]) -> dict[str, dict[str, float]]:
    """Track → trait → value, of the tracks and traits that stored vectors tell of.

    Raises
    ------
    EmbeddingError : stored vectors are damaged.
    """
    found: dict[str, dict[str, float]] = {}
    for encoder in dict.fromkeys(trait.encoder for trait in traits):
        vectors = _own_vectors(library, encoder)
        if vectors is None:
            continue
        ids = [track_id for track_id in library.column("track_id").tolist() if track_id in vectors.row_of]
        means = _means(vectors, ids, [trait for trait in traits if trait.encoder == encoder])
        for name, values in means.items():
            for track_id, value in zip(ids, values.tolist(), strict=True):
                if np.isfinite(value):
                    found.setdefault(track_id, {})[name] = value
    return found


def _own_vectors(library: Library, encoder: str) -> Vectors | None:
    """The vectors of a signal encoder; None where there are none, or others go by its name."""
    if encoder not in library.embedded("audio"):
        return None
    try:
        vectors = open_embedding(library, "audio", encoder)
    except EmbeddingError:
        return None
    composed = Layout(1, sum(BLOCKS[encoder].values()), STATISTICS)
    return vectors if vectors.provenance.layout == composed and vectors.provenance.origin != "imported" else None


def _means(vectors: Vectors, ids: Sequence[str], traits: Sequence[Trait]) -> dict[str, Float32]:
    rows = np.array([vectors.row_of[track_id] for track_id in ids], np.int64)
    columns = [trait.column * STATISTICS for trait in traits]
    values = np.asarray(vectors.matrix[:, columns], np.float32)[rows]
    return {trait.name: values[:, k] for k, trait in enumerate(traits)}
