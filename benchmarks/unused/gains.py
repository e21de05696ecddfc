"""Paired gains over the base, set by set and over all sets, with intervals over groups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from antiphon.arrays import Embeddings
from antiphon.metrics.retrieval import rank_both
from benchmarks.quality.captioned import Captioned

DRAWS = 2000
LEVELS = (0.025, 0.975)


@dataclass(frozen=True, eq=False)
class Ranked:
    """What one idea came to on one fold: reciprocal ranks of both directions' queries, and each query's group."""

    t2a: np.ndarray
    a2t: np.ndarray
    text_groups: np.ndarray
    track_groups: np.ndarray


def ranked(vectors: Embeddings, test: Captioned) -> Ranked:
    """Reciprocal ranks by vectors whose dot product is the score."""
    ranks = rank_both(*vectors, test.track_of_caption, test.text_id)
    return Ranked(1.0 / ranks["t2a"], 1.0 / ranks["a2t"], test.groups[test.track_of_caption], test.groups)


@dataclass(frozen=True, eq=False)
class Gain:
    """An idea's gain on one set.

    Parameters
    ----------
    base : mean of both directions' MRR of the base.
    draws : gain in MRR as a share of ``base``, of groups drawn with replacement; [0] is that of the groups themselves.
    """

    base: float
    draws: np.ndarray

    @property
    def interval(self) -> tuple[float, float]:
        low, high = np.quantile(self.draws[1:], LEVELS)
        return float(low), float(high)


def by_group(folds: list[Ranked]) -> dict[str, tuple[float, float]]:
    """Group → its part in the mean of directions, and its share of all queries; folds of all assignments pooled."""
    found: dict[str, list[float]] = {}
    for way, owners in (("t2a", "text_groups"), ("a2t", "track_groups")):
        values = np.concatenate([getattr(fold, way) for fold in folds])
        groups = np.concatenate([getattr(fold, owners) for fold in folds]).astype(str)
        names, number = np.unique(groups, return_inverse=True)
        sums, counts = np.bincount(number, values), np.bincount(number)
        for name, total, count in zip(names, sums, counts, strict=True):
            mine = found.setdefault(name, [0.0, 0.0])
            mine[0] += total / len(values) / 2
            mine[1] += count / len(values) / 2
    return {name: (parts[0], parts[1]) for name, parts in found.items()}


def gain(mine: list[Ranked], base: list[Ranked], *, seed: int) -> Gain:
    """Of an idea over the base on the same folds; the same seed draws the same groups of the same tracks."""
    ours, theirs = by_group(mine), by_group(base)
    names = sorted(theirs)
    ahead = np.array([ours[name][0] - theirs[name][0] for name in names])
    level, share = (np.array([theirs[name][part] for name in names]) for part in (0, 1))
    rng = np.random.default_rng(seed)
    weights = np.vstack([np.ones(len(names)), rng.multinomial(len(names), [1 / len(names)] * len(names), DRAWS)])
    return Gain(base=float(level.sum()), draws=(weights @ ahead) / (weights @ share) / level.sum())


def over_sets(gains: list[Gain]) -> Gain:
    """Mean over sets; sets of the same tracks were drawn alike."""
    return Gain(base=1.0, draws=np.mean([each.draws for each in gains], axis=0))


def cell(found: Gain) -> str:
    """``+1.2 (−0.3 … +2.6)``, in percent."""
    low, high = found.interval
    return f"{100 * found.draws[0]:+.1f} ({100 * low:+.1f} … {100 * high:+.1f})".replace("-", "−")
