"""Heads that are trained: a linear map, one with a residual branch, or none, after layers are mixed.

A vector of several layers is first reduced to a softmax-weighted mean of its (standardised) layers, as in SUPERB
(Yang et al. 2021, arXiv:2105.01051), unless ``layers="all"``. Vectors of several encoders side by side are balanced
first (:mod:`antiphon.align.heads.early_fusion`).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from antiphon.align.heads.early_fusion import Sources
from antiphon.align.heads.fast_ops import Dropout, mix_layers, unit_length
from antiphon.align.heads.head import Head, HeadSpec, native_dim
from antiphon.align.heads.standardise import Standardise
from antiphon.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class ProjectionSpec(HeadSpec):
    """A head of kind ``"linear"``, ``"mlp"`` or ``"identity"``.

    Parameters
    ----------
    dim : with ``"identity"`` it has to be :func:`antiphon.align.heads.head.native_dim`.
    hidden : width of the residual branch of ``"mlp"``.
    dropout : share of inputs and of hidden units dropped in training, 0 … 0.95.
    layers : ``"mixture"`` or ``"all"``; no difference for a layout of one layer.
    squash, relevance : of the standardisation (:class:`antiphon.align.heads.standardise.Standardise`).
    """

    hidden: int = 512
    dropout: float = 0.0
    layers: str = "mixture"
    squash: float = 0.0
    relevance: bool = False


class ProjectionHead(Head):
    """Standardise, mix layers, drop inputs, project; a kind says how by :meth:`make_body`.

    Parameters
    ----------
    spec : what to build.
    """

    spec_type = ProjectionSpec
    spec: ProjectionSpec

    def __init__(self, spec: ProjectionSpec) -> None:
        super().__init__()
        self.spec = spec
        self.standardise = Standardise(spec.layout.size, spec.squash, relevance=spec.relevance)
        self.sources = Sources(spec.layout, spec.layers) if spec.layout.sources else None
        mixed = spec.layers == "mixture" and spec.layout.layers > 1
        self.layer_logits = nn.Parameter(torch.zeros(spec.layout.layers)) if mixed else None
        self.dropout = Dropout(spec.dropout)
        self.body = self.make_body(native_dim(spec.layout, spec.layers))

    def make_body(self, size: int) -> nn.Module:
        """A map (b, size) → (b, dim); ``self.spec`` is set."""
        raise NotImplementedError

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) standardised vectors of any float type → (b, dim) float32, unit length."""
        x = standardised if self.sources is None else self.sources(standardised)
        if self.layer_logits is not None:
            x = mix_layers(x.unflatten(1, (self.spec.layout.layers, -1)), self.layer_logits.softmax(0))
        return unit_length(self.body(self.dropout(x)))

    def layer_weights(self) -> list[list[float] | None]:
        """For each encoder in the vector: shares of its layers in the mixture (sum 1), None where none are mixed."""
        if self.sources is not None:
            return self.sources.layer_weights()
        return [None if self.layer_logits is None else self.layer_logits.detach().softmax(0).tolist()]


class LinearHead(ProjectionHead):
    """One matrix."""

    def make_body(self, size: int) -> nn.Module:
        """(b, size) → (b, dim)."""
        return nn.Linear(size, self.spec.dim)


class MLPHead(ProjectionHead):
    """A matrix and a residual branch with one hidden layer."""

    def make_body(self, size: int) -> nn.Module:
        """(b, size) → (b, dim)."""
        return ResidualMLP(size, self.spec.dim, hidden=self.spec.hidden, dropout=self.spec.dropout)


class IdentityHead(ProjectionHead):
    """The encoder's own space: vectors are standardised and never dropped.

    Raises
    ------
    ConfigError : the spec asks for a size other than the encoder's.
    """

    def make_body(self, size: int) -> nn.Module:
        """(b, size) → the same."""
        if self.spec.dim != size:
            raise ConfigError(
                f"An identity head on a layout of {self.spec.layout} has size {size}, not {self.spec.dim}."
            )
        self.dropout = Dropout(0.0)
        return nn.Identity()


class ResidualMLP(nn.Module):
    """``linear(x) + out(dropout(gelu(in(x))))``.

    Parameters
    ----------
    size, dim : of input and output.
    hidden, dropout : width of the branch, and the share of it that is dropped in training.
    """

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
