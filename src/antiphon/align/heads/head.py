"""What all heads have in common: a small map from a frozen encoder's space into the shared space.

Conventions
-----------
A head's input is the encoder's raw vector. It is first standardised with the mean and spread of the training tracks,
which the head carries along; training may hand it vectors that are standardised already (:meth:`Head.project`).
Outputs have unit length (float32); an input that projects to nothing gives zeros, never NaN.

A new kind of head is one file with a :class:`HeadSpec` and a :class:`Head`, and a line in
:data:`antiphon.align.heads.kinds.KINDS`.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from antiphon.align.heads.standardise import Standardise
from antiphon.layout import Layout


@dataclass(frozen=True, kw_only=True)
class HeadSpec:
    """All that is needed to build a head, and to build it again from a checkpoint; each kind adds its own fields.

    Parameters
    ----------
    kind : a key of :data:`antiphon.align.heads.kinds.KINDS`.
    layout : of the encoder's vector.
    dim : size of the shared space.
    members : of an ensemble, the heads it consists of; else empty.
    """

    kind: str
    layout: Layout
    dim: int
    members: tuple[HeadSpec, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a checkpoint; :func:`antiphon.align.heads.kinds.spec_from_dict` reads them."""
        data = {**vars(self), "layout": self.layout.to_dict()}
        members = [member.to_dict() for member in data.pop("members")]
        return {**data, "members": members} if members else data


class Head(nn.Module):
    """One side's way into the shared space: a spec, a standardisation, and a projection of what is standardised.

    A kind's class is called with its spec and, one by one, with the heads of the spec's members. Initial weights come
    from torch's global generator.
    """

    spec_type: ClassVar[type[HeadSpec]]
    spec: HeadSpec
    standardise: Standardise

    def forward(self, raw: Tensor) -> Tensor:
        """(b, layout.size) raw encoder vectors → (b, dim) float32, unit length."""
        return self.project(self.standardise(raw))

    @abstractmethod
    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) standardised vectors of any float type → (b, dim) float32, unit length."""

    def layer_weights(self) -> list[list[float] | None]:
        """For each encoder in the vector: shares of its layers in the mixture (sum 1), None where none are mixed."""
        return [None for _ in self.spec.layout.sources or (self.spec.layout,)]

    @property
    def device(self) -> torch.device:
        """Where the head's numbers are."""
        return self.standardise.mean.device


def native_dim(layout: Layout, layers: str) -> int:
    """Width of a vector after its layers are mixed (or kept): the size of an identity head's space."""
    if layout.sources:
        return sum(native_dim(source, layers) for source in layout.sources)
    return layout.dims * layout.statistics if layers == "mixture" else layout.size
