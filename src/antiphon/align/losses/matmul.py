"""Matrix products of the loss: in bfloat16 where that is faster and only gradients are wanted.

Rounding a unit vector's numbers to bfloat16 moves a logit by about ``scale · 2⁻⁹ / √k``, rounding the product by up to
2⁻⁹ of the logit itself. So the few logits that a batch calls correct are multiplied again in full, what becomes a
gradient is summed in float32, and a loss that nobody differentiates, the one in a history, is float32 throughout.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from antiphon.encoders._shared.torch_model import bfloat16_is_faster as bfloat16_is_faster

BFLOAT16_FROM_CELLS = 256 * 256
"""Similarity matrices of fewer cells are multiplied in their own type: nothing is gained there."""


def lowered(x: Tensor, cells: int, *, exact: bool = False) -> Tensor:
    """``x`` in the type that products of so many cells are made in: float32 may become bfloat16.

    Parameters
    ----------
    exact : leave it as it is.
    """
    pays = not exact and x.dtype == torch.float32 and cells >= BFLOAT16_FROM_CELLS
    return x.bfloat16() if pays and bfloat16_is_faster(x.device) else x


def product(a: Tensor, b: Tensor) -> Tensor:
    """``a @ b`` as float32 if both are bfloat16, else in their own type."""
    found = a @ b
    return found.float() if found.dtype == torch.bfloat16 else found


@dataclass(frozen=True, eq=False)
class Factors:
    """Both sides of a similarity matrix, in full and in the type they are multiplied in.

    Parameters
    ----------
    text, audio : (m, k) own rows, already multiplied by the scale, and (n, k) columns.
    near, far : the same, :func:`lowered` or not.
    """

    text: Tensor
    audio: Tensor
    near: Tensor
    far: Tensor

    @classmethod
    def from_sides(cls, text: Tensor, audio: Tensor, *, exact: bool = False) -> Factors:
        """Lowered where that is worth it, unless every logit is to be ``exact``."""
        cells = len(text) * len(audio)
        return cls(text, audio, *(lowered(side, cells, exact=exact) for side in (text, audio)))

    def logits(self, rows: slice, columns: slice, position: Tensor) -> Tensor:
        """One block; the cells at ``position`` (flat) in full.

        Where those are more than rows and columns have between them, many texts are the same, and none of these cells
        matters by itself: then they are taken as they come.
        """
        found = product(self.near[rows], self.far[columns].T)
        m, n = found.shape
        if self.near is not self.text and len(position) <= 2 * (m + n):
            row, column = position.div(n, rounding_mode="floor"), position % n
            found.view(-1)[position] = (self.text[rows][row] * self.audio[columns][column]).sum(1)
        return found

    def gradients(self, gradient: Tensor, rows: slice, columns: slice) -> tuple[Tensor, Tensor]:
        """What a block's gradient by its logits does to its texts and to its audio."""
        gradient = gradient.to(self.near.dtype)
        return product(gradient, self.far[columns]), product(gradient.T, self.near[rows])
