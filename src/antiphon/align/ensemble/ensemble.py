"""Several shared spaces as one: the cosine of an ensemble is the weighted mean of its members'.

One class for all of them: closed forms beside trained heads (:mod:`antiphon.align.ensemble.closed_forms`), what
was fine-tuned beside what it started from (:mod:`antiphon.align.finetune.beside_frozen`), and trainings of several
encoders (:mod:`antiphon.align.ensemble.late_fusion`). The result is a shared space like any other
(:mod:`antiphon.align.heads.ensemble_head`): whatever takes a checkpoint takes an ensemble.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from antiphon.align.data.pair_set import PairSet
from antiphon.align.heads.ensemble_head import EnsembleHead, ensemble_spec
from antiphon.align.heads.head import Head
from antiphon.align.inference import embed_member
from antiphon.align.model import SharedSpace
from antiphon.arrays import Embeddings
from antiphon.errors import CheckpointError


class Ensemble:
    """Members, their weights, and the space that they make.

    Parameters
    ----------
    space : whose heads are ensembles; changed in place by :meth:`reweigh` and :meth:`update`.

    Raises
    ------
    CheckpointError : its heads are no ensembles.
    """

    def __init__(self, space: SharedSpace) -> None:
        self.space = space
        self._heads = [_ensemble_head(head) for head in (space.text, space.audio)]

    @classmethod
    def from_members(
        cls,
        members: Sequence[SharedSpace],
        weights: Sequence[float],
        *,
        own_text: bool = False,
        own_audio: bool = False,
    ) -> Ensemble:
        """An ensemble of copies of ``members``, with the temperature of the last one.

        Parameters
        ----------
        weights : ≥ 0, sum 1.
        own_text, own_audio : whether each member reads columns of its own, in order, or all read the same vector.
        """
        with torch.random.fork_rng([]):
            space = SharedSpace(
                ensemble_spec([member.audio.spec for member in members], own_columns=own_audio),
                ensemble_spec([member.text.spec for member in members], own_columns=own_text),
            )
        ensemble = cls(space.to(members[-1].log_scale.device).eval().requires_grad_(False))
        for number, member in enumerate(members):
            ensemble.update(number, member)
        ensemble.reweigh(weights)
        return ensemble

    def __len__(self) -> int:
        return len(self._heads[0].spec.members)

    @property
    def weights(self) -> tuple[float, ...]:
        """Of each member's cosine; sum 1."""
        return tuple(self._heads[0].weights.tolist())

    def reweigh(self, weights: Sequence[float]) -> None:
        """Give the members other weights, ≥ 0 and of sum 1."""
        for head in self._heads:
            head.weights.copy_(torch.tensor(weights))

    def update(self, number: int, member: SharedSpace) -> None:
        """Take over what a member has become, and its temperature."""
        for mine, theirs in zip(self._member_heads(number), (member.text, member.audio), strict=True):
            mine.load_state_dict(theirs.state_dict())
        _take_temperature(self.space, member)

    def member(self, number: int) -> SharedSpace:
        """A copy of one member as a space of its own, with the ensemble's temperature."""
        text, audio = self._member_heads(number)
        with torch.random.fork_rng([]):
            space = SharedSpace(audio.spec, text.spec)
        space.text.load_state_dict(text.state_dict())
        space.audio.load_state_dict(audio.state_dict())
        _take_temperature(space, self.space)
        return space.to(self.space.log_scale.device).eval().requires_grad_(False)

    def members(self) -> Iterator[SharedSpace]:
        """Copies of all members."""
        return (self.member(number) for number in range(len(self)))

    def _member_heads(self, number: int) -> tuple[Head, Head]:
        text, audio = (list(head)[number] for head in self._heads)
        return text, audio


def _take_temperature(space: SharedSpace, other: SharedSpace) -> None:
    with torch.no_grad():
        space.log_scale.copy_(other.log_scale)
        space.bias.copy_(other.bias)


def _ensemble_head(head: Head) -> EnsembleHead:
    if not isinstance(head, EnsembleHead):
        raise CheckpointError(f"A head of kind '{head.spec.kind}' has no members.", fix="Name another checkpoint.")
    return head


def joined(members: Sequence[Embeddings], weights: Sequence[float]) -> Embeddings:
    """Texts and tracks as an ensemble embeds them, from those of its members; weights sum to 1."""
    roots = [np.float32(weight**0.5) for weight in weights]
    return Embeddings(
        text=np.concatenate([root * member.text for root, member in zip(roots, members, strict=True)], axis=1),
        audio=np.concatenate([root * member.audio for root, member in zip(roots, members, strict=True)], axis=1),
    )


def embed_members(ensemble: Ensemble, pairs: PairSet) -> list[Embeddings]:
    """Texts and tracks of ``pairs`` as each member alone embeds them, of unit length."""
    text, audio = (_ensemble_head(head) for head in (ensemble.space.text, ensemble.space.audio))
    return [
        Embeddings(
            embed_member(text, number, pairs.text).cpu().numpy(),
            embed_member(audio, number, pairs.audio).cpu().numpy(),
        )
        for number in range(len(ensemble))
    ]
