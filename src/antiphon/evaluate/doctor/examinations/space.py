"""How captions and tracks lie in the shared space: spread out or on a few lines, apart or among one another, crowded.

All of it is measured on val, which nothing was fitted to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float32]
NEIGHBOURS = 10
MOST = 2000
"""Rows of either side that are looked at, evenly spaced."""
FEW_DIRECTIONS = 3.0
"""Effective rank below which a space of music and words has lost what tells them apart."""
LEAST_OF_POSSIBLE = 0.5
"""Share of the directions that so few rows could have at most, below which they are few, however few rows there are."""


@dataclass(frozen=True, kw_only=True)
class SpaceFigures:
    """One shared space.

    Parameters
    ----------
    text_rank, audio_rank : effective rank, 1 … dim: the exponential of the entropy of the shares that the singular
        values of the centred vectors have (Roy & Vetterli 2007, EUSIPCO).
    dim : numbers in the space.
    gap : distance between the mean caption and the mean track, 0 … 2: the modality gap (Liang et al. 2022,
        arXiv:2203.02053).
    alignment : mean squared distance between a caption and its track, 0 … 4 (Wang & Isola 2020, arXiv:2005.10242).
    uniformity, text_uniformity : log of the mean of exp(−2 · squared distance) between tracks, and between captions,
        ≤ 0; lower is more spread (the same); −4 is a sphere of many dimensions.
    top_hub : share of all captions that have the most popular track among their ten nearest, 0 … 1.
    expected : the same share for a track like any other, 10 / n.
    unreached : share of tracks that no caption has among its ten nearest, 0 … 1.
    n : tracks that were looked at.
    """

    text_rank: float
    audio_rank: float
    dim: int
    gap: float
    alignment: float
    uniformity: float
    text_uniformity: float
    top_hub: float
    expected: float
    unreached: float
    n: int

    @property
    def collapsed(self) -> bool:
        """Whether one side lies on few directions."""
        return few_directions(min(self.text_rank, self.audio_rank), self.n)


def measure_space(text: Float, audio: Float, track_of_caption: NDArray[np.int64]) -> SpaceFigures:
    """Figures of (m, k) captions and (n, k) tracks of unit length, at least two of each; ``track_of_caption`` is (m,).

    Examples
    --------
    >>> measure_space(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32), np.arange(4)).alignment
    0.0
    """
    pairs = np.square(text - audio[track_of_caption]).sum(1)
    tracks, captions = audio[evenly_spaced(len(audio), MOST)], text[evenly_spaced(len(text), MOST)]
    counts = popularity(captions, tracks)
    return SpaceFigures(
        text_rank=effective_rank(captions),
        audio_rank=effective_rank(tracks),
        dim=text.shape[1],
        gap=float(np.linalg.norm(text.mean(0) - audio.mean(0))),
        alignment=float(pairs.mean()),
        uniformity=uniformity(tracks),
        text_uniformity=uniformity(captions),
        top_hub=float(counts.max() / len(captions)),
        expected=min(1.0, NEIGHBOURS / len(tracks)),
        unreached=float((counts == 0).mean()),
        n=len(tracks),
    )


def uniformity(rows: Float) -> float:
    """Log of the mean of exp(−2 · squared distance) over all pairs of at least two rows of unit length."""
    squared = np.maximum(2 - 2 * rows @ rows.T, 0)[np.triu_indices(len(rows), 1)]
    return float(np.log(np.exp(-2 * squared).mean()))


def effective_rank(rows: Float) -> float:
    """Directions that centred rows spread over, 1 … min(n, k); 1 where all rows are the same."""
    values = np.linalg.svd(rows - rows.mean(0), compute_uv=False).astype(np.float64)
    shares = values / values.sum() if values.sum() > 1e-6 else np.array([1.0])
    shares = shares[shares > 0]
    return float(np.exp(-(shares * np.log(shares)).sum()))


def few_directions(rank: float, n: int) -> bool:
    """Whether an effective rank is low for n rows, which centred have n − 1 directions at most.

    Examples
    --------
    >>> few_directions(2.9, 400), few_directions(2.9, 4)
    (True, False)
    """
    return rank < min(FEW_DIRECTIONS, LEAST_OF_POSSIBLE * (n - 1))


def popularity(captions: Float, tracks: Float) -> NDArray[np.int64]:
    """(n,) for each track, how many captions have it among their ten nearest (Radovanović et al. 2010, JMLR 11)."""
    nearest = np.argpartition(-(captions @ tracks.T), min(NEIGHBOURS, len(tracks)) - 1, axis=1)[:, :NEIGHBOURS]
    return np.bincount(nearest.ravel(), minlength=len(tracks))


def evenly_spaced(n: int, most: int) -> NDArray[np.int64]:
    """Indices of at most ``most`` of ``n`` rows, the first and the last among them."""
    return np.unique(np.linspace(0, n - 1, min(n, most)).astype(np.int64))
