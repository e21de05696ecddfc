"""What choosing by a val split costs: a choice that is less by chance, and what it is worth on tracks it never saw.

Conventions
-----------
A *candidate* is one of several ways (settings, weights) that were measured on the same val queries. Groups of tracks
are drawn with replacement, captions and tracks of a group together; in each resample the best candidate is chosen
anew. The groups that a resample happened not to draw judge its choice: the bootstrap bias correction of Tsamardinos,
Greasidou & Borboudakis 2018 ("Bootstrapping the out-of-sample predictions for efficient and accurate
cross-validation", Machine Learning 107), which asks for no further training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.retrieval import rank_both

Float64 = NDArray[np.float64]
Index = NDArray[np.int64]
RESAMPLES = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Scores:
    """One candidate's reciprocal ranks, summed by group.

    Parameters
    ----------
    t2a, a2t : (g,) sums over the captions and over the tracks of each group.
    captions, tracks : (g,) how many they are.
    """

    t2a: Float64
    a2t: Float64
    captions: Float64
    tracks: Float64

    def mrr(self) -> float:
        """Mean of both directions' MRR."""
        return float(self.t2a.sum() / self.captions.sum() + self.a2t.sum() / self.tracks.sum()) / 2

    def to_dict(self) -> dict[str, list[float]]:
        """Plain values for JSON."""
        return {key: value.tolist() for key, value in vars(self).items()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Scores:
        """Inverse of :meth:`to_dict`."""
        return cls(**{key: np.asarray(value, dtype=np.float64) for key, value in data.items()})


def scores(text: NDArray[Any], audio: NDArray[Any], track_of_caption: Index, text_id: Index, group: Index) -> Scores:
    """Rank a split's captions (m, k) and tracks (n, k); ``group`` (n,) numbers the tracks' groups from 0."""
    ranked = rank_both(text, audio, track_of_caption, text_id)
    own, count = group[track_of_caption], int(group.max()) + 1
    return Scores(
        t2a=_sums(own, 1 / ranked["t2a"], count),
        a2t=_sums(group, 1 / ranked["a2t"], count),
        captions=np.bincount(own, minlength=count).astype(np.float64),
        tracks=np.bincount(group, minlength=count).astype(np.float64),
    )


def _sums(labels: Index, values: NDArray[Any], count: int) -> Float64:
    return np.bincount(labels, weights=values, minlength=count).astype(np.float64)


def _means(candidates: Sequence[Scores], weights: Float64) -> Float64:
    """(resamples, candidates) mean MRR with each group counted as often as ``weights`` (resamples, g) says."""
    t2a, a2t = (np.stack([getattr(c, way) for c in candidates], axis=1) for way in ("t2a", "a2t"))
    first = candidates[0]
    by_caption, by_track = weights @ first.captions, weights @ first.tracks
    return np.asarray((weights @ t2a / by_caption[:, None] + weights @ a2t / by_track[:, None]) / 2)


def _draws(groups: int, resamples: int, seed: int) -> Float64:
    rng = np.random.default_rng(seed)
    drawn = rng.multinomial(groups, np.full(groups, 1 / groups), size=resamples).astype(np.float64)
    return np.asarray(drawn[(drawn == 0).any(axis=1)])  # a resample that leaves no group out can judge nothing


def votes(candidates: Sequence[Scores], *, resamples: int = RESAMPLES, seed: int = 0) -> Float64:
    """(c,) share of the resamples in which each candidate is the best; at a tie the first.

    Where one is clearly the best it has them all; where the split cannot tell, they are spread. A mean of candidates
    by these votes is a steadier choice than the single best (bagging, Breiman 1996).
    """
    if len(candidates[0].tracks) < 2:
        return np.asarray(np.eye(len(candidates))[int(np.argmax([c.mrr() for c in candidates]))])
    chosen = _means(candidates, _draws(len(candidates[0].tracks), resamples, seed)).argmax(axis=1)
    return np.asarray(np.bincount(chosen, minlength=len(candidates)) / len(chosen))


@dataclass(frozen=True, kw_only=True)
class Optimism:
    """How much of a choice's advantage is the luck of having been chosen.

    Parameters
    ----------
    best, reference : mean-of-directions val MRR of the chosen candidate and of the first.
    expected : what the chosen one is worth on tracks it was not chosen by.
    ci95 : interval of ``expected`` from the resamples.
    gain : best − reference, as seen.
    expected_gain : the same on tracks that the choice did not see; the rest of ``gain`` is selection noise.
    gain_ci95 : its interval.
    better : share of the resamples whose choice did better than the first on the tracks it did not see.
    """

    best: float
    reference: float
    expected: float
    ci95: tuple[float, float]
    gain: float
    expected_gain: float
    gain_ci95: tuple[float, float]
    better: float

    @property
    def trust(self) -> float:
        """0 where the choice does better no more often than not, 1 where it always does."""
        return max(0.0, 2 * self.better - 1)

    @property
    def noise(self) -> float:
        """The part of the gain that came from choosing."""
        return self.gain - self.expected_gain

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {**vars(self), "noise": self.noise, "ci95": list(self.ci95), "gain_ci95": list(self.gain_ci95)}


def optimism(candidates: Sequence[Scores], *, resamples: int = RESAMPLES, seed: int = 0) -> Optimism | None:
    """Judge the choice of the best candidate; the first is what it is compared with.

    Returns
    -------
    None where val has fewer than two groups, or there is a single candidate.
    """
    if len(candidates) < 2 or len(candidates[0].tracks) < 2:
        return None
    drawn = _draws(len(candidates[0].tracks), resamples, seed)
    left_out = (drawn == 0).astype(np.float64)
    chosen = _means(candidates, drawn).argmax(axis=1)
    judged = _means(candidates, left_out)
    found = judged[np.arange(len(chosen)), chosen]
    gained = found - judged[:, 0]
    values = [candidate.mrr() for candidate in candidates]
    return Optimism(
        best=max(values),
        reference=values[0],
        expected=float(found.mean()),
        ci95=_interval(found),
        gain=max(values) - values[0],
        expected_gain=float(gained.mean()),
        gain_ci95=_interval(gained),
        better=float(np.mean(gained > 0)),
    )


def _interval(values: Float64) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)
