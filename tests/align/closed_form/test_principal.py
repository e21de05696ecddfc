"""Principal axes and leading directions, against the slow obvious ways to them."""

import numpy as np
import pytest

from antiphon.align.closed_form.principal import Principal, leading_svd


@pytest.mark.parametrize(("m", "n"), [(30, 50), (50, 30), (40, 40)])
@pytest.mark.parametrize("rank", [8, 30], ids=["fewer directions than asked", "enough"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_leading_directions_are_those_of_a_singular_value_decomposition(
    m: int, n: int, rank: int, dtype: type[np.floating]
) -> None:
    rng = np.random.default_rng(3)
    matrix = (rng.standard_normal((m, rank)) @ rng.standard_normal((rank, n))).astype(dtype)
    left, values, right = leading_svd(matrix, 12)
    u, every, v = np.linalg.svd(matrix.astype(np.float64), full_matrices=False)
    assert left.dtype == values.dtype == right.dtype == dtype
    assert values.shape == (12,)
    close = 1e-9 if dtype is np.float64 else 2e-4
    assert np.abs(values - every[:12]).max() < close * every[0]
    assert max(np.abs(side.T @ side - np.eye(12)).max() for side in (left, right)) < close
    kept = slice(0, min(rank, 12))  # beyond the rank any direction is as good as another
    found, sought = ((a[:, kept] * b[kept]) @ c[:, kept].T for a, b, c in ((left, values, right), (u, every, v.T)))
    assert np.abs(found - sought).max() < close * every[0]


@pytest.mark.parametrize("size", [20, 90], ids=["narrow", "wide"])
def test_a_covariance_needs_no_coordinates(size: int) -> None:
    rng = np.random.default_rng(4)
    vectors, other = rng.standard_normal((60, size)), rng.standard_normal((60, 7))
    axes = Principal.from_rows(vectors, np.full(60, 1 / 60))
    assert np.allclose(axes.covariance(other, vectors), other.T @ axes.coordinates(vectors), rtol=0, atol=1e-10)
