"""Vectors of unit length, in half the passes that autograd takes over ``torch.nn.functional.normalize``."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

SMALLEST_NORM = 1e-6


class _Unit(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        values = x.to(torch.promote_types(x.dtype, torch.float32))
        norm = torch.linalg.vector_norm(values, dim=1, keepdim=True)
        held = norm.clamp(min=SMALLEST_NORM)
        unit: Tensor = values / held
        ctx.save_for_backward(unit, norm, held)
        ctx.dtype = x.dtype
        return unit

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        unit, norm, held = ctx.saved_tensors
        along = torch.linalg.vecdot(gradient, unit, dim=1).unsqueeze(1) * (norm > SMALLEST_NORM)
        found = torch.addcmul(gradient, unit, along, value=-1).div_(held)
        return found.to(ctx.dtype)


def unit_length(x: Tensor) -> Tensor:
    """(b, d) of any float type → (b, d) float32 or float64, unit length; what is shorter than ``SMALLEST_NORM`` is
    divided by that, so that nothing becomes zeros, never NaN."""
    found: Tensor = _Unit.apply(x)  # type: ignore[no-untyped-call]
    return found
