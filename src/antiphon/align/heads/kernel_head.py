"""A head of kernel CCAs (:mod:`antiphon.align.closed_form.kernel_cca`): fitted, never trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from antiphon.align.closed_form.kernel_side import KernelSide
from antiphon.align.closed_form.scaling import SQUASH
from antiphon.align.heads.fast_ops import unit_length
from antiphon.align.heads.head import Head, HeadSpec
from antiphon.align.heads.standardise import Standardise
from antiphon.layout import Layout

ROWS = 4096


@dataclass(frozen=True, kw_only=True)
class KernelSpec(HeadSpec):
    """A head of kind ``"kernel_cca"``.

    Parameters
    ----------
    squash : of the standardisation.
    landmarks : training examples that an input is compared with.
    kernels : how many rates of decay.
    forms : closed forms side by side, each of ``dim / forms`` numbers, as many on each kernel.
    blocks : of wide vectors: first column, column after the last, and axes of each block that is kept
        (:mod:`antiphon.align.closed_form.wide.reduction`); empty where landmarks hold every number.
    """

    squash: float
    landmarks: int
    kernels: int
    forms: int
    blocks: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "blocks", tuple(map(tuple, self.blocks)))  # a checkpoint holds lists


class KernelHead(Head):
    """Similarities to landmarks, mapped to the vectors of several forms, each of unit length and as strong.

    Parameters
    ----------
    spec : what to build; :func:`fill_kernel_head` gives it its numbers.
    """

    spec_type = KernelSpec
    spec: KernelSpec
    balance: Tensor
    axes: Tensor
    landmarks: Tensor
    rates: Tensor
    weight: Tensor
    offset: Tensor

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self.spec = spec
        columns = [slice(start, stop) for start, stop, _ in spec.blocks]
        self.standardise = Standardise(spec.layout.size, spec.squash, columns=columns)
        seen = size = self.standardise.size
        if spec.blocks:
            seen = sum(rank for _, _, rank in spec.blocks)
            numbers = sum((stop - start) * rank for start, stop, rank in spec.blocks)
            self.register_buffer("axes", torch.zeros(numbers, dtype=torch.float16))
        self.register_buffer("balance", torch.ones(size))
        self.register_buffer("landmarks", torch.zeros(spec.landmarks, seen))
        self.register_buffer("rates", torch.ones(spec.kernels))
        self.register_buffer("weight", torch.zeros(spec.kernels, spec.landmarks, spec.dim // spec.kernels))
        self.register_buffer("offset", torch.zeros(spec.dim))

    def project(self, standardised: Tensor) -> Tensor:
        """(b, columns kept) standardised vectors of any float type → (b, dim) float32."""
        found = [self._forms(rows) for rows in torch.split(standardised, ROWS)]
        return found[0] if len(found) == 1 else torch.cat(found)

    def _forms(self, standardised: Tensor) -> Tensor:
        balanced = self._coordinates(standardised.float() * self.balance)
        distance = torch.addmm(self.landmarks.square().sum(1), balanced, self.landmarks.T, alpha=-2)
        distance = distance.add_(balanced.square().sum(1, keepdim=True)).clamp_min_(0)
        each = [torch.exp(-rate * distance) @ weight for rate, weight in zip(self.rates, self.weight, strict=True)]
        forms = (torch.cat(each, dim=1) - self.offset).view(len(balanced) * self.spec.forms, -1)
        return unit_length(forms).view(len(balanced), -1) / math.sqrt(self.spec.forms)

    def _coordinates(self, balanced: Tensor) -> Tensor:
        """Of wide vectors along the axes of their blocks."""
        if not self.spec.blocks:
            return balanced
        widths = [stop - start for start, stop, _ in self.spec.blocks]
        numbers = [width * rank for width, (_, _, rank) in zip(widths, self.spec.blocks, strict=True)]
        parts, axes = torch.split(balanced, widths, dim=1), torch.split(self.axes, numbers)
        return torch.cat(
            [part @ own.view(width, -1).float() for part, own, width in zip(parts, axes, widths, strict=True)], dim=1
        )


def kernel_spec(side: KernelSide) -> KernelSpec:
    """The spec of the head that :func:`fill_kernel_head` fits."""
    kept = side.reduction
    return KernelSpec(
        kind="kernel_cca",
        layout=Layout.flat(side.size),
        dim=len(side.offset),
        squash=SQUASH,
        landmarks=len(side.landmarks),
        kernels=len(side.rates),
        forms=side.forms,
        blocks=()
        if kept is None
        else tuple((of.start, of.stop, own.shape[1]) for of, own in zip(kept.columns, kept.axes, strict=True)),
    )


def fill_kernel_head(head: KernelHead, side: KernelSide) -> None:
    """Take over what was fitted."""
    head.standardise.fit(side.mean.astype("float64"), side.scale.astype("float64"))
    for name in ("balance", "landmarks", "rates", "weight", "offset"):
        getattr(head, name).copy_(torch.from_numpy(getattr(side, name)))
    if side.reduction is not None:
        head.axes.copy_(torch.cat([torch.from_numpy(own).flatten() for own in side.reduction.axes]))
