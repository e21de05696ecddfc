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

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from antiphon.align.config import TrainConfig
from antiphon.align.inference import Meter, PairSet
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from antiphon.metrics.shares import mrr_by_share

Float32 = NDArray[np.float32]
ROWS = 1024
"""Captions, and tracks, that a reference holds at most."""
LEVEL_ROWS = 128
"""Of these so many, evenly spaced, say what is usual: it only shifts all scores alike."""
BLOCK = 4096
CLEARLY = 0.05
"""Usual spread of one track's gain in reciprocal rank (.05 to .09 where captions differ): a gain counts above its
standard error."""


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
    def of(cls, text: NDArray[Any], audio: NDArray[Any], *, weight: float, neighbours: int) -> Hubness:
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

    def of_part(self, columns: slice) -> Hubness:
        """The same correction of some columns of the space alone, where these are a space of their own."""
        sides = []
        for side in self._wide:
            part = side[:, columns]
            length = np.linalg.norm(part, axis=1, keepdims=True)
            sides.append(part / np.where(length > 0, length, 1))
        return Hubness.of(*sides, weight=self.weight, neighbours=self.neighbours)

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


def draw_reference(train: PairSet, *, seed: int) -> PairSet:
    """At most ``ROWS`` training tracks, and as many training captions, whosever they are."""
    rng = np.random.default_rng([seed, 0, 3])
    tracks = np.sort(rng.permutation(len(train.audio))[:ROWS])
    captions = np.sort(rng.permutation(len(train.text))[:ROWS])
    return PairSet(
        train.audio.only(tracks),
        train.text.only(captions),
        train.track_of_caption[captions],
        train.text_id[captions],
    )


def scored(embedded: Embeddings, hubness: Hubness | None) -> Embeddings:
    """Texts and tracks of unit length as those whose dot product is the score; without a correction as they are."""
    if hubness is None:
        return embedded
    return Embeddings(hubness.score_texts(embedded.text), hubness.score_tracks(embedded.audio))


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was decided: the correction or None, and val's mean-of-directions MRR without it (None: not measured)."""

    hubness: Hubness | None = None
    uncorrected_mrr: float | None = None

    def figures(self) -> dict[str, float]:
        """For a checkpoint's ``val``; nothing where no correction was tried there."""
        if self.uncorrected_mrr is None:
            return {}
        weight = 0.0 if self.hubness is None else self.hubness.weight
        return {"hubness_weight": weight, "uncorrected_val_MRR": self.uncorrected_mrr}


def choose_hubness(
    reference: Embeddings, config: TrainConfig, val: PairSet | None, embedded: Embeddings | None
) -> Chosen:
    """The correction that the settings ask for.

    ``hubness = "auto"`` takes half the weight or all of it only where that is better on val by more than chance.

    Parameters
    ----------
    reference : captions and tracks as :func:`draw_reference` draws them, in the shared space.
    val, embedded : pairs to judge on and their texts and tracks, of unit length; None without a val split.
    """
    whole = Hubness.of(*reference, weight=config.hubness_weight, neighbours=config.hubness_neighbours)
    always = config.hubness == "always"
    if val is None or embedded is None:
        return Chosen(hubness=whole if always else None)
    shares = (1.0,) if always else (0.5, 1.0)
    corrected = scored(embedded, whole)
    plain, *scores = mrr_by_share(embedded, corrected, val, (0.0, *shares))  # scores are linear in the weight
    best = int(np.argmax(scores))
    clear = scores[best] - plain > CLEARLY / len(val.audio) ** 0.5
    chosen = replace(whole, weight=whole.weight * shares[best]) if always or clear else None
    return Chosen(hubness=chosen, uncorrected_mrr=plain)


def wanted(config: TrainConfig) -> bool:
    """Whether there may be a correction at all: tracks in an encoder's own space stay as an existing index has them."""
    return config.hubness != "none" and config.audio_head != "identity"


class Corrector:
    """Makes each epoch's correction anew, from the heads as they are then.

    Parameters
    ----------
    reference : embeds what :func:`draw_reference` drew.
    config : resolved.
    val : what "auto" is decided on; None without a val split.
    """

    def __init__(self, reference: Meter, config: TrainConfig, val: PairSet | None) -> None:
        self.reference, self.config, self.val = reference, config, val
        self.chosen = Chosen()

    def follow(self, space: SharedSpace, embedded: Embeddings | None = None) -> Hubness | None:
        """Decide anew; ``embedded`` are val's texts and tracks in this space."""
        self.chosen = choose_hubness(self.reference.vectors(space), self.config, self.val, embedded)
        return self.chosen.hubness


def embedded_reference(train: PairSet, space: SharedSpace, *, seed: int) -> Embeddings:
    """The reference of a space that is finished."""
    drawn = draw_reference(train, seed=seed)
    return Meter(drawn, space, memory_bytes=0.0).vectors(space)
