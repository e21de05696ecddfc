"""The sigmoid loss: every cell of the batch is a yes-or-no question.

Zhai et al. 2023, *Sigmoid Loss for Language Image Pre-Training*, arXiv:2303.15343. With l_ij = scale · s_ij + bias, the
loss is the sum over all cells of −log σ(±l_ij), plus for correct cells, divided by the number of texts.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable
from torch.nn.functional import softplus

from antiphon.align.losses.blockwise import Block, Cells, Grid, excluded_cells, leave_out
from antiphon.align.losses.loss import Loss, TiledLoss
from antiphon.align.losses.matmul import Factors
from antiphon.align.losses.process_group import ProcessGroup, SingleProcess
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets

Constants = tuple[Grid, Cells, Cells | None, ProcessGroup]


class SigLIP(Loss):
    """:func:`siglip` as one of the losses. It has no soft targets: every cell is right or wrong."""

    takes_soft_targets = False

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
        if soft is not None:
            raise ValueError("the sigmoid loss takes no soft targets")
        return siglip(text, audio, scale, bias, positives, exclude=exclude, group=group)

    def of_tiles(
        self, m: int, n: int, scale: Tensor, bias: Tensor, positives: Positives, *, block: int, longest: float
    ) -> TiledLoss:
        """As every :class:`Loss`."""
        del longest
        grid = Grid.cut(m, n, block)
        cells = grid.cells(positives.rows, positives.indices, torch.ones(len(positives.indices)))
        return _TiledSigLIP(grid, cells, float(scale), float(bias))

    def chance(self, m: int, n: int, bias: Tensor, positives: Positives) -> float:
        """The bias alone decides every cell, and each correct one is another question."""
        level = float(bias.detach())
        wrong = softplus(torch.as_tensor(level, dtype=torch.float64))
        return (m * n * float(wrong) - len(positives.indices) * level) / m


def siglip(
    text: Tensor,
    audio: Tensor,
    scale: Tensor | float,
    bias: Tensor | float,
    positives: Positives,
    *,
    block: Block = None,
    exclude: Exclusion | None = None,
    group: ProcessGroup | None = None,
) -> Tensor:
    """Sigmoid loss in nats per text, memory linear in the batch.

    Parameters
    ----------
    text : (m, k) embeddings, normally unit length.
    audio : (n, k) embeddings, normally unit length.
    scale, bias : of the logits; scalar tensors may ask for their gradient. The paper starts at 10 and −10.
    positives : for each text the columns that are correct.
    block : rows and columns computed at a time; None for a good default.
    exclude : cells that count neither as correct nor as wrong.
    group : the processes that share the batch, as in :func:`antiphon.align.losses.infonce.info_nce`.

    Returns
    -------
    Scalar float32 (float64 for float64 embeddings). Can be differentiated once, by text, audio, scale and bias.

    Raises
    ------
    ValueError : shapes do not fit.
    """
    if text.ndim != 2 or audio.ndim != 2 or text.shape[1] != audio.shape[1] or len(positives) != len(text):
        raise ValueError(
            f"text {tuple(text.shape)}, audio {tuple(audio.shape)} and positives of {len(positives)} texts do not fit"
        )
    positives = positives.to(text.device)
    dtype = torch.promote_types(torch.promote_types(text.dtype, audio.dtype), torch.float32)
    group = group or SingleProcess()
    sizes = group.gather(torch.tensor([[len(text), len(audio)]], device=text.device)).sum(0)
    positives.require_columns(int(sizes[1]))
    grid = Grid.cut(len(text), int(sizes[1]), block, text.device)
    cells = grid.cells(positives.rows, positives.indices, torch.ones(len(positives.indices), dtype=dtype).to(text))
    excluded = None if exclude is None else excluded_cells(exclude.to(text.device), positives, grid)
    scale, bias = (torch.as_tensor(value, dtype=dtype, device=text.device) for value in (scale, bias))
    loss: Tensor = _SigLIP.apply(text.to(dtype), audio.to(dtype), scale, bias, (grid, cells, excluded, group))  # type: ignore[no-untyped-call]
    return loss / int(sizes[0])


def _positions(cells: Cells | None, number: int) -> Tensor | None:
    return None if cells is None else cells.in_block(number)[0]


def _of_block(logits: Tensor, correct: Tensor, excluded: Tensor | None) -> Tensor:
    """What a block adds to the loss; −log σ(l) = softplus(l) − l, so that correct cells need one correction each."""
    return softplus(leave_out(logits, excluded)).sum() - logits.view(-1)[correct].sum()


class _TiledSigLIP(TiledLoss):
    def __init__(self, grid: Grid, cells: Cells, scale: float, bias: float) -> None:
        self._grid, self._cells, self._scale, self._bias = grid, cells, scale, bias
        self._total = 0.0

    def add(self, rows: slice, columns: slice, cosines: Tensor) -> None:
        position, _ = self._cells.in_block(self._grid.number(rows, columns))
        logits = (cosines * self._scale).contiguous().add_(self._bias)
        self._total += float(_of_block(logits, position, None))

    def finish(self) -> float:
        return self._total / self._grid.m


class _SigLIP(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, text: Tensor, audio: Tensor, scale: Tensor, bias: Tensor, step: Constants) -> Tensor:
        grid, cells, excluded, group = step
        total = text.new_zeros(())
        with torch.autocast(text.device.type, enabled=False):
            audio_all, scaled = group.gather(audio), text * scale
            factors = Factors.from_sides(scaled, audio_all, exact=not any(ctx.needs_input_grad))
            for number, rows, columns in grid:
                position, _ = cells.in_block(number)
                logits = factors.logits(rows, columns, position).add_(bias)
                total += _of_block(logits, position, _positions(excluded, number))
        ctx.save_for_backward(text, audio_all, scale, bias)
        ctx.step, ctx.n_local = step, len(audio)
        return group.total(total)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        text, audio, scale, bias = ctx.saved_tensors
        grid, cells, excluded, group = ctx.step
        d_scaled, d_audio, d_bias = torch.zeros_like(text), torch.zeros_like(audio), torch.zeros_like(bias)
        with torch.autocast(text.device.type, enabled=False):
            factors = Factors.from_sides(text * scale, audio)
            for number, rows, columns in grid:
                position, weight = cells.in_block(number)
                logits = factors.logits(rows, columns, position).add_(bias)
                gradient = leave_out(logits, _positions(excluded, number)).sigmoid_()
                gradient.view(-1).index_add_(0, position, weight, alpha=-1)
                d_bias += gradient.sum()
                to_text, to_audio = factors.gradients(gradient, rows, columns)
                d_scaled[rows] += to_text
                d_audio[columns] += to_audio
        upstream = upstream * group.size
        d_audio = group.scatter_total(d_audio, ctx.n_local)
        d_scale = (d_scaled * text).sum().reshape(scale.shape)
        return d_scaled * (scale * upstream), d_audio * upstream, d_scale * upstream, d_bias * upstream, None
