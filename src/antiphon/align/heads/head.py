"""Projection heads: small trained maps from a frozen encoder's space into the shared space.

Conventions
-----------
A head's input is the encoder's raw vector. It is first standardised with the mean and spread of the training tracks,
which the head carries along; training may hand it vectors that are standardised already (:meth:`Head.project`).
A vector of several layers is first reduced to a softmax-weighted mean of its (standardised) layers, as in SUPERB
(Yang et al. 2021, arXiv:2105.01051), unless ``layers="all"``. Outputs have unit length (float32); an input that
projects to nothing gives zeros, never NaN. Vectors of several encoders side by side are balanced first
(:mod:`antiphon.align.heads.early_fusion`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from antiphon.align.heads.dropout import Dropout
from antiphon.align.heads.early_fusion import Parts
from antiphon.align.heads.mixture import mix_layers
from antiphon.align.heads.unit_length import unit_length
from antiphon.errors import ConfigError
from antiphon.layout import Layout

OUTLIER = 10.0
"""Standardised values are held within this many spreads: a channel that hardly moved in training cannot explode."""


@dataclass(frozen=True, kw_only=True)
class HeadSpec:
    """All that is needed to build a head.

    Parameters
    ----------
    kind : ``"linear"``, ``"mlp"`` (a linear map plus a residual branch with one hidden layer) or ``"identity"``.
    layout : of the encoder's vector.
    dim : size of the shared space; with ``"identity"`` it has to be :func:`native_dim`.
    hidden : width of the residual branch.
    dropout : share of inputs and of hidden units dropped in training, 0 … 0.95.
    layers : ``"mixture"`` or ``"all"``; no difference for a layout of one layer.
    members : of a head of kind ``"late"``, those it consists of (:mod:`antiphon.align.heads.ensemble_head`); else
        empty.
    copies : projections side by side that start from different weights and learn on their own, each of
        ``dim / copies`` numbers, ``hidden / copies`` wide; the head's cosine is the mean of theirs.
    squash : standardised values are bent so that none passes this many spreads
        (:mod:`antiphon.align.closed_form.scaling`); 0 only holds them within ``OUTLIER``.
    relevance : whether standardised values are then weighed, each by what the other side tells of it.
    landmarks, kernels : of a head of kind ``"kernel"`` (:mod:`antiphon.align.heads.kernel_head`), else 0.
    """

    kind: str
    layout: Layout
    dim: int
    hidden: int = 512
    dropout: float = 0.0
    layers: str = "mixture"
    members: tuple[HeadSpec, ...] = ()
    copies: int = 1
    squash: float = 0.0
    relevance: bool = False
    landmarks: int = 0
    kernels: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Plain values for a checkpoint."""
        data = {**vars(self), "layout": self.layout.to_dict()}
        members = [member.to_dict() for member in data.pop("members")]
        return {**data, "members": members} if members else data

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> HeadSpec:
        """Inverse of :meth:`to_dict`."""
        members = tuple(cls.from_dict(member) for member in data.get("members", ()))
        return cls(**{**data, "layout": Layout.from_dict(data["layout"]), "members": members})


def native_dim(layout: Layout, layers: str) -> int:
    """Width of a vector after its layers are mixed (or kept): the size of an identity head's space."""
    if layout.parts:
        return sum(native_dim(part, layers) for part in layout.parts)
    return layout.dims * layout.statistics if layers == "mixture" else layout.size


class Standardise(nn.Module):
    """Mean 0, spread 1 in every channel, by numbers fitted on training vectors only.

    Parameters
    ----------
    size : channels. Until :meth:`fit` mean and spread are taken to be 0 and 1.
    squash : bends what is standardised to within ±``squash`` spreads; 0 for the plain numbers.
    relevance : whether channels then have weights, 1 until they are set (:mod:`antiphon.align.closed_form.relevance`).
    """

    mean: Tensor
    scale: Tensor
    relevance: Tensor

    def __init__(self, size: int, squash: float = 0.0, *, relevance: bool = False) -> None:
        super().__init__()
        self.squash = squash
        self.weighs = relevance
        self.register_buffer("mean", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))
        if relevance:
            self.register_buffer("relevance", torch.ones(size))

    def fit(self, mean: NDArray[np.float64], std: NDArray[np.float64]) -> None:
        """Take over (d,) means and standard deviations; a channel that never moved is switched off (scale 0)."""
        moves = std > 1e-5 * np.maximum(np.abs(mean), 1e-3)
        scale = np.where(moves, 1.0 / np.where(moves, std, 1.0), 0.0)
        self.mean.copy_(torch.from_numpy(mean.astype(np.float32)))
        self.scale.copy_(torch.from_numpy(scale.astype(np.float32)))

    def weigh(self, factors: NDArray[np.float32]) -> None:
        """Take over (d,) weights, brought to a mean square of 1."""
        self.relevance.copy_(torch.from_numpy(factors / np.sqrt(np.mean(np.square(factors, dtype=np.float64)))))

    def forward(self, raw: Tensor) -> Tensor:
        """(b, d) → (b, d) float32, within ±``squash`` or ±``OUTLIER`` times the channel's weight."""
        centred = raw - self.mean if raw.dtype == torch.float32 else raw.float().sub_(self.mean)
        held: Tensor = centred.mul_(self.scale)
        if self.squash:
            bent = held.div_(self.squash).tanh_()
            # not in place: it could not be trained through
            return bent * (self.relevance * self.squash if self.weighs else self.squash)
        held = held.clamp_(-OUTLIER, OUTLIER)
        return held * self.relevance if self.weighs else held


