"""Wide vectors along the principal axes of their informative blocks: all that a kernel needs of them.

A Gaussian kernel sees vectors through their distances alone, and squared distances of blocks add up. So each block is
standardised, bent and weighed by relevance as narrow vectors are, and then turned into coordinates along its own
principal axes. Up to ``RANK`` tracks that loses nothing: differences of n tracks lie in n − 1 directions. Beyond that,
directions of least variance are dropped. A few directions of great variance that no caption speaks of would drown all
others in a distance; so half of it counts a block's axes alike (whitening, held back by ``NOISE``).

Landmarks then hold some thousand numbers instead of 76,800, and a checkpoint holds the axes, in float16: at most
``AXES_NUMBERS`` (25 MB), whatever the vectors' width.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from antiphon.align.closed_form.relevance import Predictor, factors
from antiphon.align.closed_form.scaling import Scaling, squash
from antiphon.align.closed_form.wide.blocks import Columns, Index, blocks
from antiphon.align.closed_form.wide.informative import informative

Float = NDArray[np.floating]
WIDE = 4096
"""Numbers of a vector above which it is reduced."""
RANK = 512
"""Axes of a block, at most."""
AXES_NUMBERS = 512 * 24_576
"""Numbers of all axes, at most: with many blocks each has fewer than ``RANK``."""
EVENED = 0.5
"""Share of a block's distance in which its axes count alike; in the rest each counts as much as it varies."""
NOISE = 0.1
"""Added to an axis's variance before axes are made alike, as a share of a typical axis's."""
SAMPLED = 2
"""Tracks that a block's axes are found on, for each axis."""
ROWS = 256


