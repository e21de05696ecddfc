"""Which items are correct answers to which query.

Conventions: t2a means that captions are the queries and tracks the items, a2t the other way round. A text that stands
on several tracks describes each of them, so each of them is a correct answer to it; captions of identical text are
interchangeable answers to a track. "Identical" is decided by the caller, who gives equal texts an equal number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Index = NDArray[np.int64]


class CaptionedTracks(Protocol):
    """Which track each caption is about, and which captions read the same."""

    @property
    def track_of_caption(self) -> Index:
        """(m,) row of the track."""

    @property
    def text_id(self) -> Index:
        """(m,) equal for equal texts."""


@dataclass(frozen=True)
class Correct:
    """Correct items of every query, as compressed rows: those of query i are ``indices[indptr[i] : indptr[i + 1]]``.

    Parameters
    ----------
    indptr : (q + 1,) int64, ascending from 0.
    indices : (indptr[-1],) int64 item numbers, none twice for one query.
    """

    indptr: Index
    indices: Index

    @cached_property
    def counts(self) -> Index:
        """(q,) number of correct items of each query."""
        counts: Index = np.diff(self.indptr)
        return counts

    def of_queries(self, asked: NDArray[np.bool_]) -> Correct:
        """Those of some queries, in their order; ``asked`` is (q,)."""
        return _rows(self, np.flatnonzero(asked))

    @cached_property
    def queries(self) -> Index:
        """(indptr[-1],) the query that each entry of ``indices`` belongs to."""
        return np.repeat(np.arange(len(self.indptr) - 1), self.counts)


def one_each(items: NDArray[Any]) -> Correct:
    """Exactly one correct item a query: ``items`` is (q,) item numbers."""
    return Correct(np.arange(len(items) + 1), np.asarray(items, dtype=np.int64))


def correct_tracks(track_of_caption: NDArray[Any], text_id: NDArray[Any], n_tracks: int) -> Correct:
    """t2a: a caption's track, and every other track that has a caption of identical text.

    Parameters
    ----------
    track_of_caption : (m,) track number of each caption, 0 … n_tracks − 1.
    text_id : (m,) equal for captions of identical text, 0 … n_texts − 1.
    n_tracks : how many tracks there are.

    Raises
    ------
    ValueError : the arrays differ in length, or a track number is out of range.
    """
    track, text = _checked(track_of_caption, text_id, n_tracks)
    pairs = np.unique(text * n_tracks + track)  # ordered by text, then by track
    return _rows(_by_key(pairs // n_tracks, pairs % n_tracks, int(text.max(initial=-1)) + 1), text)


def correct_captions(track_of_caption: NDArray[Any], text_id: NDArray[Any], n_tracks: int) -> Correct:
    """a2t: a track's own captions, and every caption identical in text to one of them.

    Parameters and errors as :func:`correct_tracks`; a track without captions gets an empty row.
    """
    track, text = _checked(track_of_caption, text_id, n_tracks)
    n_texts = int(text.max(initial=-1)) + 1
    captions = _by_key(text, np.arange(len(text)), n_texts)
    pairs = np.unique(track * max(n_texts, 1) + text)  # ordered by track, then by text
    rows = _rows(captions, pairs % max(n_texts, 1))
    first = np.searchsorted(pairs // max(n_texts, 1), np.arange(n_tracks + 1))
    return Correct(rows.indptr[first], rows.indices)


def _checked(track_of_caption: NDArray[Any], text_id: NDArray[Any], n_tracks: int) -> tuple[Index, Index]:
    track, text = np.asarray(track_of_caption, dtype=np.int64), np.asarray(text_id, dtype=np.int64)
    if track.ndim != 1 or track.shape != text.shape:
        raise ValueError(f"track_of_caption {track.shape} and text_id {text.shape} must be equally long vectors")
    if len(track) and (track.min() < 0 or track.max() >= n_tracks or text.min() < 0):
        raise ValueError(f"track numbers must lie in 0 … {n_tracks - 1} and text numbers must not be negative")
    return track, text


def _by_key(keys: Index, values: Index, n_keys: int) -> Correct:
    """Rows of ``values`` that share a key, in their given order."""
    order = np.argsort(keys, kind="stable")
    return Correct(np.searchsorted(keys[order], np.arange(n_keys + 1)).astype(np.int64), values[order])


def _rows(table: Correct, rows: Index) -> Correct:
    """The given rows of a table, one after another."""
    lengths = table.counts[rows]
    indptr = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    within = np.arange(indptr[-1]) - np.repeat(indptr[:-1], lengths)
    return Correct(indptr, table.indices[np.repeat(table.indptr[rows], lengths) + within])
