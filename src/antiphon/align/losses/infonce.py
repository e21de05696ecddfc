"""InfoNCE with several positives, over batches of any size.

With s_ij the cosine of text i and audio j and ``scale`` = 1 / temperature, the text-to-audio loss of text i is the
cross-entropy ``logsumexp_j(scale · s_ij) − Σ_j p_ij · scale · s_ij`` between the softmax over the batch and a target
p_i that is uniform over the correct items (softened if asked for); audio-to-text is the same along the columns. The
loss is the mean of the two directions' means. With one positive it is CLIP's (Radford et al. 2021, arXiv:2103.00020;
van den Oord et al. 2018, arXiv:1807.03748). With p positives it cannot fall below log p.

The matrix s never exists as a whole: see :mod:`antiphon.align.losses.blockwise` for blocks, memory and precision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from antiphon.align.losses import one_block
from antiphon.align.losses.blockwise import Cells, Grid, Softmaxes, Sums
from antiphon.align.losses.matmul import Factors, lowered, product
from antiphon.align.losses.process_group import Alone, Ranks
from antiphon.align.losses.siglip import siglip
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets

__all__ = ["Exclusion", "Positives", "SoftTargets", "info_nce", "siglip"]


def info_nce(
    text: Tensor,
    audio: Tensor,
    scale: Tensor | float,
    positives: Positives,
    *,
    soft: SoftTargets | None = None,
    block: int | tuple[int, int] | None = None,
    exclude: Exclusion | None = None,
    ranks: Ranks | None = None,
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
    ranks : the processes that share the batch, each with rows of its own; ``positives`` then names columns of the
        joint batch. Gradients follow the convention of :mod:`antiphon.align.losses.process_group`.

    Returns
    -------
    Scalar float32 (float64 for float64 embeddings). Can be differentiated once, by text, audio and scale.

    Raises
    ------
    ValueError : shapes do not fit, or a text has no positive.
    """
    check(text, audio, positives)
    positives = positives.to(text.device)
    dtype = torch.promote_types(torch.promote_types(text.dtype, audio.dtype), torch.float32)
    scale = torch.as_tensor(scale, dtype=dtype, device=text.device)
    with torch.no_grad(), torch.autocast(text.device.type, enabled=False):
        step = prepare(len(text), len(audio), positives, soft, exclude, block, ranks or Alone(), dtype)
    loss: Tensor = _InfoNCE.apply(text.to(dtype), audio.to(dtype), scale, step)  # type: ignore[no-untyped-call]
    return loss


def check(text: Tensor, audio: Tensor, positives: Positives) -> None:
    """ValueError where shapes do not fit, or a text has no positive."""
    if text.ndim != 2 or audio.ndim != 2 or text.shape[1] != audio.shape[1]:
        raise ValueError(f"text {tuple(text.shape)} and audio {tuple(audio.shape)} must be (m, k) and (n, k)")
    if len(positives) != len(text):
        raise ValueError(f"positives describe {len(positives)} texts, but there are {len(text)}")
    if bool((positives.counts < 1).any()):
        raise ValueError(f"text {int(positives.counts.argmin())} has no positive; every text needs at least one")


@dataclass(frozen=True, kw_only=True)
class _Excluded:
    rows: Tensor
    columns: Tensor
    threshold: float

    def of(self, rows: slice, columns: slice, correct: Tensor) -> Tensor:
        mask = self.rows[rows] @ self.columns[columns].T > self.threshold
        mask.view(-1)[correct] = False
        return mask


@dataclass(frozen=True, kw_only=True)
class _Soft:
    rows: Tensor
    columns: Tensor
    softmaxes: Softmaxes
    kept: Tensor | None

    def of(self, rows: slice, columns: slice, mask: Tensor | None) -> Tensor:
        """What the block's cells take off the gradient as soft targets; not to be overwritten."""
        if self.kept is not None:
            return self.kept
        logits = product(self.rows[rows], self.columns[columns].T)
        if mask is not None:
            logits.masked_fill_(mask, -torch.inf)
        return self.softmaxes.of(logits, rows, columns)


