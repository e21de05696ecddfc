"""How well two spaces do together, at several shares at once.

The cosine of two spaces side by side is the weighted mean of their cosines, so every share needs the same two matrix
products and no vectors of its own. Scores are float32, and the pessimistic tie rule of
:mod:`antiphon.metrics.ranks` holds with a tolerance of ``TIE`` instead of exactly: enough to choose by, while what is
reported is ranked exactly.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from antiphon.arrays import Embeddings, Float32
from antiphon.metrics.correct import CaptionedTracks, correct_tracks
from antiphon.metrics.ranks import count_true

Float64 = NDArray[np.float64]
TIE = 4e-6
"""Scores of unit vectors closer than this are tied: above the rounding of a float32 product."""
BLOCK = 1024
CELLS = 1 << 16


def tracks_by_share(first: Embeddings, second: Embeddings, pairs: CaptionedTracks, shares: Sequence[float]) -> Float64:
    """What each track adds to the mean of both directions' MRR of two spaces side by side.

    Parameters
    ----------
    first, second : texts (m, ·) and tracks (n, ·) of ``pairs``, of unit length.
    shares : of the second one, 0 … 1.

    Returns
    -------
    (shares, n) whose mean over tracks is the MRR: half the track's own reciprocal rank, half those of its captions.
    """
    correct = correct_tracks(pairs.track_of_caption, pairs.text_id, len(first.audio))
    text, track = correct.queries, correct.indices
    share = np.asarray(shares, np.float32)[:, None]
    right = (1 - share) * _cells(first, text, track) + share * _cells(second, text, track)
    by_track = np.argsort(track, kind="stable")
    to_tracks, to_texts = _Ranks(right, text), _Ranks(right[:, by_track], track[by_track])
    for top in range(0, len(first.text), BLOCK):
        for left in range(0, len(first.audio), BLOCK):
            rows, columns = slice(top, top + BLOCK), slice(left, left + BLOCK)
            one, other = (space.text[rows] @ space.audio[columns].T for space in (first, second))
            other -= one
            here = (text >= top) & (text < top + BLOCK) & (track >= left) & (track < left + BLOCK)
            cells = text[here] - top, track[here] - left
            one[cells], other[cells] = -np.inf, 0.0  # only what is wrong can stand before what is right
            for k in range(len(shares)):
                scores = other * share[k]
                scores += one
                to_tracks.add(k, rows, scores, axis=1)
                to_texts.add(k, columns, scores, axis=0)
    n, owner = len(first.audio), pairs.track_of_caption
    asked = np.stack([np.bincount(owner, values, minlength=n) for values in 1.0 / to_tracks.ranks])
    added: Float64 = (asked * (n / len(owner)) + 1.0 / to_texts.ranks) / 2
    return added


def _cells(space: Embeddings, text: NDArray[np.int64], track: NDArray[np.int64]) -> Float32:
    """Cosines of single pairs."""
    found = np.empty(len(text), np.float32)
    for start in range(0, len(text), CELLS):
        part = slice(start, start + CELLS)
        found[part] = np.einsum("ij,ij->i", space.text[text[part]], space.audio[track[part]])
    return found


class _Ranks:
    """Ranks of one direction's queries at every share, while blocks of scores go by.

    Parameters
    ----------
    right : (shares, nnz) scores of the correct pairs, by query.
    query : (nnz,) ascending, every query at least once.
    """

    def __init__(self, right: Float32, query: NDArray[np.int64]) -> None:
        starts = np.flatnonzero(np.diff(query, prepend=-1))
        self.enough = np.maximum.reduceat(right, starts, axis=1) - np.float32(TIE)
        self.ranks = np.ones(self.enough.shape, np.int64)

    def add(self, k: int, which: slice, scores: Float32, *, axis: int) -> None:
        """Count a block's wrong items that stand before each of the queries; what is no number stands before all."""
        enough = self.enough[k, which]
        below = scores < (enough[:, None] if axis == 1 else enough)
        self.ranks[k, which] += scores.shape[axis] - count_true(below, axis)
