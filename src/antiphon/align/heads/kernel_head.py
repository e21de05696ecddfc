"""A head of kernel CCAs (:mod:`antiphon.align.closed_form.kernel_cca`): fitted, never trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from antiphon.align.closed_form.kernel_cca import KernelSide
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
    """

    squash: float
    landmarks: int
    kernels: int
    forms: int


class KernelHead(Head):
    """Similarities to landmarks, mapped to the vectors of several forms, each of unit length and as strong.

    Parameters
    ----------
    spec : what to build; :func:`fill_kernel_head` gives it its numbers.
    """

    spec_type = KernelSpec
    spec: KernelSpec
    balance: Tensor
    landmarks: Tensor
    rates: Tensor
    weight: Tensor
    offset: Tensor

    def __init__(self, spec: KernelSpec) -> None:
        super().__init__()
        self.spec = spec
        size = spec.layout.size
        self.standardise = Standardise(size, spec.squash)
        self.register_buffer("balance", torch.ones(size))
        self.register_buffer("landmarks", torch.zeros(spec.landmarks, size))
        self.register_buffer("rates", torch.ones(spec.kernels))
        self.register_buffer("weight", torch.zeros(spec.kernels, spec.landmarks, spec.dim // spec.kernels))
        self.register_buffer("offset", torch.zeros(spec.dim))

    def project(self, standardised: Tensor) -> Tensor:
        """(b, layout.size) standardised vectors of any float type → (b, dim) float32."""
        found = [self._forms(rows) for rows in torch.split(standardised, ROWS)]
        return found[0] if len(found) == 1 else torch.cat(found)

    def _forms(self, standardised: Tensor) -> Tensor:
        balanced = standardised.float() * self.balance
        distance = torch.addmm(self.landmarks.square().sum(1), balanced, self.landmarks.T, alpha=-2)
        distance = distance.add_(balanced.square().sum(1, keepdim=True)).clamp_min_(0)
        each = [torch.exp(-rate * distance) @ weight for rate, weight in zip(self.rates, self.weight, strict=True)]
        forms = (torch.cat(each, dim=1) - self.offset).view(len(balanced) * self.spec.forms, -1)
        return unit_length(forms).view(len(balanced), -1) / math.sqrt(self.spec.forms)


def kernel_spec(side: KernelSide) -> KernelSpec:
    """The spec of the head that :func:`fill_kernel_head` fits."""
    landmarks, size = side.landmarks.shape
    return KernelSpec(
        kind="kernel_cca",
        layout=Layout.flat(size),
        dim=len(side.offset),
        squash=SQUASH,
        landmarks=landmarks,
        kernels=len(side.rates),
        forms=side.forms,
    )


def fill_kernel_head(head: KernelHead, side: KernelSide) -> None:
    """Take over what was fitted."""
    head.standardise.fit(side.mean.astype("float64"), side.scale.astype("float64"))
    for name in ("balance", "landmarks", "rates", "weight", "offset"):
        getattr(head, name).copy_(torch.from_numpy(getattr(side, name)))
