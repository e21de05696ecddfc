"""Three operations of a training step, each in fewer passes over memory than torch's own."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

LEVELS = 256
SMALLEST_NORM = 1e-6


class Dropout(nn.Module):
    """In training, zero a share of the elements and scale the others up so that the mean stays.

    ``torch.nn.Dropout`` draws one random number an element with a sequential generator; on a CPU that was a third of a
    training step. Here one 64-bit draw serves eight elements, a byte each.

    Parameters
    ----------
    share : 0 … below 1, rounded to 1/256. Masks come from torch's global generator of the input's device.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.level = min(round(share * LEVELS), LEVELS - 1)

    def forward(self, x: Tensor) -> Tensor:
        """Same shape and type."""
        if not self.training or self.level == 0:
            return x
        draws = torch.empty((x.numel() + 7) // 8, dtype=torch.int64, device=x.device)
        draws.random_(-(2**63), None)
        drawn = draws.view(torch.uint8)[: x.numel()].view(x.shape)
        # 1 from ``level`` on, else 0: arithmetic on bytes takes a quarter of the time of a comparison and a cast.
        kept = drawn.clamp_(self.level - 1, self.level).sub_(self.level - 1)
        return x * kept.to(x.dtype).mul_(LEVELS / (LEVELS - self.level))

    def extra_repr(self) -> str:
        """What ``print`` shows."""
        return f"share={self.level / LEVELS}"


class _Mix(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weights: Tensor) -> Tensor:
        ctx.save_for_backward(x, weights)
        return torch.matmul(weights.to(x.dtype), x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor]:
        x, weights = ctx.saved_tensors
        by_row = torch.bmm(x, gradient.to(x.dtype).unsqueeze(2)).squeeze(2)
        to_input = None
        if ctx.needs_input_grad[0]:
            to_input = gradient.unsqueeze(1) * weights.to(gradient.dtype).view(1, -1, 1)
        return to_input, by_row.float().sum(0).to(weights.dtype)


def mix_layers(x: Tensor, weights: Tensor) -> Tensor:
    """Weighted mean over layers.

    The plain ``(x * w).sum(1)`` writes a copy as large as its input, forward and backward: with MERT's 25 layers that
    is most of a training step. Both directions are batched matrix-vector products here: the input is read once each.

    Parameters
    ----------
    x : (b, layers, size), any float type.
    weights : (layers,) float32.

    Returns
    -------
    (b, size) of x's type.
    """
    mixed: Tensor = _Mix.apply(x, weights)  # type: ignore[no-untyped-call]
    return mixed


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
    """Rows of unit length, in half the passes that autograd takes over ``torch.nn.functional.normalize``.

    Parameters
    ----------
    x : (b, d) of any float type.

    Returns
    -------
    (b, d) float32 or float64. What is shorter than ``SMALLEST_NORM`` is divided by that: nothing becomes zeros, never
    NaN.
    """
    found: Tensor = _Unit.apply(x)  # type: ignore[no-untyped-call]
    return found
