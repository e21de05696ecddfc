"""The loss and the retrieval figures of one set of pairs, found again and again while the heads change.

The same path as a saved bundle takes, so that the numbers in a history are those that evaluation finds again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeGuard

from torch import Tensor

from antiphon.align.data.features import Rows
from antiphon.align.data.pair_set import PairSet
from antiphon.align.heads.ensemble_head import EnsembleHead
from antiphon.align.heads.head import Head
from antiphon.align.inference import (
    embed,
    embed_member,
    measured_loss,
    member_standardised,
    positives_of,
    standardised,
)
from antiphon.align.losses.targets import Positives
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from antiphon.metrics.correct import Correct
from antiphon.metrics.figures import DIRECTIONS, METRICS
from antiphon.metrics.ranks import ranks_both_ways
from antiphon.metrics.retrieval import answers, chance, summarise


@dataclass(frozen=True)
class ValidationFigures:
    """Loss of a set of pairs and retrieval both ways (or None), each with that of a model that knows nothing."""

    loss: float
    chance: float
    retrieval: Mapping[str, Mapping[str, float]] | None
    retrieval_chance: Mapping[str, Mapping[str, float]] | None = None


class Validation:
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
        size = 4 * (len(pairs.audio) * pairs.audio.size + len(pairs.text) * pairs.text.size)
        kept = size <= memory_bytes
        self._audio = self._held(space.audio, pairs.audio) if kept else None
        self._text = self._held(space.text, pairs.text) if kept else None

    def __call__(
        self,
        space: SharedSpace,
        *,
        kind: str,
        with_retrieval: bool = True,
        scored: Callable[[Embeddings], Embeddings] | None = None,
    ) -> ValidationFigures:
        """Embed the pairs and judge them.

        Parameters
        ----------
        kind : of the loss.
        scored : from texts and tracks of unit length to those whose dot product they are ranked by; None for cosines.
        """
        pairs = self.pairs
        text = self._embed("text", space.text, pairs.text, self._text)
        audio = self._embed("audio", space.audio, pairs.audio, self._audio)
        loss, of_chance = measured_loss(space, text, audio, pairs, kind=kind, positives=self._positives)
        found = None
        if with_retrieval:
            embedded = Embeddings(text.cpu().numpy(), audio.cpu().numpy())
            ranked_by = embedded if scored is None else scored(embedded)
            ranked = ranks_both_ways(*ranked_by, *self._answers)
            found = _plain({way: summarise(own) for way, own in zip(DIRECTIONS, ranked, strict=True)})
        return ValidationFigures(loss, of_chance, found, self._by_chance if with_retrieval else None)

    @cached_property
    def _by_chance(self) -> Mapping[str, Mapping[str, float]]:
        pairs, n_tracks, (tracks, captions) = self.pairs, len(self.pairs.audio), self._answers
        return _plain({"t2a": chance(n_tracks, tracks.counts), "a2t": chance(len(pairs.text), captions.counts)})

    @cached_property
    def _answers(self) -> tuple[Correct, Correct]:
        return answers(self.pairs.track_of_caption, self.pairs.text_id, len(self.pairs.audio))

    @cached_property
    def _positives(self) -> Positives:
        return positives_of(self.pairs)

    def vectors(self, space: SharedSpace) -> Embeddings:
        """Texts and tracks of the pairs, of unit length."""
        text = self._embed("text", space.text, self.pairs.text, self._text)
        audio = self._embed("audio", space.audio, self.pairs.audio, self._audio)
        return Embeddings(text.cpu().numpy(), audio.cpu().numpy())

    def _changes_in_its_last_member(self, head: Head) -> TypeGuard[EnsembleHead]:
        return self.lasting and isinstance(head, EnsembleHead)

    def _held(self, head: Head, rows: Rows) -> Tensor:
        """Standardised as whoever embeds the rows again and again takes them: the head, or its last member."""
        if self._changes_in_its_last_member(head):
            return member_standardised(head, -1, rows)
        return standardised(head, rows)

    def _embed(self, side: str, head: Head, rows: Rows, held: Tensor | None) -> Tensor:
        """:func:`embed`, to the bit; members that last are embedded once."""
        if not self._changes_in_its_last_member(head):
            return embed(head, rows, held)
        if side not in self._members:
            self._members[side] = [embed_member(head, i, rows) for i in range(len(head.members) - 1)]
        return head.join([*self._members[side], embed_member(head, -1, rows, held)])


def _plain(figures: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, float]]:
    return {way: {name: float(figures[way][name]) for name in METRICS} for way in DIRECTIONS}
