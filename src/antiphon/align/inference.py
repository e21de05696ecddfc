"""How good the heads are on a set of pairs: loss and retrieval, with dropout off, in float32, from raw vectors.

The same path as a saved bundle takes, so that the numbers in a history are those that evaluation finds again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from antiphon.align.data.batches import Captions
from antiphon.align.data.features import CACHED_BYTES, Rows
from antiphon.align.data.pair_set import PairSet as PairSet
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.head import Head
from antiphon.align.losses.find import find_loss
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from antiphon.metrics.figures import DIRECTIONS, METRICS
from antiphon.metrics.retrieval import retrieval

Index = NDArray[np.int64]


def embed(head: Head, rows: Rows, held: Tensor | None = None) -> Tensor:
    """(n, dim) float32 unit vectors of raw encoder vectors, in the order of ``rows``; dropout off, no gradient.

    Parameters
    ----------
    held : the rows as :func:`standardised` gives them, if they are at hand; the result is the same to the bit.
    """
    device = head.device
    was_training = head.training
    head.eval()
    with torch.no_grad():
        parts = [
            head(rows.raw(chunk).to(device)) if held is None else head.project(held[chunk]) for chunk in rows.chunks()
        ]
    head.train(was_training)
    return torch.cat(parts) if parts else torch.zeros(0, head.spec.dim, device=device)


def embed_pairs(space: SharedSpace, pairs: PairSet) -> Embeddings:
    """Texts and tracks of ``pairs``, of unit length."""
    return Embeddings(embed(space.text, pairs.text).cpu().numpy(), embed(space.audio, pairs.audio).cpu().numpy())


def embed_member(head: EnsembleHead, number: int, rows: Rows, held: Tensor | None = None) -> Tensor:
    """:func:`embed` of one member alone, from the same ``held`` rows as the whole."""
    member, columns = list(head)[number], head.columns[number]
    parts = []
    with torch.no_grad():
        for chunk in rows.chunks():
            raw = rows.raw(chunk).float().to(head.weights.device) if held is None else held[chunk]
            parts.append(member(raw[:, columns]))
    return torch.cat(parts)


def standardised(head: Head, rows: Rows) -> Tensor:
    """(n, d) float32 on the head's device: the part of :func:`embed` that training does not change."""
    device = head.device
    held = torch.empty(len(rows), rows.size, device=device)
    for chunk in rows.chunks(size=CACHED_BYTES):
        held[chunk] = head.standardise(rows.raw(chunk).to(device))
    return held


def measured_loss(
    space: SharedSpace, text: Tensor, audio: Tensor, pairs: PairSet, *, kind: str, chance: float | None = None
) -> tuple[float, float]:
    """The loss over all captions and tracks with hard targets, and the same for a model that knows nothing.

    Parameters
    ----------
    chance : the second, where it is known already.
    """
    everything = np.arange(len(pairs.text), dtype=np.int64)
    captions = Captions(pairs.track_of_caption, pairs.text_id)
    positives = captions.positives(everything, np.arange(len(pairs.audio))).to(text.device)
    with torch.no_grad():
        loss = space.loss(text, audio, positives, kind=kind)
        if chance is None:
            same = torch.zeros_like(text[:, :1]), torch.zeros_like(audio[:, :1])
            chance = float(space.loss(*same, positives, kind=kind))
    return float(loss), chance


@dataclass(frozen=True)
class Measured:
    """Loss of a set of pairs, that of a model that knows nothing, and retrieval in both directions (or None)."""

    loss: float
    chance: float
    retrieval: Mapping[str, Mapping[str, float]] | None


class Meter:
    """Judges heads on the same pairs again and again.

    Parameters
    ----------
    pairs : to judge on.
    space : for its standardisation, which has to stay as it is.
    memory_bytes : standardised vectors are kept up to this size, else made anew each time.
    lasting : whether all members but the last of heads of kind ``"ensemble"`` stay as they are from the first use on.
    """

    def __init__(self, pairs: PairSet, space: SharedSpace, *, memory_bytes: float, lasting: bool = False) -> None:
        self.pairs = pairs
        self.lasting = lasting
        self._members: dict[str, list[Tensor]] = {}
        self._chance: float | None = None
        size = 4 * (len(pairs.audio) * pairs.audio.size + len(pairs.text) * pairs.text.size)
        kept = size <= memory_bytes
        self._audio = standardised(space.audio, pairs.audio) if kept else None
        self._text = standardised(space.text, pairs.text) if kept else None

    def __call__(
        self,
        space: SharedSpace,
        *,
        kind: str,
        with_retrieval: bool = True,
        scored: Callable[[Embeddings], Embeddings] | None = None,
    ) -> Measured:
        """Embed the pairs and judge them.

        Parameters
        ----------
        kind : of the loss.
        scored : from texts and tracks of unit length to those whose dot product they are ranked by; None for cosines.
        """
        pairs = self.pairs
        text = self._embed("text", space.text, pairs.text, self._text)
        audio = self._embed("audio", space.audio, pairs.audio, self._audio)
        loss, chance = measured_loss(space, text, audio, pairs, kind=kind, chance=self._chance)
        if find_loss(kind).chance_is_fixed:
            self._chance = chance
        found = None
        if with_retrieval:
            embedded = Embeddings(text.cpu().numpy(), audio.cpu().numpy())
            ranked_by = embedded if scored is None else scored(embedded)
            full = retrieval(*ranked_by, pairs.track_of_caption, pairs.text_id)
            found = {way: {name: float(full[way][name]) for name in METRICS} for way in DIRECTIONS}
        return Measured(loss, chance, found)

    def vectors(self, space: SharedSpace) -> Embeddings:
        """Texts and tracks of the pairs, of unit length."""
        text = self._embed("text", space.text, self.pairs.text, self._text)
        audio = self._embed("audio", space.audio, self.pairs.audio, self._audio)
        return Embeddings(text.cpu().numpy(), audio.cpu().numpy())

    def _embed(self, side: str, head: Head, rows: Rows, held: Tensor | None) -> Tensor:
        """:func:`embed`, to the bit; members that last are embedded once."""
        if not (self.lasting and isinstance(head, EnsembleHead)):
            return embed(head, rows, held)
        if side not in self._members:
            self._members[side] = [embed_member(head, i, rows, held) for i in range(len(head.members) - 1)]
        return head.join([*self._members[side], embed_member(head, -1, rows, held)])