@dataclass(frozen=True, kw_only=True)
class Step:
    """All that is constant while one batch is worked on; weights already hold the means over rows and columns."""

    grid: Grid
    cells: Cells
    row_weight: Tensor
    column_weight: Tensor
    excluded: _Excluded | None
    soft: _Soft | None
    ranks: Ranks

    def mask(self, number: int, rows: slice, columns: slice) -> Tensor | None:
        """Cells of a block that are no candidates."""
        if self.excluded is None:
            return None
        return self.excluded.of(rows, columns, self.cells.of(number)[0])


def prepare(
    m: int,
    n_local: int,
    positives: Positives,
    soft: SoftTargets | None,
    exclude: Exclusion | None,
    block: int | tuple[int, int] | None,
    ranks: Ranks,
    dtype: torch.dtype,
) -> Step:
    """What is constant while one batch of m texts and the n_local tracks of this process is worked on."""
    device = positives.indices.device
    sizes = ranks.gather(torch.tensor([[m, n_local]], device=device)).sum(0)
    m_all, n = int(sizes[0]), int(sizes[1])
    if len(positives.indices) and not 0 <= int(positives.indices.min()) <= int(positives.indices.max()) < n:
        raise ValueError(f"positives name columns outside 0–{n - 1}")
    counts = ranks.total(torch.bincount(positives.indices, minlength=n))
    asks = counts > 0
    row_weight = torch.full((m,), 0.5 / m_all, dtype=dtype, device=device)
    column_weight = asks.to(dtype) * (0.5 / int(asks.sum()))
    rows, columns = positives.rows, positives.indices
    hard = row_weight[rows] / positives.counts[rows] + column_weight[columns] / counts[columns]
    grid = Grid.of(m, n, block)
    cells = grid.cells(rows, columns, hard * (1 - soft.weight) if soft else hard)
    excluded = None
    if exclude is not None:
        near, far = both_sides(exclude, m, n_local, ranks, row_weight)
        excluded = _Excluded(rows=near, columns=far, threshold=exclude.threshold)
    step = Step(
        grid=grid,
        cells=cells,
        row_weight=row_weight,
        column_weight=column_weight,
        excluded=excluded,
        soft=None,
        ranks=ranks,
    )
    return step if soft is None else _with_soft(step, soft, n_local)


def both_sides(
    source: SoftTargets | Exclusion, m: int, n_local: int, ranks: Ranks, like: Tensor
) -> tuple[Tensor, Tensor]:
    """Text features of own rows (m, d), and of the columns of all processes (n, d), in the type of ``like``."""
    features = source.features.detach().to(like)
    columns = features if source.row_of_column is None else features[source.row_of_column]
    if len(features) != m or len(columns) != n_local:
        raise ValueError(
            f"{len(features)} text features for {m} texts and {len(columns)} for {n_local} pieces of audio; "
            "where their numbers differ, row_of_column says which text stands for each piece of audio"
        )
    return features, ranks.gather(columns)


def _with_soft(step: Step, soft: SoftTargets, n_local: int) -> Step:
    grid = step.grid
    near, far = both_sides(soft, grid.m, n_local, step.ranks, step.row_weight)
    near = near / soft.temperature
    bound = _bound(near, far)
    near, far = lowered(near, grid.m * grid.n), lowered(far, grid.m * grid.n)
    weights = step.row_weight * soft.weight, step.column_weight * soft.weight
    if step.excluded is None and one_block.fits(grid, bound, step.row_weight.dtype):
        kept, row, column = one_block.soft_targets(near, far, bound, *weights, step.ranks)
        softmaxes = Softmaxes(row=row, column=column, row_weight=weights[0], column_weight=weights[1], bound=bound)
        return replace(step, soft=_Soft(rows=near, columns=far, softmaxes=softmaxes, kept=kept))
    sums = Sums(grid.m, grid.n, step.row_weight, bound)
    for number, rows, columns in grid:
        logits = product(near[rows], far[columns].T)
        mask = step.mask(number, rows, columns)
        sums.add(logits if mask is None else logits.masked_fill_(mask, -torch.inf), rows, columns)
    row, column = sums.finish()
    softmaxes = Softmaxes(
        row=row,
        column=step.ranks.logsumexp(column),
        row_weight=weights[0],
        column_weight=weights[1],
        bound=bound,
    )
    return replace(step, soft=_Soft(rows=near, columns=far, softmaxes=softmaxes, kept=None))