class ResidualMLP(nn.Module):
    """``linear(x) + out(dropout(gelu(in(x))))``; ``out`` starts at zero, so training starts from a linear head."""

    def __init__(self, size: int, dim: int, *, hidden: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(size, dim)
        self.inner = nn.Linear(size, hidden)
        self.outer = nn.Linear(hidden, dim)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """(b, size) → (b, dim)."""
        branch = self.outer(self.dropout(nn.functional.gelu(self.inner(x))))
        y: Tensor = self.linear(x) + branch
        return y


def _body(size: int, spec: HeadSpec) -> nn.Module:
    dim = spec.dim // spec.copies
    if spec.kind == "identity":
        return nn.Identity()
    if spec.kind == "linear":
        return nn.Linear(size, dim)
    if spec.kind == "mlp":
        return ResidualMLP(size, dim, hidden=max(1, spec.hidden // spec.copies), dropout=spec.dropout)
    raise ConfigError(f"Unknown head '{spec.kind}'.", fix="Use linear, mlp or identity.")


class Head(nn.Module):
    """One side's way into the shared space.

    Parameters
    ----------
    spec : what to build. Initial weights come from torch's global generator.

    Raises
    ------
    ConfigError : an identity head is asked for a size other than the encoder's.
    """

    def __init__(self, spec: HeadSpec) -> None:
        super().__init__()
        self.spec = spec
        size = native_dim(spec.layout, spec.layers)
        if spec.kind == "identity" and spec.dim != size:
            raise ConfigError(f"An identity head on a layout of {spec.layout} has size {size}, not {spec.dim}.")
        self.standardise = Standardise(spec.layout.size, spec.squash, relevance=spec.relevance)
        self.parts = Parts(spec.layout, spec.layers) if spec.layout.parts else None
        mixed = spec.layers == "mixture" and spec.layout.layers > 1
        self.layer_logits = nn.Parameter(torch.zeros(spec.layout.layers)) if mixed else None
        self.dropout = Dropout(0.0 if spec.kind == "identity" else spec.dropout)
        if spec.dim % spec.copies:
            raise ConfigError(f"{spec.copies} copies cannot share {spec.dim} dimensions evenly.", fix="Change dim.")
        bodies = [_body(size, spec) for _ in range(spec.copies)]
        self.body: nn.Module = bodies[0] if spec.copies == 1 else nn.ModuleList(bodies)

    def forward(self, raw: Tensor) -> Tensor:
        """(b, layout.size) raw encoder vectors → (b, dim) float32, unit length."""
        return self.project(self.standardise(raw))

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) standardised vectors of any float type → (b, dim) float32, unit length."""
        x = standardised if self.parts is None else self.parts(standardised)
        if self.layer_logits is not None:
            x = mix_layers(x.unflatten(1, (self.spec.layout.layers, -1)), self.layer_logits.softmax(0))
        bodies = self.body if isinstance(self.body, nn.ModuleList) else [self.body]
        found = [unit_length(body(self.dropout(x))) for body in bodies]
        return found[0] if len(found) == 1 else torch.cat(found, dim=1) / math.sqrt(len(found))

    def layer_weights(self) -> list[list[float] | None]:
        """For each encoder in the vector: shares of its layers in the mixture (sum 1), None where none are mixed."""
        if self.parts is not None:
            return self.parts.layer_weights()
        return [None if self.layer_logits is None else self.layer_logits.detach().softmax(0).tolist()]
