"""The contrastive loss in two Triton kernels: similarities stay on the chip.

Each program owns one stretch of rows and walks over all columns. :func:`sums` keeps a running log-sum-exp of its rows
(online softmax: Milakov and Gimelshein 2018, arXiv:1805.02867), :func:`gradients` makes every tile again and multiplies
what it does to the logits with the columns (as FlashAttention does: Dao et al. 2022, arXiv:2205.14135). The columns'
own sums and gradients are the same kernels with both sides exchanged. Nobody else writes a program's rows: no atomic
additions, so that the same input gives the same numbers.

Importing this module needs Triton; only :mod:`antiphon.align.fused` does it, and only where it is asked for.
"""

import triton
import triton.language as tl


@triton.jit
def _multiplied(a, b, total, PRECISION: tl.constexpr):
    """``total + a @ b``; "raised" because the interpreter would multiply the bits of bfloat16 as whole numbers."""
    if PRECISION == "raised":
        found = tl.dot(a.to(tl.float32), b.to(tl.float32), total, input_precision="ieee")
    else:
        found = tl.dot(a, b, total, input_precision=PRECISION)
    return found


@triton.jit
def _tile(near, far, rows, columns, m, n, width, CHUNK: tl.constexpr, PRECISION: tl.constexpr):
    """Dot products of some rows of near (m, width) with some of far (n, width), summed in float32."""
    total = tl.zeros((rows.shape[0], columns.shape[0]), tl.float32)
    for start in range(0, width, CHUNK):
        k = start + tl.arange(0, CHUNK)
        a = tl.load(near + rows[:, None] * width + k[None, :], (rows < m)[:, None] & (k < width)[None, :], other=0.0)
        b = tl.load(
            far + columns[None, :] * width + k[:, None], (columns < n)[None, :] & (k < width)[:, None], other=0.0
        )
        total = _multiplied(a, b, total, PRECISION)
    return total


@triton.jit
def _hard(rows, columns, cursor, end, last, cell_row, cell_column, cell_weight):
    """Hard targets of one tile, from cells in the order of their columns; and where the next tile's begin."""
    found = tl.zeros((rows.shape[0], columns.shape[0]), tl.float32)
    column = tl.load(cell_column + cursor, cursor < end, other=2147483647)
    while column < last:
        here = (rows == tl.load(cell_row + cursor))[:, None] & (columns == column)[None, :]
        found = tl.where(here, tl.load(cell_weight + cursor), found)
        cursor += 1
        column = tl.load(cell_column + cursor, cursor < end, other=2147483647)
    return found, cursor


@triton.jit
def _cells(
    near, far, scale, rows, columns, m, n, width, hard,
    apart_near, apart_far, apart_width, threshold,
    soft_near, soft_far, soft_width, soft_row, soft_column, soft_row_weight, soft_column_weight,
    APART: tl.constexpr, SOFT: tl.constexpr, CHUNK: tl.constexpr, PRECISION: tl.constexpr,
):  # fmt: skip
    """Logits of one tile, −inf where there is no candidate, and all that its targets take off the gradient."""
    candidate = (rows < m)[:, None] & (columns < n)[None, :]
    if APART:
        alike = _tile(apart_near, apart_far, rows, columns, m, n, apart_width, CHUNK, "ieee")
        candidate = candidate & ((alike <= threshold) | (hard > 0))
    target = hard
    if SOFT:
        alike = _tile(soft_near, soft_far, rows, columns, m, n, soft_width, CHUNK, PRECISION)
        by_row = tl.exp(alike - tl.load(soft_row + rows, rows < m, other=float("inf"))[:, None])
        by_column = tl.exp(alike - tl.load(soft_column + columns, columns < n, other=float("inf"))[None, :])
        by_row *= tl.load(soft_row_weight + rows, rows < m, other=0.0)[:, None]
        by_column *= tl.load(soft_column_weight + columns, columns < n, other=0.0)[None, :]
        target += tl.where(candidate, by_row + by_column, 0.0)
    logits = _tile(near, far, rows, columns, m, n, width, CHUNK, PRECISION) * tl.load(scale)
    return tl.where(candidate, logits, float("-inf")), target


