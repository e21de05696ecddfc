"""What InfoNCE knows of a batch before it looks at an embedding: targets, weights, blocks, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from antiphon.align.losses.blockwise import (
    Block,
    Cells,
    Grid,
    Softmaxes,
    Sums,
    excluded_cells,
    fits_one_block,
    leave_out,
    softmaxes_at_once,
)
from antiphon.align.losses.matmul import lowered, product
from antiphon.align.losses.process_group import ProcessGroup
from antiphon.align.losses.targets import Exclusion, Positives, SoftTargets


@dataclass(frozen=True, kw_only=True)
class SoftCells:
    """The soft share of the targets.

    Parameters
    ----------
    rows, columns : (m, d), (n, d) text features, the rows' divided by the temperature.
    softmaxes : what turns their products into targets.
    kept : (m, n) the targets themselves, where the batch is one block.
    """

    rows: Tensor
    columns: Tensor
    softmaxes: Softmaxes
    kept: Tensor | None = None

    def in_block(self, rows: slice, columns: slice, excluded: Tensor | None) -> Tensor:
        """What the block's cells take off the gradient; not to be overwritten. ``excluded`` are flat positions."""
        if self.kept is not None:
            return self.kept
        logits = leave_out(product(self.rows[rows], self.columns[columns].T), excluded)
        return self.softmaxes.weighted_sum(logits, rows, columns)


@dataclass(frozen=True, kw_only=True)
class Step:
    """All that is constant while one batch is worked on.

    Parameters
    ----------
    grid : how its matrix is cut.
    cells : the positives, weighed by their hard targets.
    row_weight, column_weight : (m,), (n,) share of each question in the loss: the means over rows and columns.
    group : the processes that share the batch.
    excluded : cells that are no candidates.
    soft : the soft share of the targets.
    """

    grid: Grid
    cells: Cells
    row_weight: Tensor
    column_weight: Tensor
    group: ProcessGroup
    excluded: Cells | None = None
    soft: SoftCells | None = None

    def excluded_in(self, number: int) -> Tensor | None:
        """Flat positions of the cells of a block that are no candidates."""
        return None if self.excluded is None else self.excluded.in_block(number)[0]

    def in_one_block(self, bound: float) -> bool:
        """Whether :mod:`antiphon.align.losses.one_block` can take the batch; ``bound`` holds for all logits."""
        return self.excluded is None and fits_one_block(self.grid, bound, self.row_weight.dtype)


def prepare(
    m: int,
    n_local: int,
    positives: Positives,
    *,
    soft: SoftTargets | None,
    exclude: Exclusion | None,
    block: Block,
    group: ProcessGroup,
    dtype: torch.dtype,
) -> Step:
    """What is constant while one batch of m texts and the n_local tracks of this process is worked on.

    Raises
    ------
    ValueError : cells lie outside the batch, or one is a positive and excluded.
    """
    device = positives.indices.device
    sizes = group.gather(torch.tensor([[m, n_local]], device=device)).sum(0)
    m_all, n = int(sizes[0]), int(sizes[1])
    positives.require_columns(n)
    counts = group.total(torch.bincount(positives.indices, minlength=n))
    asks = counts > 0
    row_weight = torch.full((m,), 0.5 / m_all, dtype=dtype, device=device)
    column_weight = asks.to(dtype) * (0.5 / int(asks.sum()))
    rows, columns = positives.rows, positives.indices
    hard = row_weight[rows] / positives.counts[rows] + column_weight[columns] / counts[columns]
    grid = Grid.cut(m, n, block, device)
    step = Step(
        grid=grid,
        cells=grid.cells(rows, columns, hard * (1 - soft.weight) if soft else hard),
        row_weight=row_weight,
        column_weight=column_weight,
        group=group,
        excluded=None if exclude is None else excluded_cells(exclude.to(device), positives, grid),
    )
    return step if soft is None else _with_soft(step, soft, n_local)


def _with_soft(step: Step, soft: SoftTargets, n_local: int) -> Step:
    grid = step.grid
    near, far = _features(soft, grid.m, n_local, step.group, step.row_weight)
    near = near / soft.temperature
    bound = largest_product(near, far)
    near, far = lowered(near, grid.m * grid.n), lowered(far, grid.m * grid.n)
    weights = step.row_weight * soft.weight, step.column_weight * soft.weight
    kept = None
    if step.in_one_block(bound):
        kept, row, column = softmaxes_at_once(product(near, far.T), bound, *weights, step.group)
    else:
        row, column = _log_sums(near, far, bound, step)
    softmaxes = Softmaxes(row=row, column=column, row_weight=weights[0], column_weight=weights[1], bound=bound)
    return replace(step, soft=SoftCells(rows=near, columns=far, softmaxes=softmaxes, kept=kept))


def _features(soft: SoftTargets, m: int, n_local: int, group: ProcessGroup, like: Tensor) -> tuple[Tensor, Tensor]:
    """Text features of own rows (m, d), and of the columns of all processes (n, d), in the type of ``like``."""
    features = soft.features.detach().to(like)
    columns = features if soft.row_of_column is None else features[soft.row_of_column]
    if len(features) != m or len(columns) != n_local:
        raise ValueError(
            f"{len(features)} text features for {m} texts and {len(columns)} for {n_local} pieces of audio; "
            "where their numbers differ, row_of_column says which text stands for each piece of audio"
        )
    return features, group.gather(columns)


def _log_sums(near: Tensor, far: Tensor, bound: float, step: Step) -> tuple[Tensor, Tensor]:
    """Log-sum-exp of the rows (m,) and, over all processes, of the columns (n,) of near · farᵀ."""
    sums = Sums(step.grid.m, step.grid.n, step.row_weight, bound)
    for number, rows, columns in step.grid:
        sums.add(leave_out(product(near[rows], far[columns].T), step.excluded_in(number)), rows, columns)
    row, column = sums.finish()
    return row, step.group.logsumexp(column)


def largest_product(rows: Tensor, columns: Tensor) -> float:
    """No dot product of a row and a column is larger in magnitude (Cauchy–Schwarz)."""
    longest = [torch.linalg.vector_norm(x, dim=1).amax() if len(x) else x.new_zeros(()) for x in (rows, columns)]
    return float(longest[0] * longest[1])