def _bound(rows: Tensor, columns: Tensor) -> float:
    """No dot product of a row and a column is larger in magnitude (Cauchy–Schwarz)."""
    longest = [torch.linalg.vector_norm(x, dim=1).amax() if len(x) else x.new_zeros(()) for x in (rows, columns)]
    return float(longest[0] * longest[1])


def forward_pass(text: Tensor, audio: Tensor, step: Step, *, exact: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Loss, row log-sum-exp (m,) and column log-sum-exp (n,).

    Parameters
    ----------
    text : (m, k) own rows, already multiplied by the scale.
    audio : (n, k) the columns of all processes.
    exact : nothing is multiplied in bfloat16.
    """
    sums = Sums(len(text), len(audio), text, _bound(text, audio))
    reached = text.new_zeros(())
    factors = Factors.of(text, audio, exact=exact)
    for number, rows, columns in step.grid:
        position, weight = step.cells.of(number)
        logits = factors.logits(rows, columns, position)
        reached += logits.view(-1)[position] @ weight
        mask = step.mask(number, rows, columns)
        if step.soft is not None:
            reached += (step.soft.of(rows, columns, mask) * logits).sum()
        sums.add(logits if mask is None else logits.masked_fill_(mask, -torch.inf), rows, columns)
    row, column = sums.finish()
    column = step.ranks.logsumexp(column)
    own = step.ranks.total(step.row_weight @ row - reached)
    return own + step.column_weight @ column.masked_fill(step.column_weight == 0, 0.0), row, column


def backward_pass(text: Tensor, audio: Tensor, step: Step, row: Tensor, column: Tensor) -> tuple[Tensor, Tensor]:
    """Gradients of the loss by ``text`` (m, k) and by ``audio`` (n, k), as :func:`forward_pass` takes them."""
    softmaxes = Softmaxes(
        row=row,
        column=column,
        row_weight=step.row_weight,
        column_weight=step.column_weight,
        bound=_bound(text, audio),
    )
    d_text, d_audio = torch.zeros_like(text), torch.zeros_like(audio)
    factors = Factors.of(text, audio)
    for number, rows, columns in step.grid:
        position, weight = step.cells.of(number)
        logits = factors.logits(rows, columns, position)
        mask = step.mask(number, rows, columns)
        if mask is not None:
            logits.masked_fill_(mask, -torch.inf)
        gradient = softmaxes.of(logits, rows, columns)
        # The targets leave before the next product rounds: near convergence the two nearly cancel.
        gradient.view(-1).index_add_(0, position, weight, alpha=-1)
        if step.soft is not None:
            gradient -= step.soft.of(rows, columns, mask)
        to_text, to_audio = factors.gradients(gradient, rows, columns)
        d_text[rows] += to_text
        d_audio[columns] += to_audio
    return d_text, d_audio


class _InfoNCE(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, text: Tensor, audio: Tensor, scale: Tensor, step: Step) -> Tensor:
        with torch.autocast(text.device.type, enabled=False):
            audio_all, scaled = step.ranks.gather(audio), text * scale
            bound, wanted = _bound(scaled, audio_all), any(ctx.needs_input_grad)
            ctx.at_once = step.excluded is None and wanted and one_block.fits(step.grid, bound, text.dtype)
            if ctx.at_once:
                soft = None if step.soft is None else step.soft.of(slice(0, len(text)), slice(0, len(audio_all)), None)
                loss, *kept = one_block.loss_and_gradients(scaled, audio_all, bound, step, soft)
            else:
                loss, *kept = forward_pass(scaled, audio_all, step, exact=not wanted)
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
            upstream = upstream * step.ranks.size
            d_audio = step.ranks.scatter_total(d_audio, ctx.n_local)
            d_scale = (d_scaled * text).sum().reshape(scale.shape)
            return d_scaled * (scale * upstream), d_audio * upstream, d_scale * upstream, None
