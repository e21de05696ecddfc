"""Which group goes into which fold, and whose captions a share shows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antiphon.evaluate.folds.dealing import VAL, chosen_for_val, deal, shown

SIZES = st.lists(st.integers(1, 6), min_size=12, max_size=60).map(np.array)


@given(SIZES, st.integers(2, 6), st.integers(0, 5))
def test_folds_are_nearly_equal_and_the_same_each_time(sizes: np.ndarray, folds: int, seed: int) -> None:
    fold = deal(sizes, folds, seed=seed)
    filled = np.bincount(fold, weights=sizes, minlength=folds)
    assert filled.max() - filled.min() <= sizes.max()
    np.testing.assert_array_equal(fold, deal(sizes, folds, seed=seed))


@given(SIZES, st.integers(0, 5))
def test_val_is_outside_the_fold_and_about_its_share(sizes: np.ndarray, seed: int) -> None:
    fold = deal(sizes, 5, seed=seed)
    for k in range(5):
        val = chosen_for_val(sizes, fold, k, seed=seed)
        assert not (val & (fold == k)).any()
        assert VAL * sizes.sum() <= sizes[val].sum() < VAL * sizes.sum() + sizes.max()


@given(SIZES, st.integers(0, 5))
def test_a_small_share_is_part_of_a_larger_one(sizes: np.ndarray, seed: int) -> None:
    shares = [shown(sizes, share, seed=seed) for share in (0.1, 0.2, 0.4, 0.8, 1.0)]
    for small, large in itertools.pairwise(shares):
        assert not (small & ~large).any()
    assert shares[-1].all()
    for share, found in zip((0.1, 0.2, 0.4, 0.8), shares, strict=False):
        assert sizes[found].sum() == pytest.approx(share * sizes.sum(), abs=sizes.max() / 2 + 1e-9)