@dataclass(frozen=True, kw_only=True, eq=False)
class Reduction:
    """From the columns that are kept, standardised, bent and balanced, to coordinates.

    Parameters
    ----------
    columns : that are kept, falling into blocks, in order.
    axes : (width, r) of each block, orthogonal but for rounding.
    """

    columns: tuple[slice, ...]
    axes: tuple[NDArray[np.float16], ...]

    @property
    def size(self) -> int:
        """Coordinates of a vector."""
        return sum(own.shape[1] for own in self.axes)

    def kept(self, vectors: Float) -> Float:
        """(n, d) → (n, columns kept)."""
        return np.concatenate([vectors[:, columns] for columns in self.columns], axis=1)

    def coordinates(self, bent: Float) -> NDArray[np.float32]:
        """(n, columns kept) → (n, size)."""
        ends = np.cumsum([len(own) for own in self.axes])
        parts = np.split(np.asarray(bent, np.float32), ends[:-1], axis=1)
        return np.concatenate([part @ own.astype(np.float32) for part, own in zip(parts, self.axes, strict=True)], 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reduced:
    """Wide vectors, reduced.

    Parameters
    ----------
    scaling, balance : of the columns that are kept.
    reduction : as fitted.
    coordinates : (n, reduction.size) of the vectors that it was fitted on.
    """

    scaling: Scaling
    balance: NDArray[np.float32]
    reduction: Reduction
    coordinates: NDArray[np.float32]


@dataclass(kw_only=True, eq=False)
class _Fitted:
    """What is gathered block by block."""

    mean: list[NDArray[np.float32]] = field(default_factory=list)
    scale: list[NDArray[np.float32]] = field(default_factory=list)
    balance: list[NDArray[np.float32]] = field(default_factory=list)
    axes: list[NDArray[np.float16]] = field(default_factory=list)


def reduce(
    audio: Columns,
    words: Float,
    some: Index,
    *,
    sources: Sequence[int] = (),
    layers: Sequence[int] = (),
    seed: int = 0,
) -> Reduced:
    """Reduce wide vectors to what captions speak of.

    Parameters
    ----------
    words : (k, d_text) mean text vectors of some tracks, standardised and bent.
    some : (k,) rows of those tracks.
    sources, layers : as for :func:`antiphon.align.closed_form.wide.blocks.blocks`.
    seed : of the tracks that axes are found on.
    """
    rng, predictor = np.random.default_rng([seed, 0, 6]), Predictor.from_rows(words)
    kept = informative(audio, some, predictor, blocks(audio.size, sources, layers), rng)
    columns = [block for own in kept for block in own]
    weights = _relevance(audio, some, predictor, kept)
    width = sum(block.stop - block.start for block in columns)
    rank = min(RANK, AXES_NUMBERS // width)
    sampled = np.sort(rng.permutation(len(audio))[: SAMPLED * rank])
    fitted, found = _Fitted(), []
    for block, balance in zip(columns, weights, strict=True):
        found.append(_reduce_block(fitted, audio.block(slice(None), block), balance, sampled, rank))
    return Reduced(
        scaling=Scaling(mean=np.concatenate(fitted.mean), scale=np.concatenate(fitted.scale)),
        balance=np.concatenate(fitted.balance),
        reduction=Reduction(columns=tuple(columns), axes=tuple(fitted.axes)),
        coordinates=np.concatenate(found, axis=1),
    )


def _relevance(
    audio: Columns, some: Index, words: Predictor, kept: Sequence[Sequence[slice]]
) -> list[NDArray[np.float32]]:
    """Weights of each block's columns: sources alike, then by relevance, as for narrow vectors."""
    even, shares, alike = np.full(len(some), 1 / len(some)), [], []
    widths = [sum(block.stop - block.start for block in own) for own in kept]
    for own, width in zip(kept, widths, strict=True):
        for block in own:
            part = audio.block(some, block)
            shares.append(words.shares(Scaling.from_rows(part, even).squashed(part, np.float32)))
            alike.append((sum(widths) / (len(kept) * width)) ** 0.5)
    ends = np.cumsum([len(share) for share in shares])
    found = np.split(factors(np.concatenate(shares)), ends[:-1])
    return [(share * own).astype(np.float32) for share, own in zip(found, alike, strict=True)]


def _reduce_block(
    fitted: _Fitted, part: Float, balance: NDArray[np.float32], sampled: Index, rank: int
) -> NDArray[np.float32]:
    """Coordinates of (n, width) numbers as they are stored; what is fitted is added to ``fitted``."""
    scaling = Scaling.from_rows(part, np.full(len(part), 1 / len(part)))
    balance = np.where(_never_moved(part), 0, balance).astype(np.float32)  # it cannot tell tracks apart

    def bent(rows: Index | slice) -> Float:
        return squash(scaling.apply(part[rows], np.float32)) * balance

    axes = principal_axes(bent(sampled), rank)
    fitted.mean.append(scaling.mean)
    fitted.scale.append(scaling.scale)
    fitted.balance.append(balance)
    fitted.axes.append(axes)
    there = axes.astype(np.float32)
    return np.concatenate([bent(slice(i, i + ROWS)) @ there for i in range(0, len(part), ROWS)])


def _never_moved(part: Float) -> NDArray[np.bool_]:
    """Columns of one and the same number, by its bits: numpy compares float16 slowly."""
    bits = part.view(f"u{part.itemsize}")
    still: NDArray[np.bool_] = (bits == bits[:1]).all(0)
    return still


def principal_axes(rows: Float, rank: int) -> NDArray[np.float16]:
    """(d, r) axes of the greatest variance of (n, d) rows, evened, r ≤ ``rank``; where nothing varies one of zeros."""
    centred = rows - rows.mean(0)
    values, vectors = np.linalg.eigh((centred @ centred.T).astype(np.float64))
    leading = np.flatnonzero(values > 1e-7 * max(values[-1], 1e-30))[::-1][:rank]
    if not len(leading):
        return np.zeros((rows.shape[1], 1), np.float16)
    back = (vectors[:, leading] / np.sqrt(values[leading]) * evened(values[leading])).astype(np.float32)
    axes: NDArray[np.float16] = (centred.T @ back).astype(np.float16)
    return axes


def evened(variance: Float) -> Float:
    """(r,) factors of axes of these variances, after which their total variance is what it was."""
    typical = float(np.square(variance).sum() / variance.sum())
    alike = 1 / (variance + NOISE * typical)
    alike *= variance.sum() / (variance * alike).sum()
    factors_of_axes: Float = np.sqrt(EVENED * alike + 1 - EVENED)
    return factors_of_axes
