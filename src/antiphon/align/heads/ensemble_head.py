"""Heads of several trainings as one: the cosine of the whole is a weighted sum of theirs.

With unit vectors u_i, v_i of each member and weights w_i ≥ 0 that sum to 1, the vectors (√w_1 u_1, √w_2 u_2, …) have
unit length, and their product is Σ w_i u_i·v_i. So a late fusion is one shared space, and whatever works with a shared
space (evaluation, comparison, exact or approximate search) works with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, zip_longest

import torch
from torch import Tensor, nn

from antiphon.align.heads.head import Head, HeadSpec, Standardise
from antiphon.align.heads.kernel_head import KernelHead
from antiphon.layout import Layout


class Untouched(Standardise):
    """Hands raw vectors on: each member standardises its own way."""

    def forward(self, raw: Tensor) -> Tensor:
        """(b, d) → (b, d) float32."""
        return raw.float()


class LateHead(Head):
    """Several heads side by side, each scaled by the root of its weight.

    Parameters
    ----------
    spec : of kind ``"late"``. Where its layout has parts, each member takes as many of its columns as it needs, in
        order; else every member takes the whole vector.
    """

    weights: Tensor

    def __init__(self, spec: HeadSpec) -> None:
        nn.Module.__init__(self)
        self.spec = spec
        self.standardise = Untouched(spec.layout.size)
        self.parts = None
        self.layer_logits = None
        self.members = nn.ModuleList(make_head(member) for member in spec.members)
        ends = list(accumulate(member.layout.size for member in spec.members))
        own = [slice(end - member.layout.size, end) for end, member in zip(ends, spec.members, strict=True)]
        self.columns = own if spec.layout.parts else [slice(None)] * len(own)
        self.register_buffer("weights", torch.full((len(own),), 1 / len(own)))

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) raw float32 vectors → (b, dim) float32; unit length where every member's vector has it."""
        return self.beside(
            [member(standardised[:, own]) for member, own in zip(self.members, self.columns, strict=True)]
        )

    def beside(self, found: Sequence[Tensor]) -> Tensor:
        """The members' vectors, each (b, its dim), as one (b, dim)."""
        return torch.cat([weight.sqrt() * own for weight, own in zip(self.weights, found, strict=True)], dim=1)

    def layer_weights(self) -> list[list[float] | None]:
        """For each encoder in the vector; of members that read the same vector the first that mixes layers counts."""
        found: list[list[list[float] | None]] = [member.layer_weights() for member in self.members]  # type: ignore[operator]
        if self.spec.layout.parts:
            return [weights for own in found for weights in own]
        return [next(filter(None, own), None) for own in zip_longest(*found)]


def make_head(spec: HeadSpec) -> Head:
    """The head of a spec; initial weights come from torch's global generator."""
    if spec.kind == "late":
        return LateHead(spec)
    return KernelHead(spec) if spec.kind == "kernel" else Head(spec)


def late_spec(members: Sequence[HeadSpec], *, own_columns: bool) -> HeadSpec:
    """The spec of heads side by side.

    Parameters
    ----------
    own_columns : whether each member reads columns of its own (audio), or all read the same vector (text).
    """
    layouts = [member.layout for member in members]
    return HeadSpec(
        kind="late",
        layout=Layout.joined(layouts) if own_columns else layouts[0],
        dim=sum(member.dim for member in members),
        members=tuple(members),
    )
