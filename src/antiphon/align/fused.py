"""InfoNCE through fused GPU kernels.

The loss and gradients of :func:`antiphon.align.losses.infonce.info_nce`, by :mod:`antiphon.align.triton_kernel`.
Similarities, exponentials and sums are float32 and never leave the chip; memory is linear in the batch. Where both
sides are bfloat16 they are multiplied as they are, and what becomes a gradient is rounded to bfloat16 once, after the
targets have been taken off. float32 follows ``torch.set_float32_matmul_precision``. float64 is left to the blocks.
"""

from __future__ import annotations

import importlib.util
import os
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from antiphon.align.losses.infonce import Exclusion, Positives, SoftTargets, both_sides, check, prepare
from antiphon.align.losses.infonce import info_nce as in_blocks
from antiphon.align.losses.process_group import Alone, Ranks
from antiphon.errors import ConfigError

ROWS, COLUMNS, CHUNK = 64, 64, 32


def _interpreted() -> bool:
    return os.environ.get("TRITON_INTERPRET") == "1"


def require_triton(device: torch.device, loss: str = "infonce") -> None:
    """Whether the kernels can run there.

    Raises
    ------
    ConfigError : the device is no CUDA GPU (Triton's interpreter aside), Triton is not installed, or the loss has no
        kernel.
    """
    if loss != "infonce":
        raise ConfigError(f"There is no kernel for loss = {loss!r}.", fix='Put loss_kernel = "blocks".')
    if device.type != "cuda" and not _interpreted():
        raise ConfigError(
            f'loss_kernel = "triton" needs a CUDA GPU, and this run is on {device.type}.',
            fix='Put loss_kernel = "blocks" (it runs everywhere), or device = "cuda".',
        )
    if importlib.util.find_spec("triton") is None:
        raise ConfigError(
            'loss_kernel = "triton" needs Triton, which is not installed.',
            fix='Install a CUDA build of torch (it brings its Triton), or put loss_kernel = "blocks".',
        )


def info_nce(
    text: Tensor,
    audio: Tensor,
    scale: Tensor | float,
    positives: Positives,
    *,
    soft: SoftTargets | None = None,
    exclude: Exclusion | None = None,
    ranks: Ranks | None = None,
) -> Tensor:
    """:func:`antiphon.align.losses.infonce.info_nce`, parameter for parameter, in fused kernels.

    Returns
    -------
    Scalar float32; float64 embeddings go through the blocks.

    Raises
    ------
    ConfigError : see :func:`require_triton`.
    ValueError : shapes do not fit, or a text has no positive.
    """
    require_triton(text.device)
    if torch.float64 in (text.dtype, audio.dtype):
        return in_blocks(text, audio, scale, positives, soft=soft, exclude=exclude, ranks=ranks)
    check(text, audio, positives)
    if text.dtype != audio.dtype or text.dtype not in (torch.float32, torch.bfloat16):
        text, audio = text.float(), audio.float()
    scale = torch.as_tensor(scale, dtype=torch.float32, device=text.device)
    with torch.no_grad(), torch.autocast(text.device.type, enabled=False):
        work = _prepared(len(text), len(audio), positives.to(text.device), soft, exclude, ranks or Alone())
    loss: Tensor = _Fused.apply(text, audio, scale, work)  # type: ignore[no-untyped-call]
    return loss


