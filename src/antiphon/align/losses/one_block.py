"""The loss of a batch that fits in one block: its similarity matrix may exist, and is made once.

:mod:`antiphon.align.losses.blockwise` forgets each block between the two passes and multiplies it anew. Where there is
only one, the exponentials that gave the sums become the gradient in place: three matrix products instead of four, one
exponential instead of two, and the gradient is ready before the backward pass asks for it.
"""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from antiphon.align.losses.blockwise import SHIFT_LIMIT, Cells, Grid
from antiphon.align.losses.matmul import Factors, product
from antiphon.align.losses.process_group import Ranks


def fits(grid: Grid, bound: float, dtype: torch.dtype) -> bool:
    """Whether the batch is one block, and exponentials shifted by ``bound`` neither overflow nor vanish."""
    return grid.rows >= grid.m > 0 and grid.columns >= grid.n > 0 and bound <= SHIFT_LIMIT[dtype]


def softmaxes(
    logits: Tensor, bound: float, row_weight: Tensor, column_weight: Tensor, ranks: Ranks
) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted sum of the softmax over rows and the softmax over columns.

    Parameters
    ----------
    logits : (m, n) own rows, the columns of all processes; overwritten by the result.
    bound : no entry is larger in magnitude.
    row_weight, column_weight : (m,), (n,) weight of each row's and each column's softmax.

    Returns
    -------
    (m, n) the weighted sum, (m,) log-sum-exp of the rows, (n,) of the columns over all processes.
    """
    weights = logits.sub_(bound).exp_()
    row = weights.sum(1)
    column = ranks.logsumexp(weights.sum(0).log() + bound)
    by_row, by_column = row_weight / row, column_weight * (bound - column).exp()
    weights.mul_(by_row[:, None] + by_column)
    return weights, row.log() + bound, column


def soft_targets(
    near: Tensor, far: Tensor, bound: float, row_weight: Tensor, column_weight: Tensor, ranks: Ranks
) -> tuple[Tensor, Tensor, Tensor]:
    """:func:`softmaxes` of (m, d) · (n, d)ᵀ: what similar texts take off the gradient."""
    return softmaxes(product(near, far.T), bound, row_weight, column_weight, ranks)


class Constants(Protocol):
    """What the loss knows of a batch beforehand: see :class:`antiphon.align.losses.infonce.Step`."""

    @property
    def cells(self) -> Cells:
        """The positives."""
        ...

    @property
    def row_weight(self) -> Tensor:
        """(m,) share of each row's question in the loss."""
        ...

    @property
    def column_weight(self) -> Tensor:
        """(n,) share of each column's question in the loss."""
        ...

    @property
    def ranks(self) -> Ranks:
        """The processes that share the batch."""
        ...


def loss_and_gradients(
    text: Tensor, audio: Tensor, bound: float, step: Constants, soft: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """InfoNCE with its gradients by ``text`` and by ``audio``.

    Parameters
    ----------
    text : (m, k) own rows, already multiplied by the scale.
    audio : (n, k) the columns of all processes.
    bound : no logit is larger in magnitude.
    soft : (m, n) from :func:`soft_targets`.
    """
    position, weight = step.cells.position, step.cells.weight
    whole = slice(None)
    factors = Factors.of(text, audio)
    logits = factors.logits(whole, whole, position)
    reached = (logits.view(-1)[position] * weight).sum()
    if soft is not None:
        reached += torch.dot(logits.view(-1), soft.view(-1))
    gradient, row, column = softmaxes(logits, bound, step.row_weight, step.column_weight, step.ranks)
    # The targets leave before the next product rounds: near convergence the two nearly cancel.
    gradient.view(-1).index_add_(0, position, weight, alpha=-1)
    if soft is not None:
        gradient -= soft
    loss = step.ranks.total(step.row_weight @ row - reached) + step.column_weight @ column
    return loss, *factors.gradients(gradient, whole, whole)
