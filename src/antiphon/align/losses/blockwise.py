"""The similarity matrix, one block at a time.

Nothing here keeps more than one block of it: the first pass leaves the logarithm of the sum of exponentials of every
row and every column, the second recomputes each block and turns it into gradients. Memory is linear in the batch.

Precision: see :mod:`antiphon.align.losses.matmul`. Exponentials and their sums are float32 or better.

Everything here runs on CUDA tensors unchanged. Another implementation, say one fused kernel, would replace a pair of
functions: :func:`antiphon.align.losses.infonce.forward_pass`, which visits the blocks once and returns the loss with
the log-sum-exps, and :func:`antiphon.align.losses.infonce.backward_pass`, which turns those into both gradients.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from antiphon.align.losses.process_group import ProcessGroup
from antiphon.align.losses.targets import Exclusion, Positives

Block = int | tuple[int, int] | None
"""Rows and columns of a block; one number for square ones, None for the default."""
BLOCK_SIDE, BLOCK_SIDE_ON_A_GPU = 1024, 8192
"""Rows and columns of the default block: what stays in a processor's cache, and what keeps a GPU busy between two
launches (a quarter of a GiB in float32)."""
# exp(−2·limit) must stay a normal number, so that a shift by an upper bound loses nothing.
SHIFT_LIMIT = {torch.float32: 40.0, torch.float64: 300.0}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The cells of a batch with a meaning of their own, sorted by the block they fall in.

    Parameters
    ----------
    weight : (nnz,) of each cell; of a positive what it takes off the gradient, both directions together.
    position : (nnz,) flat index of each cell inside its block.
    start : one entry a block and one more: where its cells begin.
    """

    weight: Tensor
    position: Tensor
    start: list[int]

    def in_block(self, number: int) -> tuple[Tensor, Tensor]:
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
    def cut(cls, m: int, n: int, block: Block, device: torch.device | None = None) -> Grid:
        """Blocks of ``block`` (rows, columns); one number for square ones, None for the default of the device."""
        if block is None:
            block = BLOCK_SIDE if device is None or device.type == "cpu" else BLOCK_SIDE_ON_A_GPU
        rows, columns = (block, block) if isinstance(block, int) else block
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

    def number(self, rows: slice, columns: slice) -> int:
        """Of the block that begins there, as it is counted when one goes through them."""
        across = math.ceil(self.n / self.columns)
        number: int = rows.start // self.rows * across + columns.start // self.columns
        return number

    def cells(self, rows: Tensor, columns: Tensor, weight: Tensor) -> Cells:
        """Sort single cells by block; ``weight`` has one entry a cell."""
        across = math.ceil(self.n / self.columns)
        number = (rows // self.rows) * across + columns // self.columns
        order = number.argsort(stable=True)
        left = (columns // self.columns) * self.columns
        width = (self.n - left).clamp(max=self.columns)
        position = (rows % self.rows) * width + columns - left
        n_blocks = math.ceil(self.m / self.rows) * across
        ends = torch.bincount(number, minlength=n_blocks).cumsum(0)
        return Cells(weight=weight[order], position=position[order], start=[0, *ends.tolist()])


def excluded_cells(exclude: Exclusion, positives: Positives, grid: Grid) -> Cells:
    """The excluded cells by block.

    Raises
    ------
    ValueError : one lies outside the batch, or is a positive.
    """
    rows, columns, n = exclude.rows, exclude.columns, grid.n
    if len(exclude) and not (
        0 <= int(rows.min()) <= int(rows.max()) < grid.m and 0 <= int(columns.min()) <= int(columns.max()) < n
    ):
        raise ValueError(f"excluded cells lie outside the batch of {grid.m} texts and {n} columns")
    both = torch.isin(rows * n + columns, positives.rows * n + positives.indices)
    if bool(both.any()):
        worst = int(both.nonzero()[0])
        raise ValueError(f"text {int(rows[worst])} and column {int(columns[worst])} are a positive and excluded")
    return grid.cells(rows, columns, torch.ones_like(rows))


def leave_out(logits: Tensor, excluded: Tensor | None) -> Tensor:
    """The same block; the cells at ``excluded`` (flat) can no longer be chosen. In place."""
    if excluded is not None:
        logits.view(-1)[excluded] = -torch.inf
    return logits


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

    def weighted_sum(self, logits: Tensor, rows: slice, columns: slice) -> Tensor:
        """The sum for one block; ``logits`` is overwritten. A weight of 0 gives 0 even where there is no candidate."""
        row_weight, column_weight = self.row_weight[rows, None], self.column_weight[columns]
        row = self.row[rows, None].masked_fill(row_weight == 0, math.inf)
        column = self.column[columns].masked_fill(column_weight == 0, math.inf)
        if self.bound <= SHIFT_LIMIT[logits.dtype]:
            factor = row_weight * (self.bound - row).exp() + column_weight * (self.bound - column).exp()
            return logits.sub_(self.bound).exp_().mul_(factor)
        by_row = (logits - row).exp_().mul_(row_weight)
        return by_row.add_(logits.sub_(column).exp_().mul_(column_weight))


def fits_one_block(grid: Grid, bound: float, dtype: torch.dtype) -> bool:
    """Whether the batch is one block, and exponentials shifted by ``bound`` neither overflow nor vanish."""
    return grid.rows >= grid.m > 0 and grid.columns >= grid.n > 0 and bound <= SHIFT_LIMIT[dtype]


def softmaxes_at_once(
    logits: Tensor, bound: float, row_weight: Tensor, column_weight: Tensor, group: ProcessGroup
) -> tuple[Tensor, Tensor, Tensor]:
    """Weighted sum of the softmax over rows and the softmax over columns, of a matrix that is one block.

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
    column = group.logsumexp(weights.sum(0).log() + bound)
    by_row, by_column = row_weight / row, column_weight * (bound - column).exp()
    weights.mul_(by_row[:, None] + by_column)
    return weights, row.log() + bound, column
