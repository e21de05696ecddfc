"""What a training was given: numbers that never move, a val that lies elsewhere, captions that are near twins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import unit_length
from antiphon.evaluate.doctor.examinations.space import evenly_spaced

Float = NDArray[np.floating]
Index = NDArray[np.int64]
DRAWS = 100
"""Sets of groups that val is held against."""
FEWEST_GROUPS = 5
"""Training groups below which nobody can say what is usual among them."""
TWINS = 0.95
"""Cosine of two captions' text vectors from which they say the same in other words."""
MOST = 3000
"""Captions that are compared with one another, evenly spaced."""
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class PairFigures:
    """One training's pairs.

    Parameters
    ----------
    still : numbers of the audio vector that are the same for every training track.
    size : numbers of the audio vector.
    text_rank, audio_rank : effective rank of both sides' vectors as the encoders gave them, 1 … their numbers.
    shift, text_shift : how far val's mean track, and caption, lies from training's, as a multiple of how far as many
        groups of the training split lie from it, 95 times in 100; about 1 at most for splits of one library, 0 where
        it cannot be told.
    twins : share of training captions that have a near twin on another track, 0 … 1; equal texts are no twins, they
        count as correct answers already.
    shown : some of these pairs of captions, the nearest first.
    fewest : negatives of the smallest step: tracks of a batch less those with the same caption, at the median caption.
    """

    still: int
    size: int
    text_rank: float
    audio_rank: float
    shift: float
    text_shift: float
    twins: float
    shown: tuple[tuple[str, str], ...]
    fewest: int


def still_numbers(vectors: Float) -> int:
    """Columns of (n, d) that never change."""
    return int((np.ptp(np.asarray(vectors, np.float32), axis=0) == 0).sum())


def shift(train: Float, val: Float, train_groups: Index, val_groups: Index, *, seed: int = 0) -> float:
    """How far val's mean lies from train's, held against sets of as many groups that are drawn from train.

    One artist lies somewhere else than all others, and two often do; so the yardstick is not that of independent
    tracks, but what so few groups of this library do. Distance is the root mean square over the columns of the
    difference in standard deviations of train.

    Parameters
    ----------
    train, val : (n, d) and (m, d).
    train_groups, val_groups : (n,) and (m,) group of each row.

    Returns
    -------
    Val's distance over the 95th percentile of that of drawn sets; 0 where train has fewer than ``FEWEST_GROUPS``.
    """
    mean, spread = train.mean(0, dtype=np.float64), train.std(0, dtype=np.float64)
    moves = spread > 1e-6 * np.maximum(np.abs(mean), 1e-3)
    names, group = np.unique(train_groups, return_inverse=True)
    if not moves.any() or len(names) < FEWEST_GROUPS:
        return 0.0
    mean, spread = mean[moves], spread[moves]
    order = np.argsort(group, kind="stable")
    sums = np.add.reduceat(train[order][:, moves], np.flatnonzero(np.diff(group[order], prepend=-1)), 0, np.float64)
    sizes, rng = np.bincount(group), np.random.default_rng(seed)
    drawn = [rng.integers(0, len(names), len(np.unique(val_groups))) for _ in range(DRAWS)]
    usual = [_distance(sums[some].sum(0) / sizes[some].sum(), mean, spread) for some in drawn]
    found = _distance(val[:, moves].mean(0, dtype=np.float64), mean, spread)
    return found / max(float(np.quantile(usual, 0.95)), 1e-12)


def _distance(one: Float, mean: Float, spread: Float) -> float:
    return float(np.sqrt(np.square(np.clip((one - mean) / spread, -100, 100)).mean()))


def near_twins(
    text: Float,
    texts: Sequence[str] | NDArray[np.object_],
    track_of_caption: NDArray[np.int64],
    text_id: NDArray[np.int64],
) -> tuple[float, tuple[tuple[str, str], ...]]:
    """Share of captions with a near twin on another track, and some of the pairs, each text once."""
    rows = evenly_spaced(len(text), MOST)
    unit = unit_length(np.asarray(text[rows], np.float32))
    near = unit @ unit.T
    near[track_of_caption[rows][:, None] == track_of_caption[rows]] = -1
    near[text_id[rows][:, None] == text_id[rows]] = -1
    nearest, best = near.argmax(1), near.max(1)
    shown: list[tuple[str, str]] = []
    for row in np.argsort(-best):
        pair = (str(texts[rows[row]]), str(texts[rows[nearest[row]]]))
        if best[row] < TWINS or len(shown) == SHOWN:
            break
        if not any(set(pair) & set(other) for other in shown):
            shown.append(pair)
    return float((best >= TWINS).mean()), tuple(shown)


def negatives(batch_size: int, n_tracks: int, text_id: NDArray[np.int64], track_of_caption: NDArray[np.int64]) -> int:
    """Tracks of a batch that are no correct answer to the median caption."""
    tracks = np.unique(np.stack([text_id, track_of_caption]), axis=1)
    sharing = np.bincount(tracks[0])[text_id]
    batch = min(batch_size, n_tracks)
    return int(batch - 1 - float(np.median(sharing - 1)) * (batch - 1) / max(n_tracks - 1, 1))