@dataclass(frozen=True, kw_only=True)
class Side:
    """What the kernels know of a batch, seen from its texts or from its audio.

    Parameters
    ----------
    start, row, column, weight : the positives; of stretch b of ROWS rows, by column: ``start[b]:start[b + 1]``.
    apart : features of rows and columns whose product above ``threshold`` takes a candidate out; None for none.
    soft : features of rows and columns, log-sum-exps of their products by row and by column, the weights of the two.
    """

    start: Tensor
    row: Tensor
    column: Tensor
    weight: Tensor
    apart: tuple[Tensor, Tensor] | None
    threshold: float
    soft: tuple[Tensor, ...] | None = None

    @classmethod
    def of(cls, m: int, row: Tensor, column: Tensor, weight: Tensor, **rest: Any) -> Side:
        """Sort the positives for ``m`` rows."""
        by_column = column.argsort(stable=True)
        order = by_column[(row // ROWS)[by_column].argsort(stable=True)]
        ends = torch.bincount(row // ROWS, minlength=-(-m // ROWS)).cumsum(0)
        start = torch.cat([ends.new_zeros(1), ends])
        return cls(start=start, row=row[order], column=column[order].int(), weight=weight[order], **rest)

    def arguments(self, near: Tensor, far: Tensor, scale: Tensor) -> list[Any]:
        """What both kernels take first; a tensor that stands for nothing is never read."""
        apart = self.apart or (near, far)
        soft = self.soft or (near, far, near, near, near, near)
        return [
            *(near, far, scale, len(near), len(far), near.shape[1]),
            *(self.start, self.row, self.column, self.weight),
            *(*apart, apart[0].shape[1], self.threshold, soft[0], soft[1], soft[0].shape[1], *soft[2:]),
        ]

    def options(self) -> dict[str, Any]:
        """How the kernels are compiled."""
        exact = torch.get_float32_matmul_precision() == "highest"
        precision = "raised" if _interpreted() else "ieee" if exact else "tf32"
        given: dict[str, Any] = {"APART": self.apart is not None, "SOFT": self.soft is not None}
        tile = {"ROWS": ROWS, "COLUMNS": COLUMNS, "CHUNK": CHUNK, "PRECISION": precision}
        return {**given, **tile, "num_warps": 8, "num_stages": 2}

    def sums(self, near: Tensor, far: Tensor, scale: Tensor) -> tuple[Tensor, Tensor]:
        """(m,) log-sum-exp of the rows of near · farᵀ, and (m,) of what their targets reach."""
        from antiphon.align import triton_kernel

        row, reached = (near.new_zeros(len(near), dtype=torch.float32) for _ in range(2))
        grid = (-(-len(near) // ROWS),)
        if len(near):
            with torch.cuda.device_of(near):  # type: ignore[no-untyped-call]
                triton_kernel.sums[grid](*self.arguments(near, far, scale), row, reached, **self.options())
        return row, reached

    def gradients(self, near: Tensor, far: Tensor, scale: Tensor, *sums_and_weights: Tensor) -> Tensor:
        """Gradient by the logits times far, (m, k) float32."""
        from antiphon.align import triton_kernel

        out = torch.zeros_like(near, dtype=torch.float32)
        wide = min(max(16, 1 << (near.shape[1] - 1).bit_length()), 512 // near.element_size())
        grid = (-(-len(near) // ROWS), -(-near.shape[1] // wide))
        if len(near):
            given = (*self.arguments(near, far, scale), *sums_and_weights, out)
            with torch.cuda.device_of(near):  # type: ignore[no-untyped-call]
                triton_kernel.gradients[grid](*given, WIDE=wide, **self.options())
        return out


@dataclass(frozen=True, kw_only=True)
class _Work:
    text: Side
    audio: Side
    row_weight: Tensor
    column_weight: Tensor
    ranks: Ranks


def _prepared(
    m: int, n_local: int, positives: Positives, soft: SoftTargets | None, exclude: Exclusion | None, ranks: Ranks
) -> _Work:
    step = prepare(m, n_local, positives, None, exclude, None, ranks, torch.float32)
    n, counts = step.grid.n, positives.counts
    row, column = positives.rows, positives.indices
    everywhere = ranks.total(torch.bincount(column, minlength=n))
    weight = step.row_weight[row] / counts[row] + step.column_weight[column] / everywhere[column]
    if soft is not None:
        weight = weight * (1 - soft.weight)
    apart = None if step.excluded is None else (step.excluded.rows.contiguous(), step.excluded.columns.contiguous())
    threshold = 0.0 if step.excluded is None else step.excluded.threshold
    by_text = Side.of(m, row, column, weight, apart=apart, threshold=threshold)
    by_audio = Side.of(n, column, row, weight, apart=apart and apart[::-1], threshold=threshold)
    if soft is not None:
        by_text, by_audio = _with_soft(by_text, by_audio, soft, n_local, step.row_weight, step.column_weight, ranks)
    return _Work(
        text=by_text, audio=by_audio, row_weight=step.row_weight, column_weight=step.column_weight, ranks=ranks
    )


def _with_soft(
    by_text: Side,
    by_audio: Side,
    soft: SoftTargets,
    n_local: int,
    row_weight: Tensor,
    column_weight: Tensor,
    ranks: Ranks,
) -> tuple[Side, Side]:
    near, far = both_sides(soft, len(row_weight), n_local, ranks, row_weight)
    near, far, one = (near / soft.temperature).contiguous(), far.contiguous(), row_weight.new_ones(())
    row, _ = by_text.sums(near, far, one)
    column = ranks.logsumexp(by_audio.sums(far, near, one)[0])
    row_weight, column_weight = row_weight * soft.weight, column_weight * soft.weight
    row, column = _where_asked(row, row_weight), _where_asked(column, column_weight)
    texts = (near, far, row, column, row_weight, column_weight)
    tracks = (far, near, column, row, column_weight, row_weight)
    return replace(by_text, soft=texts), replace(by_audio, soft=tracks)


def _where_asked(sums: Tensor, weight: Tensor) -> Tensor:
    return sums.masked_fill(weight == 0, torch.inf)


class _Fused(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, text: Tensor, audio: Tensor, scale: Tensor, work: _Work) -> Tensor:
        ranks = work.ranks
        with torch.autocast(text.device.type, enabled=False):
            text, audio_all = text.contiguous(), ranks.gather(audio).contiguous()
            row, reached = work.text.sums(text, audio_all, scale)
            column = ranks.logsumexp(work.audio.sums(audio_all, text, scale)[0])
            own = ranks.total(work.row_weight @ row - reached.sum())
            loss: Tensor = own + work.column_weight @ column.masked_fill(work.column_weight == 0, 0.0)
        ctx.save_for_backward(text, audio_all, scale, row, _where_asked(column, work.column_weight))
        ctx.work, ctx.n_local = work, len(audio)
        return loss

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        text, audio, scale, row, column = ctx.saved_tensors
        work: _Work = ctx.work
        with torch.autocast(text.device.type, enabled=False):
            rows, columns = (row, column), (work.row_weight, work.column_weight)
            d_scaled = work.text.gradients(text, audio, scale, *rows, *columns)
            d_audio = work.audio.gradients(audio, text, scale, *rows[::-1], *columns[::-1]) * scale
            upstream = upstream * work.ranks.size
            d_audio = work.ranks.scatter_total(d_audio, ctx.n_local) * upstream
            d_scale = (d_scaled * text).sum().reshape(scale.shape) * upstream
            return (d_scaled * (scale * upstream)).to(text.dtype), d_audio.to(audio.dtype), d_scale, None
