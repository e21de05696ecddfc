"""Several heads as one: the cosine of an ensemble is a weighted mean of its members'.

With unit vectors u_i, v_i of each member and weights w_i ≥ 0 that sum to 1, the vectors (√w_1 u_1, √w_2 u_2, …) have
unit length, and their product is Σ w_i u_i·v_i. So an ensemble is one shared space, and whatever works with a shared
space (evaluation, comparison, exact or approximate search) works with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest
from typing import cast

import torch
from torch import Tensor, nn

from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.standardise import Untouched
from antiphon.layout import Layout


@dataclass(frozen=True, kw_only=True)
class EnsembleSpec(HeadSpec):
    """A head of kind ``"ensemble"``.

    Parameters
    ----------
    layout : where it joins several encoders, each member takes as many of its columns as it needs, in order; else
        every member takes the whole vector.
    dim : the sum of the members'.
    members : one or more.
    """


class EnsembleHead(Head):
    """Heads side by side, each scaled by the root of its weight.

    Parameters
    ----------
    spec : what to build.
    heads : of ``spec.members``, in that order.
    """

    spec_type = EnsembleSpec
    spec: EnsembleSpec
    weights: Tensor
    """(members,) ≥ 0, sum 1; alike until they are set."""

    def __init__(self, spec: EnsembleSpec, *heads: Head) -> None:
        super().__init__()
        self.spec = spec
        self.standardise = Untouched(spec.layout.size)
        self.members = nn.ModuleList(heads)
        ends = list(accumulate(member.layout.size for member in spec.members))
        own = [slice(end - member.layout.size, end) for end, member in zip(ends, spec.members, strict=True)]
        self.columns = own if spec.layout.sources else [slice(None)] * len(own)
        self.register_buffer("weights", torch.full((len(own),), 1 / len(own)))

    def __iter__(self) -> Iterator[Head]:
        return (cast(Head, member) for member in self.members)

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) raw float32 vectors → (b, dim) float32; unit length where every member's vector has it."""
        return self.join([member(standardised[:, own]) for member, own in zip(self, self.columns, strict=True)])

    def join(self, found: Sequence[Tensor]) -> Tensor:
        """The members' vectors, each (b, its dim), as one (b, dim)."""
        return torch.cat([weight.sqrt() * own for weight, own in zip(self.weights, found, strict=True)], dim=1)

    def layer_weights(self) -> list[list[float] | None]:
        """For each encoder in the vector; of members that read the same vector the first that mixes layers counts."""
        found = [member.layer_weights() for member in self]
        if self.spec.layout.sources:
            return [weights for own in found for weights in own]
        return [next(filter(None, own), None) for own in zip_longest(*found)]


def ensemble_spec(members: Sequence[HeadSpec], *, own_columns: bool) -> EnsembleSpec:
    """The spec of heads side by side.

    Parameters
    ----------
    own_columns : whether each member reads columns of its own, or all read the same vector.
    """
    layouts = [member.layout for member in members]
    return EnsembleSpec(
        kind="ensemble",
        layout=Layout.joined(layouts) if own_columns else Layout.flat(layouts[0].size),
        dim=sum(member.dim for member in members),
        members=tuple(members),
    )
