"""InfoNCE with several positives, over batches of any size.

With s_ij the cosine of text i and audio j and ``scale`` = 1 / temperature, the text-to-audio loss of text i is the
cross-entropy ``logsumexp_j(scale · s_ij) − Σ_j p_ij · scale · s_ij`` between the softmax over the batch and a target
p_i that is uniform over the correct items (softened if asked for); audio-to-text is the same along the columns. The
loss is the mean of the two directions' means. With one positive it is CLIP's (Radford et al. 2021, arXiv:2103.00020;
van den Oord et al. 2018, arXiv:1807.03748). With p positives it cannot fall below log p.

The matrix s never exists as a whole: see :mod:`antiphon.align.losses.blockwise` for blocks, memory and precision.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from antiphon.align.losses.blockwise import Block, Softmaxes, Sums, leave_out
from antiphon.align.losses.infonce_step import Step, largest_product, prepare
from antiphon.align.losses.loss import Loss, TiledLoss
from antiphon.align.losses.matmul import Factors
from antiphon.align.losses.one_block import loss_and_gradients
from antiphon.align.losses.process_group import ProcessGroup, SingleProcess
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets


class InfoNCE(Loss):
    """:func:`info_nce` as one of the losses; the bias is not looked at, it would change nothing."""

    takes_soft_targets = True

    def __call__(
        self,
        text: Tensor,
        audio: Tensor,
        scale: Tensor,
        bias: Tensor,
        positives: Positives,
        *,
        soft: SoftTargets | None = None,
        exclude: Exclusion | None = None,
        group: ProcessGroup | None = None,
    ) -> Tensor:
        """As every :class:`Loss`."""
        del bias
        return info_nce(text, audio, scale, positives, soft=soft, exclude=exclude, group=group)

    def of_tiles(
        self, m: int, n: int, scale: Tensor, bias: Tensor, positives: Positives, *, block: int, longest: float
    ) -> TiledLoss:
        """As every :class:`Loss`."""
        del bias
        step = prepare(
            m, n, positives, soft=None, exclude=None, block=block, group=SingleProcess(), dtype=torch.float32
        )
        return _TiledInfoNCE(step, float(scale), longest)

    def chance(self, m: int, n: int, bias: Tensor, positives: Positives) -> float:
        """Every text chooses among n tracks, every described track among m texts."""
        del bias, positives
        return (math.log(n) + math.log(m)) / 2


def info_nce(
    text: Tensor,
    audio: Tensor,
    scale: Tensor | float,
    positives: Positives,
    *,
    soft: SoftTargets | None = None,
    block: Block = None,
    exclude: Exclusion | None = None,
    group: ProcessGroup | None = None,
) -> Tensor:
    """Symmetric InfoNCE loss in nats (NT-Xent, CLIP loss), memory linear in the batch.

    Parameters
    ----------
    text : (m, k) embeddings, normally unit length.
    audio : (n, k) embeddings, normally unit length.
    scale : factor on the cosines, > 0 (= 1 / temperature); a scalar tensor may ask for its gradient.
    positives : for each text the columns that are correct, at least one. Audio that no text of the batch describes is
        a negative for the texts and asks no question of its own.
    soft : spread a share of the targets over similar texts.
    block : rows and columns computed at a time; None for a good default.
    exclude : candidates that count neither as correct nor as wrong.
    group : the processes that share the batch, each with rows of its own; ``positives`` then names columns of the
        joint batch. Gradients follow the convention of :mod:`antiphon.align.losses.process_group`.

    Returns
    -------
    Scalar float32 (float64 for float64 embeddings). Can be differentiated once, by text, audio and scale.

    Raises
    ------
    ValueError : shapes do not fit, a text has no positive, or a positive is excluded.
    """
    _check(text, audio, positives)
    positives = positives.to(text.device)
    dtype = torch.promote_types(torch.promote_types(text.dtype, audio.dtype), torch.float32)
    scale = torch.as_tensor(scale, dtype=dtype, device=text.device)
    with torch.no_grad(), torch.autocast(text.device.type, enabled=False):
        step = prepare(
            len(text),
            len(audio),
            positives,
            soft=soft,
            exclude=exclude,
            block=block,
            group=group or SingleProcess(),
            dtype=dtype,
        )
    loss: Tensor = _InfoNCE.apply(text.to(dtype), audio.to(dtype), scale, step)  # type: ignore[no-untyped-call]
    return loss


def _check(text: Tensor, audio: Tensor, positives: Positives) -> None:
    """ValueError where shapes do not fit, or a text has no positive."""
    if text.ndim != 2 or audio.ndim != 2 or text.shape[1] != audio.shape[1]:
        raise ValueError(f"text {tuple(text.shape)} and audio {tuple(audio.shape)} must be (m, k) and (n, k)")
    if len(positives) != len(text):
        raise ValueError(f"positives describe {len(positives)} texts, but there are {len(text)}")
    if bool((positives.counts < 1).any()):
        raise ValueError(f"text {int(positives.counts.argmin())} has no positive; every text needs at least one")


def forward_pass(text: Tensor, audio: Tensor, step: Step, *, exact: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, row log-sum-exp (m,) and column log-sum-exp (n,).

    Parameters
    ----------
    text : (m, k) own rows, already multiplied by the scale.
    audio : (n, k) the columns of all processes.
    exact : nothing is multiplied in bfloat16.
    """
    forward = _Forward(step, largest_product(text, audio))
    factors = Factors.from_sides(text, audio, exact=exact)
    for number, rows, columns in step.grid:
        position, _ = step.cells.in_block(number)
        forward.add(number, rows, columns, factors.logits(rows, columns, position))
    return forward.finish()


