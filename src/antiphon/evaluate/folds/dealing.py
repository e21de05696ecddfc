"""Which group goes into which fold, which groups choose the epoch, and whose captions a share shows: numpy alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]
VAL = 0.1
"""Share of all tracks that choose the epoch and settings in each fold."""


def deal(sizes: Index, folds: int, *, seed: int = 0) -> Index:
    """Deal groups to folds of nearly equal size, large groups first, equal ones in random order.

    Parameters
    ----------
    sizes : (g,) tracks of each group.
    folds : how many, at least 1.
    seed : of the order.

    Returns
    -------
    (g,) fold of each group, 0 … folds − 1.
    """
    order = np.random.default_rng(seed).permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    fold, filled = np.zeros(len(sizes), np.int64), np.zeros(folds, np.int64)
    for group in order:
        fold[group] = np.argmin(filled)
        filled[fold[group]] += sizes[group]
    return fold


def chosen_for_val(sizes: Index, fold: Index, k: int, *, seed: int = 0) -> NDArray[np.bool_]:
    """Groups outside fold k that are val: random ones, until they have :data:`VAL` of all tracks.

    Parameters
    ----------
    sizes, fold : (g,) as :func:`deal` takes and gives them.
    """
    rest = np.random.default_rng([seed, k]).permutation(np.flatnonzero(fold != k))
    before = np.cumsum(sizes[rest]) - sizes[rest]
    val = np.zeros(len(sizes), np.bool_)
    val[rest[before < VAL * sizes.sum()]] = True
    return val


def shown(sizes: Index, share: float, *, seed: int = 0) -> NDArray[np.bool_]:
    """Groups that hold a share of the tracks; those of a small share are among those of a larger one.

    Parameters
    ----------
    sizes : (g,) tracks of each group; groups of 0 are shown.
    share : 0 … 1.
    """
    order = np.random.default_rng([seed, 2]).permutation(len(sizes))
    upto = np.cumsum(sizes[order])
    found = np.zeros(len(sizes), np.bool_)
    # the group that straddles the share belongs to it where more than half of it lies inside
    found[order[upto - sizes[order] / 2 <= share * sizes.sum() + 1e-9]] = True
    found[sizes == 0] = True
    return found