@triton.jit
def sums(
    near, far, scale, m, n, width, cell_start, cell_row, cell_column, cell_weight,
    apart_near, apart_far, apart_width, threshold,
    soft_near, soft_far, soft_width, soft_row, soft_column, soft_row_weight, soft_column_weight,
    row_out, reached_out,
    APART: tl.constexpr, SOFT: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, CHUNK: tl.constexpr,
    PRECISION: tl.constexpr,
):  # fmt: skip
    """Log-sum-exp of every row, and the sum of its logits times their targets."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    cursor, end = tl.load(cell_start + tl.program_id(0)), tl.load(cell_start + tl.program_id(0) + 1)
    top = tl.full((ROWS,), float("-inf"), tl.float32)
    total, reached = tl.zeros((ROWS,), tl.float32), tl.zeros((ROWS,), tl.float32)
    for left in range(0, n, COLUMNS):
        columns = left + tl.arange(0, COLUMNS).to(tl.int64)
        hard, cursor = _hard(rows, columns, cursor, end, left + COLUMNS, cell_row, cell_column, cell_weight)
        logits, target = _cells(
            near, far, scale, rows, columns, m, n, width, hard, apart_near, apart_far, apart_width, threshold,
            soft_near, soft_far, soft_width, soft_row, soft_column, soft_row_weight, soft_column_weight,
            APART, SOFT, CHUNK, PRECISION,
        )  # fmt: skip
        reached += tl.sum(tl.where(target > 0, target * logits, 0.0), 1)
        higher = tl.maximum(top, tl.max(logits, 1))
        shift = tl.where(higher == float("-inf"), 0.0, higher)
        total = total * tl.exp(top - shift) + tl.sum(tl.exp(logits - shift[:, None]), 1)
        top = higher
    tl.store(row_out + rows, tl.where(total > 0, tl.log(total) + top, float("-inf")), rows < m)
    tl.store(reached_out + rows, reached, rows < m)


@triton.jit
def gradients(
    near, far, scale, m, n, width, cell_start, cell_row, cell_column, cell_weight,
    apart_near, apart_far, apart_width, threshold,
    soft_near, soft_far, soft_width, soft_row, soft_column, soft_row_weight, soft_column_weight,
    row, column, row_weight, column_weight, out,
    APART: tl.constexpr, SOFT: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr, CHUNK: tl.constexpr,
    PRECISION: tl.constexpr, WIDE: tl.constexpr,
):  # fmt: skip
    """Gradient by logits times far: WIDE of each row's numbers a program. A log-sum-exp of +inf gives no gradient."""
    rows = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    wide = tl.program_id(1) * WIDE + tl.arange(0, WIDE)
    cursor, end = tl.load(cell_start + tl.program_id(0)), tl.load(cell_start + tl.program_id(0) + 1)
    row_sum = tl.load(row + rows, rows < m, other=float("inf"))[:, None]
    weight = tl.load(row_weight + rows, rows < m, other=0.0)[:, None]
    total = tl.zeros((ROWS, WIDE), tl.float32)
    for left in range(0, n, COLUMNS):
        columns = left + tl.arange(0, COLUMNS).to(tl.int64)
        hard, cursor = _hard(rows, columns, cursor, end, left + COLUMNS, cell_row, cell_column, cell_weight)
        logits, target = _cells(
            near, far, scale, rows, columns, m, n, width, hard, apart_near, apart_far, apart_width, threshold,
            soft_near, soft_far, soft_width, soft_row, soft_column, soft_row_weight, soft_column_weight,
            APART, SOFT, CHUNK, PRECISION,
        )  # fmt: skip
        column_sum = tl.load(column + columns, columns < n, other=float("inf"))[None, :]
        gradient = tl.exp(logits - column_sum) * tl.load(column_weight + columns, columns < n, other=0.0)[None, :]
        gradient += tl.exp(logits - row_sum) * weight - target
        inside = (columns < n)[:, None] & (wide < width)[None, :]
        numbers = tl.load(far + columns[:, None] * width + wide[None, :], inside, other=0.0)
        total = _multiplied(gradient.to(numbers.dtype), numbers, total, PRECISION)
    tl.store(out + rows[:, None] * width + wide[None, :], total, (rows < m)[:, None] & (wide < width)[None, :])