class _Forward:
    """The loss of a step while the blocks of its logits go by; ``bound``: no logit is larger in magnitude."""

    def __init__(self, step: Step, bound: float) -> None:
        self._step = step
        self._sums = Sums(step.grid.m, step.grid.n, step.row_weight, bound)
        self._reached = step.row_weight.new_zeros(())

    def add(self, number: int, rows: slice, columns: slice, logits: Tensor) -> None:
        """Take in one block; ``logits`` is overwritten."""
        step = self._step
        position, weight = step.cells.in_block(number)
        self._reached += logits.view(-1)[position] @ weight
        excluded = step.excluded_in(number)
        if step.soft is not None:
            self._reached += (step.soft.in_block(rows, columns, excluded) * logits).sum()
        self._sums.add(leave_out(logits, excluded), rows, columns)

    def finish(self) -> tuple[Tensor, Tensor, Tensor]:
        """What :func:`forward_pass` returns."""
        step = self._step
        row, column = self._sums.finish()
        column = step.group.logsumexp(column)
        own = step.group.total(step.row_weight @ row - self._reached)
        return own + step.column_weight @ column.masked_fill(step.column_weight == 0, 0.0), row, column


class _TiledInfoNCE(TiledLoss):
    def __init__(self, step: Step, scale: float, longest: float) -> None:
        self._grid, self._scale = step.grid, scale
        self._forward = _Forward(step, scale * longest)

    def add(self, rows: slice, columns: slice, cosines: Tensor) -> None:
        self._forward.add(self._grid.number(rows, columns), rows, columns, (cosines * self._scale).contiguous())

    def finish(self) -> float:
        return float(self._forward.finish()[0])


def backward_pass(text: Tensor, audio: Tensor, step: Step, row: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the loss by ``text`` (m, k) and by ``audio`` (n, k), as :func:`forward_pass` takes them."""
    softmaxes = Softmaxes(
        row=row,
        column=column,
        row_weight=step.row_weight,
        column_weight=step.column_weight,
        bound=largest_product(text, audio),
    )
    d_text, d_audio = torch.zeros_like(text), torch.zeros_like(audio)
    factors = Factors.from_sides(text, audio)
    for number, rows, columns in step.grid:
        position, weight = step.cells.in_block(number)
        logits = factors.logits(rows, columns, position)
        excluded = step.excluded_in(number)
        gradient = softmaxes.weighted_sum(leave_out(logits, excluded), rows, columns)
        # The targets leave before the next product rounds: near convergence the two nearly cancel.
        gradient.view(-1).index_add_(0, position, weight, alpha=-1)
        if step.soft is not None:
            gradient -= step.soft.in_block(rows, columns, excluded)
        to_text, to_audio = factors.gradients(gradient, rows, columns)
        d_text[rows] += to_text
        d_audio[columns] += to_audio
    return d_text, d_audio


class _InfoNCE(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, text: Tensor, audio: Tensor, scale: Tensor, step: Step) -> Tensor:
        with torch.autocast(text.device.type, enabled=False):
            audio_all, scaled = step.group.gather(audio), text * scale
            bound, learns = largest_product(scaled, audio_all), any(ctx.needs_input_grad)
            ctx.at_once = learns and step.in_one_block(bound)
            if ctx.at_once:
                loss, *kept = loss_and_gradients(scaled, audio_all, bound, step)
            else:
                loss, *kept = forward_pass(scaled, audio_all, step, exact=not learns)
        ctx.save_for_backward(text, audio_all, scale, *kept)
        ctx.step, ctx.n_local = step, len(audio)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        text, audio, scale, *kept = ctx.saved_tensors
        step: Step = ctx.step
        with torch.autocast(text.device.type, enabled=False):
            d_scaled, d_audio = kept if ctx.at_once else backward_pass(text * scale, audio, step, *kept)
            upstream = upstream * step.group.size
            d_audio = step.group.scatter_total(d_audio, ctx.n_local)
            d_scale = (d_scaled * text).sum().reshape(scale.shape)
            return d_scaled * (scale * upstream), d_audio * upstream, d_scale * upstream, None
