"""Hubness correction: a track that is near to everything has to be nearer than that to be an answer.

In a space of many dimensions some items are among the nearest of far too many queries (hubs: Radovanović et al. 2010,
JMLR 11). As in CSLS (Lample et al. 2018, arXiv:1710.04087), an item's score loses a share of how crowded it stands.
CSLS takes the crowd from the queries that are being judged; a search has one query at a time, so here, as in QB-Norm
(Bogolin et al. 2022, arXiv:2112.12777), the crowd is a stored reference: some of the *training* captions for tracks,
some of the training tracks for captions. No other query and no other item changes a score.

Conventions
-----------
crowding
    c(x), mean cosine of an item to the ``neighbours`` nearest of the other side's reference, −1 … 1.
score
    cosine(text, track) − weight · (c(track) − level of tracks) − weight · (c(text) − level of texts). The levels are
    mean crowdings of the reference itself: what stands as crowded as it does keeps its cosine.
scoring vectors
    text (u, 1, −weight · (c(text) − level)) and track (v, −weight · (c(track) − level), 1): their dot product is the
    score. So exact ranks need one matrix product for both directions, and an index that ranks by inner product
    serves a corrected checkpoint as it is. Their length is not 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.arrays import Embeddings, unit_length

Float32 = NDArray[np.float32]
LEVEL_ROWS = 128
"""Rows of the reference, evenly spaced, that say what is usual: it only shifts all scores alike."""
BLOCK = 4096


@dataclass(frozen=True, kw_only=True, eq=False)
class Hubness:
    """A correction that is ready for use.

    Parameters
    ----------
    weight : of the crowding, above 0.
    neighbours : how many of the reference are looked at; all of them where it has fewer.
    text, audio : (r, k) and (s, k) float16, the reference's captions and tracks in the shared space.
    text_level, audio_level : mean crowding of the reference's captions and tracks.
    """

    weight: float
    neighbours: int
    text: NDArray[np.float16]
    audio: NDArray[np.float16]
    text_level: float
    audio_level: float

    @classmethod
    def from_reference(cls, text: NDArray[Any], audio: NDArray[Any], *, weight: float, neighbours: int) -> Hubness:
        """The correction by reference captions (r, k) and tracks (s, k) of unit length."""
        words, sound = (np.asarray(side, np.float16) for side in (text, audio))
        few_words, few_sound = (side[:: max(1, len(side) // LEVEL_ROWS)] for side in (words, sound))
        return cls(
            weight=weight,
            neighbours=neighbours,
            text=words,
            audio=sound,
            text_level=float(crowding(few_words, sound.astype(np.float32), neighbours).mean()),
            audio_level=float(crowding(few_sound, words.astype(np.float32), neighbours).mean()),
        )

    @cached_property
    def _wide(self) -> Embeddings:
        return Embeddings(self.text.astype(np.float32), self.audio.astype(np.float32))

    def score_texts(self, text: Float32) -> Float32:
        """(m, k) texts of unit length → (m, k + 2) scoring vectors."""
        bias = -self.weight * (crowding(text, self._wide.audio, self.neighbours) - self.text_level)
        return np.column_stack([text, np.ones(len(text), np.float32), bias]).astype(np.float32)

    def score_tracks(self, audio: Float32) -> Float32:
        """(n, k) tracks of unit length → (n, k + 2) scoring vectors."""
        bias = -self.weight * (crowding(audio, self._wide.text, self.neighbours) - self.audio_level)
        return np.column_stack([audio, bias, np.ones(len(audio), np.float32)]).astype(np.float32)

    def for_columns(self, columns: slice) -> Hubness:
        """The same correction of some columns of the space alone, where these are a space of their own."""
        sides = (unit_length(side[:, columns]) for side in self._wide)
        return Hubness.from_reference(*sides, weight=self.weight, neighbours=self.neighbours)

    def to_dict(self) -> dict[str, Any]:
        """Plain values and tensors for a checkpoint."""
        sides = {"text": torch.from_numpy(self.text), "audio": torch.from_numpy(self.audio)}
        numbers = ("weight", "neighbours", "text_level", "audio_level")
        return {**sides, **{name: getattr(self, name) for name in numbers}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Hubness:
        """Inverse of :meth:`to_dict`."""
        return cls(**{**data, "text": data["text"].numpy(), "audio": data["audio"].numpy()})


def crowding(items: NDArray[Any], reference: Float32, neighbours: int) -> Float32:
    """(n,) mean cosine of each item to its nearest of a reference.

    Parameters
    ----------
    items : (n, k) of unit length.
    reference : (r, k) of unit length, r ≥ 1.
    neighbours : how many, 1 or more; all where there are fewer.
    """
    k = min(neighbours, len(reference))
    found = np.empty(len(items), np.float32)
    for start in range(0, len(items), BLOCK):
        cosines = np.asarray(items[start : start + BLOCK], np.float32) @ reference.T
        cosines.partition(len(reference) - k, axis=1)
        found[start : start + BLOCK] = cosines[:, len(reference) - k :].mean(axis=1)
    return found


def scored(embedded: Embeddings, hubness: Hubness | None) -> Embeddings:
    """Texts and tracks of unit length as those whose dot product is the score; without a correction as they are."""
    if hubness is None:
        return embedded
    return Embeddings(hubness.score_texts(embedded.text), hubness.score_tracks(embedded.audio))
