"""A head of linear CCAs side by side (:mod:`antiphon.align.closed_form.linear_cca`): solved, never trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from antiphon.align.heads.fast_ops import unit_length
from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.standardise import Standardise
from antiphon.layout import Layout

Float = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class LinearCCASpec(HeadSpec):
    """A head of kind ``"linear_cca"``.

    Parameters
    ----------
    dims : of each form.
    axes : of wide vectors, that the forms' directions are made of; 0 where these are of the numbers themselves.
    """

    dims: tuple[int, ...]
    axes: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "dims", tuple(self.dims))  # a checkpoint holds a list


class LinearCCAHead(Head):
    """Directions of several forms, each form's vector of unit length and as strong.

    Wide vectors are read once for all forms, and what is as long as they are is held once, in float16.

    Parameters
    ----------
    spec : what to build; :func:`fill_linear_cca_head` gives it its numbers.
    """

    spec_type = LinearCCASpec
    spec: LinearCCASpec
    axes: Tensor
    weight: Tensor
    offset: Tensor

    def __init__(self, spec: LinearCCASpec) -> None:
        super().__init__()
        self.spec = spec
        self.standardise = Standardise(spec.layout.size)
        if spec.axes:
            self.register_buffer("axes", torch.zeros(spec.layout.size, spec.axes, dtype=torch.float16))
        self.register_buffer("weight", torch.zeros(spec.axes or spec.layout.size, spec.dim))
        self.register_buffer("offset", torch.zeros(spec.dim))

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) standardised vectors of any float type → (b, dim) float32."""
        seen = standardised.float()
        if self.spec.axes:
            seen = seen @ self.axes.float()
        forms = torch.split(torch.addmm(self.offset, seen, self.weight, beta=-1), list(self.spec.dims), dim=1)
        return torch.cat([unit_length(form) for form in forms], dim=1) / math.sqrt(len(self.spec.dims))


@dataclass(frozen=True, kw_only=True, eq=False)
class LinearSide:
    """One side's way into the space of all forms, as it was solved.

    Parameters
    ----------
    mean, scale : (d,) that vectors are standardised by.
    weight : (d, k) all forms' directions side by side; (r, k) from ``axes`` where there are any.
    offset : (k,) taken off; None for nothing.
    axes : (d, r) of wide vectors.
    """

    mean: Float
    scale: Float
    weight: Float
    offset: Float | None = None
    axes: Float | None = None


def linear_cca_spec(side: LinearSide, dims: tuple[int, ...]) -> LinearCCASpec:
    """The spec of the head that :func:`fill_linear_cca_head` fills; ``dims`` of each form."""
    return LinearCCASpec(
        kind="linear_cca",
        layout=Layout.flat(len(side.mean)),
        dim=sum(dims),
        dims=dims,
        axes=0 if side.axes is None else side.axes.shape[1],
    )


def fill_linear_cca_head(head: LinearCCAHead, side: LinearSide) -> None:
    """Take over what was solved."""
    head.standardise.fit(side.mean.astype(np.float64), side.scale.astype(np.float64))
    for name in ("weight", "offset", "axes"):
        if (numbers := getattr(side, name)) is not None:
            getattr(head, name).copy_(torch.from_numpy(numbers))
