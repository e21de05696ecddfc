"""The similarity matrix, one block at a time.

Nothing here keeps more than one block of it: the first pass leaves the logarithm of the sum of exponentials of every
row and every column, the second recomputes each block and turns it into gradients. Memory is linear in the batch.

Precision: see :mod:`antiphon.align.losses.matmul`. Exponentials and their sums are float32 or better.

Everything here runs on CUDA tensors unchanged. The seam for another implementation, say one fused kernel, is a pair of
functions: :func:`antiphon.align.losses.infonce.forward_pass`, which visits the blocks once and returns the loss with
the log-sum-exps, and :func:`antiphon.align.losses.infonce.backward_pass`, which turns those into both gradients. What
such a kernel has to know of a batch beforehand is in :class:`antiphon.align.losses.infonce.Step`. A batch of one block
takes :func:`antiphon.align.losses.one_block.loss_and_gradients` instead.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

BLOCK_ROWS, BLOCK_COLUMNS = 1024, 1024
# exp(−2·limit) must stay a normal number, so that a shift by an upper bound loses nothing.
SHIFT_LIMIT = {torch.float32: 40.0, torch.float64: 300.0}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a batch with a meaning of their own, sorted by the block they fall in.

    Parameters
    ----------
    weight : (nnz,) what each positive cell takes off the gradient: its hard target, both directions together.
    position : (nnz,) flat index of each cell inside its block.
    start : one entry a block and one more: where its cells begin.
    """

    weight: Tensor
    position: Tensor
    start: list[int]

    def of(self, number: int) -> tuple[Tensor, Tensor]:
        """Positions and weights of the cells in one block."""
        mine = slice(self.start[number], self.start[number + 1])
        return self.position[mine], self.weight[mine]


@dataclass(frozen=True, kw_only=True)
class Grid:
    """How (m, n) cells are cut into blocks."""

    m: int
    n: int
    rows: int
    columns: int

    @classmethod
    def of(cls, m: int, n: int, block: int | tuple[int, int] | None) -> Grid:
        """Blocks of ``block`` (rows, columns); one number for square ones, None for the default."""
        rows, columns = (block, block) if isinstance(block, int) else block or (BLOCK_ROWS, BLOCK_COLUMNS)
        if min(rows, columns) < 1:
            raise ValueError(f"a block needs at least one row and one column, not {rows} × {columns}")
        return cls(m=m, n=n, rows=min(rows, max(m, 1)), columns=min(columns, max(n, 1)))

    def __iter__(self) -> Iterator[tuple[int, slice, slice]]:
        number = 0
        for top in range(0, self.m, self.rows):
            for left in range(0, self.n, self.columns):
                yield (
                    number,
                    slice(top, min(top + self.rows, self.m)),
                    slice(left, min(left + self.columns, self.n)),
                )
                number += 1

    def cells(self, rows: Tensor, columns: Tensor, weight: Tensor) -> Cells:
        """Sort single cells by block."""
        across = math.ceil(self.n / self.columns)
        number = (rows // self.rows) * across + columns // self.columns
        order = number.argsort(stable=True)
        left = (columns // self.columns) * self.columns
        width = (self.n - left).clamp(max=self.columns)
        position = (rows % self.rows) * width + columns - left
        n_blocks = math.ceil(self.m / self.rows) * across
        ends = torch.bincount(number, minlength=n_blocks).cumsum(0)
        return Cells(weight=weight[order], position=position[order], start=[0, *ends.tolist()])


class Sums:
    """Running log-sum-exp of all rows and all columns of a matrix that is seen block by block.

    Parameters
    ----------
    like : gives dtype and device.
    bound : no entry is larger in magnitude, ``inf`` if unknown. A small bound saves the search for maxima.
    """

    def __init__(self, m: int, n: int, like: Tensor, bound: float) -> None:
        self.limit = SHIFT_LIMIT[like.dtype]
        self.shift = bound if bound <= self.limit else None
        start = -math.inf if self.shift is None else 0.0
        self.row, self.column = like.new_full((m,), start), like.new_full((n,), start)

    def add(self, logits: Tensor, rows: slice, columns: slice) -> None:
        """Take in one block; ``logits`` is overwritten."""
        if self.shift is not None:
            weights = logits.sub_(self.shift).exp_()
            self.row[rows] += weights.sum(1)
            self.column[columns] += weights.sum(0)
            return
        row, column = _both_logsumexp(logits, self.limit)
        self.row[rows] = torch.logaddexp(self.row[rows], row)
        self.column[columns] = torch.logaddexp(self.column[columns], column)

    def finish(self) -> tuple[Tensor, Tensor]:
        """(m,) and (n,) log-sum-exp; −inf for a row or column without candidates."""
        if self.shift is None:
            return self.row, self.column
        return self.row.log() + self.shift, self.column.log() + self.shift


def _both_logsumexp(logits: Tensor, limit: float) -> tuple[Tensor, Tensor]:
    row, column = logits.amax(1), logits.amax(0)
    top = row.max()
    if float(top - torch.minimum(row.min(), column.min())) < limit:  # one exponential serves both directions
        weights = logits.sub_(top).exp_()
        return weights.sum(1).log() + top, weights.sum(0).log() + top
    return logits.logsumexp(1), logits.logsumexp(0)


@dataclass(frozen=True, kw_only=True)
class Softmaxes:
    """A weighted sum of the softmax over rows and the softmax over columns of one matrix.

    Parameters
    ----------
    row, column : (m,), (n,) log-sum-exp.
    row_weight, column_weight : (m,), (n,) weight of each row's and each column's softmax.
    bound : as in :class:`Sums`.
    """

    row: Tensor
    column: Tensor
    row_weight: Tensor
    column_weight: Tensor
    bound: float

    def of(self, logits: Tensor, rows: slice, columns: slice) -> Tensor:
        """The sum for one block; ``logits`` is overwritten. A weight of 0 gives 0 even where there is no candidate."""
        row_weight, column_weight = self.row_weight[rows, None], self.column_weight[columns]
        row = self.row[rows, None].masked_fill(row_weight == 0, math.inf)
        column = self.column[columns].masked_fill(column_weight == 0, math.inf)
        if self.bound <= SHIFT_LIMIT[logits.dtype]:
            factor = row_weight * (self.bound - row).exp() + column_weight * (self.bound - column).exp()
            return logits.sub_(self.bound).exp_().mul_(factor)
        by_row = (logits - row).exp_().mul_(row_weight)
        return by_row.add_(logits.sub_(column).exp_().mul_(column_weight))
