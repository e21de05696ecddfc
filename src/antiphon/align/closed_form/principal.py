"""Principal axes of standardised vectors, whatever their width.

With X the (n, d) standardised vectors, each row weighted so that the weights sum to 1, the covariance is X' W X.
Closed forms only ever need it inside the span of the rows, so that min(n, d) axes are enough: they come from the
(d, d) covariance where vectors are narrow and from the (n, n) Gram matrix where they are wide (76,800 numbers of some
thousand tracks). Wide vectors are visited a slice of columns at a time and never converted as a whole.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.scaling import Scaling, slices

Float = NDArray[np.floating]
MAX_RANK = 2048
BATCH_ROWS = 256
SMALL_SINGULAR = 1e-4
"""Of the greatest singular value: one below this has lost half its digits in the square of the matrix."""
# Above this many multiplications sums run in float32; the axes that would suffer are far below any useful ridge.
DOUBLE_UP_TO = 2e10
# Means are float32: an axis of less variance than this, relative to the greatest, may be their rounding.
NOISE = 1e-10


@dataclass(frozen=True, kw_only=True)
class Principal:
    """Axes of greatest variance and where the rows lie on them.

    Parameters
    ----------
    scaling : how vectors are standardised.
    variance : (r,) variance along each axis, falling, all > 0.
    basis : (d, r) orthonormal axes.
    """

    scaling: Scaling
    variance: Float
    basis: Float

    @classmethod
    def from_rows(
        cls,
        vectors: Float,
        weights: Float,
        *,
        max_rank: int = MAX_RANK,
        seed: int = 0,
        standardise: bool = True,
        exact: bool = True,
    ) -> Principal:
        """Axes of (n, d) vectors whose row weights (n,) sum to 1; without ``standardise`` they are centred alone.

        Unless ``exact``, all sums run in float32, and not only those of many multiplications: good for leading axes.
        At most ``max_rank`` axes are kept; if there are more, the greatest ones are found by subspace iteration from a
        seeded random start (Halko, Martinsson & Tropp 2011, arXiv:0909.4061).
        """
        n, d = vectors.shape
        dtype = np.float64 if exact and float(n) * d * min(n, d) <= DOUBLE_UP_TO else np.float32
        scaling = Scaling.from_rows(vectors, weights) if standardise else Scaling.centring(vectors, weights)
        root = np.sqrt(weights).astype(dtype)[:, None]
        small = np.zeros((min(n, d),) * 2, dtype)
        if d <= n:
            for rows in slices(n):
                part = scaling.apply(vectors[rows], dtype) * root[rows]
                small += part.T @ part
            variance, basis = _leading(small, max_rank, seed)
            return cls(scaling=scaling, variance=variance, basis=basis)
        for columns in slices(d):
            part = scaling.apply(vectors, dtype, columns) * root
            small += part @ part.T
        variance, left = _leading(small, max_rank, seed)
        back, basis = left / np.sqrt(variance), np.empty((d, len(variance)), dtype)
        for columns in slices(d):
            basis[columns] = (scaling.apply(vectors, dtype, columns) * root).T @ back
        return cls(scaling=scaling, variance=variance, basis=basis)

    def coordinates(self, vectors: Float) -> Float:
        """(n, r) standardised vectors along the axes; what lies outside their span is dropped."""
        batches = range(0, len(vectors), BATCH_ROWS)
        dtype = self.basis.dtype.type
        found = np.empty((len(vectors), len(self.variance)), dtype)
        for start in batches:
            rows = slice(start, start + BATCH_ROWS)
            found[rows] = self.scaling.apply(vectors[rows], dtype) @ self.basis
        return found

    def covariance(self, other: Float, vectors: Float) -> Float:
        """(k, r) ``other.T @ coordinates(vectors)`` of (n, k) numbers, by one product with the basis for all rows."""
        dtype = np.result_type(self.basis, other).type
        n, d = vectors.shape
        if d <= n:
            raw = np.zeros((other.shape[1], d), dtype)
            for rows in slices(n):
                raw += other[rows].T @ self.scaling.apply(vectors[rows], dtype)
            return np.asarray(raw @ self.basis)
        found = np.zeros((other.shape[1], len(self.variance)), dtype)
        for columns in slices(d):
            found += (other.T @ self.scaling.apply(vectors, dtype, columns)) @ self.basis[columns]
        return found


def leading_svd(matrix: Float, most: int) -> tuple[Float, Float, Float]:
    """The greatest singular values of (m, n), ``most`` at most, with their vectors: (m, k), (k,) falling, (n, k).

    The eigenvectors of its smaller square take a half to a quarter of the time of a singular value decomposition. The
    square knows a small singular value to fewer digits, so where one that is asked for is small, or nothing, it is
    the decomposition that is made.
    """
    if len(matrix) > matrix.shape[1]:
        right, values, left = leading_svd(matrix.T, most)
        return left, values, right
    exact = matrix.astype(np.float64)
    squares, vectors = (part[..., : -most - 1 : -1] for part in np.linalg.eigh(exact @ exact.T))
    if len(squares) and squares[-1] > squares[0] * SMALL_SINGULAR**2:
        left, values, right = vectors, np.sqrt(squares), (exact.T @ vectors) / np.sqrt(squares)
    else:
        left, values, right = np.linalg.svd(exact, full_matrices=False)
        left, values, right = left[:, :most], values[:most], right[:most].T
    return left.astype(matrix.dtype), values.astype(matrix.dtype), right.astype(matrix.dtype)


def _leading(matrix: Float, max_rank: int, seed: int) -> tuple[Float, Float]:
    """The greatest eigenvalues of a positive matrix, falling, and their vectors; those that are noise are left out."""
    size = len(matrix)
    if size <= max(max_rank, MAX_RANK):
        values, vectors = (part[..., -max_rank:] for part in np.linalg.eigh(matrix))
    else:
        start = np.random.default_rng(seed).standard_normal((size, max_rank)).astype(matrix.dtype)
        axes = np.linalg.qr(matrix @ start)[0]
        for _ in range(4):
            axes = np.linalg.qr(matrix @ axes)[0]
        values, inside = np.linalg.eigh(axes.T @ matrix @ axes)
        vectors = axes @ inside
    values, vectors = values[::-1], vectors[:, ::-1]
    kept = values > values[0] * max(NOISE, 32 * float(np.finfo(matrix.dtype).eps))
    return values[kept], np.ascontiguousarray(vectors[:, kept])
