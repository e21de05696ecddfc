"""The best wrong items of each query, while tiles of scores go by."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct, Index

MANY = 4
"""Candidates of a tile, times those that are kept, from which on each row's best are picked out first."""


class WrongItems:
    """The best wrong items of each query so far; of equal scores the item that stands first.

    Parameters
    ----------
    correct : correct items of each query; all others are wrong.
    kept : items that are kept of each query.

    Attributes
    ----------
    scores : (q, kept) float32, falling; minus infinity where there are no more wrong items.
    items : (q, kept) int32, −1 there.
    """

    def __init__(self, correct: Correct, kept: int) -> None:
        n_queries = len(correct.indptr) - 1
        self._correct = correct
        self.scores = np.full((n_queries, kept), -np.inf, np.float32)
        self.items = np.full((n_queries, kept), -1, np.int32)

    def take(self, scores: NDArray[np.float32], queries: slice, items: slice) -> None:
        """Take in the scores of some queries (rows) for some items (columns); items come in their order."""
        candidate = scores > self.scores[queries, -1:]
        own, item = self._correct_cells(queries, items)
        candidate[own, item] = False
        kept = self.scores.shape[1]
        if np.count_nonzero(candidate) > MANY * kept * len(scores) and kept < scores.shape[1]:
            some = np.argpartition(np.where(candidate, -scores, np.inf), kept - 1, axis=1)[:, :kept]
            row, column = np.repeat(np.arange(len(scores)), kept), some.ravel()
            row, column = row[candidate[row, column]], column[candidate[row, column]]
            self._keep_all_that_tie(candidate, scores, row, column)
        row, column = np.nonzero(candidate)
        if len(row):
            self._merge(row + queries.start, column + items.start, scores[row, column])

    @staticmethod
    def _keep_all_that_tie(
        candidate: NDArray[np.bool_], scores: NDArray[np.float32], row: Index, column: Index
    ) -> None:
        """Leave as candidates what scores no less than the least of those picked: which of equals they are is open."""
        least = np.full(len(scores), np.inf, np.float32)
        np.minimum.at(least, row, scores[row, column])
        candidate &= scores >= least[:, None]

    def _correct_cells(self, queries: slice, items: slice) -> tuple[Index, Index]:
        """Rows and columns of the tile that are no wrong answers."""
        first, last = self._correct.indptr[queries.start], self._correct.indptr[queries.stop]
        found = self._correct.indices[first:last] - items.start
        row = np.repeat(np.arange(queries.stop - queries.start), self._correct.counts[queries])
        inside = (found >= 0) & (found < items.stop - items.start)
        return row[inside], found[inside]

    def _merge(self, queries: Index, items: Index, scores: NDArray[Any]) -> None:
        """Keep the best of what is there and what is new."""
        kept = self.scores.shape[1]
        rows, new = np.unique(queries, return_inverse=True)
        key = np.concatenate([np.repeat(np.arange(len(rows)), kept), new])
        value = np.concatenate([self.scores[rows].ravel(), scores])
        item = np.concatenate([self.items[rows].ravel(), items.astype(np.int32)])
        order = np.lexsort((item, -value, key))
        first = np.searchsorted(key[order], np.arange(len(rows)))
        best = order[first[:, None] + np.arange(kept)]
        self.scores[rows], self.items[rows] = value[best], item[best]
