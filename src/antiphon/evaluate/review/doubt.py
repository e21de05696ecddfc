"""How doubtful it is that a pair is wrong: its score, how alike the captions are, and how alike the recordings.

Conventions
-----------
pair
    a text and a track that no caption puts together.
score
    dot product in the checkpoint's shared space: what the model says.
captions alike
    cosine of the text with the nearest of the track's own captions, from the frozen text vectors.
sounds alike
    cosine of the track with the nearest track that the text was written for, from the frozen audio vectors.
doubt
    root mean square of the three, each counted in standard deviations above the mean of random pairs of the same split
    (0 where below). The square lets one thing that is very remarkable weigh more than three that are a little: under a
    normal distribution it is how improbable a random pair with so much in common is. Random pairs have about 0.5.

The frozen vectors are standardised column by column first, and long ones go through a random projection
(:mod:`antiphon.library.leakage.same_audio.sketch`); neither has seen what the heads learned, so that a mistake of the
model is no evidence for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.align.data.features import Rows
from antiphon.arrays import spans, unit_length
from antiphon.evaluate.split_vectors import SplitVectors
from antiphon.library.leakage.same_audio.sketch import Sketch
from antiphon.metrics.tiling.tile import slices

Index = NDArray[np.int64]
Float = NDArray[np.float64]
Float32 = NDArray[np.float32]
MEASURES = ("score", "captions alike", "sounds alike")
RANDOM_PAIRS = 4096
LEAST_SPREAD = 1e-6
MOST_ALIKE = 16
"""Captions of a track, and tracks of a text, that are compared at most: the first in the library's order."""
CHUNK = 1 << 15
"""Pairs that are compared at a time."""


class _OnDisk:
    """Rows of a matrix as :class:`Sketch` reads them: block by block, so that they may stay on disk."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self.shape = (len(rows), rows.size)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, wanted: Any) -> NDArray[Any]:
        return self._rows.block(wanted, slice(None))


@dataclass(frozen=True, eq=False)
class Likeness:
    """What pairs of a split have in common.

    Parameters
    ----------
    vectors : of the split.
    first : (t,) the caption that stands for each text.
    """

    vectors: SplitVectors
    first: Index

    @cached_property
    def _text(self) -> Float32:
        return unit_length(Sketch(_OnDisk(self.vectors.raw.text)).whole())

    @cached_property
    def _audio(self) -> Float32:
        return unit_length(Sketch(_OnDisk(self.vectors.raw.audio)).whole())

    @cached_property
    def _captions(self) -> tuple[Index, Index, Index]:
        """Captions by track, and where each track's begin and how many they are."""
        owner, n = self.vectors.pairs.track_of_caption, len(self.vectors.pairs.track_ids)
        return _table(owner, np.arange(len(owner)), n)

    @cached_property
    def _owners(self) -> tuple[Index, Index, Index]:
        """Tracks by text, and where each text's begin and how many they are."""
        texts, owner = self.vectors.pairs.text_id, self.vectors.pairs.track_of_caption
        return _table(texts, owner, len(self.first))

    def of(self, texts: Index, tracks: Index) -> Float:
        """(k, 3) float64, the three measures of k pairs of a text and a track."""
        chunks = [self._of(texts[chunk], tracks[chunk]) for chunk in slices(len(texts), CHUNK)]
        return np.concatenate(chunks) if chunks else np.empty((0, len(MEASURES)))

    def _of(self, texts: Index, tracks: Index) -> Float:
        captions = self.first[texts]
        score = (self.vectors.text[captions] * self.vectors.audio[tracks]).sum(axis=1)
        words = _nearest(self._text, captions, tracks, self._captions)
        sounds = _nearest(self._audio, tracks, texts, self._owners)
        return np.stack([score, words, sounds], axis=1).astype(np.float64)

    def background(self) -> tuple[Float, Float]:
        """Mean and standard deviation of the measures, each (3,), over random pairs."""
        rng = np.random.default_rng([0, 5])
        texts = rng.integers(len(self.first), size=RANDOM_PAIRS)
        tracks = rng.integers(len(self.vectors.pairs.track_ids), size=RANDOM_PAIRS)
        own = set(zip(self.vectors.pairs.text_id.tolist(), self.vectors.pairs.track_of_caption.tolist(), strict=True))
        wrong = np.array([pair not in own for pair in zip(texts.tolist(), tracks.tolist(), strict=True)])
        if not wrong.any():
            return np.zeros(len(MEASURES)), np.ones(len(MEASURES))
        found = self.of(texts[wrong], tracks[wrong])
        return found.mean(axis=0), np.maximum(found.std(axis=0), LEAST_SPREAD)


def _table(keys: Index, values: Index, n: int) -> tuple[Index, Index, Index]:
    """Values in the order of their keys 0 … n−1, where each key's begin, and how many of them are looked at."""
    counts = np.bincount(keys, minlength=n)
    return values[np.argsort(keys, kind="stable")], np.cumsum(counts) - counts, np.minimum(counts, MOST_ALIKE)


def _nearest(matrix: Float32, ones: Index, keys: Index, table: tuple[Index, Index, Index]) -> Float32:
    """(k,) highest dot product of row ``ones[i]`` with the rows that ``table`` lists for ``keys[i]``, at least one."""
    order, starts, counts = table
    rows = order[spans(starts[keys], counts[keys])]
    alike = (matrix[np.repeat(ones, counts[keys])] * matrix[rows]).sum(axis=1)
    begin = np.cumsum(counts[keys]) - counts[keys]
    return np.asarray(np.maximum.reduceat(alike, begin) if len(keys) else alike, np.float32)


def deviations(measured: Float, background: tuple[Float, Float]) -> Float:
    """(k, 3) standard deviations above random pairs; 0 where below."""
    mean, spread = background
    return np.maximum((measured - mean) / spread, 0.0)


def doubts(above: Float) -> Float:
    """(k,) doubt from the deviations of the measures."""
    return np.asarray(np.sqrt(np.mean(above**2, axis=1)))
