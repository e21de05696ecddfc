"""The loss of a batch that fits in one block: its similarity matrix may exist, and is made once.

:mod:`antiphon.align.losses.blockwise` forgets each block between the two passes and multiplies it anew. Where there is
only one, the exponentials that gave the sums become the gradient in place: three matrix products instead of four, one
exponential instead of two, and the gradient is ready before the backward pass asks for it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from antiphon.align.losses.blockwise import softmaxes_at_once
from antiphon.align.losses.infonce_step import Step
from antiphon.align.losses.matmul import Factors


def loss_and_gradients(text: Tensor, audio: Tensor, bound: float, step: Step) -> tuple[Tensor, Tensor, Tensor]:
    """InfoNCE with its gradients by ``text`` and by ``audio``; nothing may be excluded.

    Parameters
    ----------
    text : (m, k) own rows, already multiplied by the scale.
    audio : (n, k) the columns of all processes.
    bound : no logit is larger in magnitude.
    """
    position, weight = step.cells.position, step.cells.weight
    everything = slice(None)
    soft = None if step.soft is None else step.soft.in_block(everything, everything, None)
    factors = Factors.from_sides(text, audio)
    logits = factors.logits(everything, everything, position)
    reached = (logits.view(-1)[position] * weight).sum()
    if soft is not None:
        reached += torch.dot(logits.view(-1), soft.view(-1))
    gradient, row, column = softmaxes_at_once(logits, bound, step.row_weight, step.column_weight, step.group)
    # The targets leave before the next product rounds: near convergence the two nearly cancel.
    gradient.view(-1).index_add_(0, position, weight, alpha=-1)
    if soft is not None:
        gradient -= soft
    loss = step.group.total(step.row_weight @ row - reached) + step.column_weight @ column
    return loss, *factors.gradients(gradient, everything, everything)
