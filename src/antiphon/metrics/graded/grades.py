"""Which items are correct, and how much so, where people graded some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct
from antiphon.metrics.tiling.tile import Float64


class Grades(NamedTuple):
    """Graded correct items.

    Parameters
    ----------
    correct : of the queries that have any.
    grades : (len(correct.indices),) of each, above 0.
    asked : (q,) which of all queries these are.
    """

    correct: Correct
    grades: Float64
    asked: NDArray[np.bool_]


def graded(
    correct: Correct,
    query_ids: Sequence[str] | NDArray[np.object_],
    item_ids: Sequence[str] | NDArray[np.object_],
    grades: Mapping[tuple[str, str], float],
    *,
    assumed: float = 1.0,
) -> Grades:
    """Put people's grades in the place of what is assumed.

    Parameters
    ----------
    correct : the items that count as correct, at the grade ``assumed``, where nobody graded them.
    query_ids, item_ids : (q,) and (n,) of the queries and items.
    grades : (query id, item id) → grade, ≥ 0; 0 makes an item wrong. Pairs of other queries or items are passed over.
    assumed : above 0, on the scale of ``grades``.

    Raises
    ------
    ValueError : a grade is negative or not finite.
    """
    query, item = correct.queries, correct.indices
    value = np.full(len(item), float(assumed))
    if grades:
        if not all(np.isfinite(grade) and grade >= 0 for grade in grades.values()):
            raise ValueError("grades are numbers from 0 on")
        i, j, own = _numbered(query_ids, item_ids, grades)
        query, item, value = np.concatenate([query, i]), np.concatenate([item, j]), np.concatenate([value, own])
        key = query * len(item_ids) + item
        last = (
            len(key) - 1 - np.unique(key[::-1], return_index=True)[1]
        )  # what was graded stands behind what is assumed
        query, item, value = query[last], item[last], value[last]
    kept = value > 0
    counts = np.bincount(query[kept], minlength=len(correct.counts))
    indptr = np.concatenate([[0], np.cumsum(counts[counts > 0])]).astype(np.int64)
    return Grades(Correct(indptr, item[kept]), value[kept], counts > 0)


def _numbered(
    query_ids: Sequence[str] | NDArray[np.object_],
    item_ids: Sequence[str] | NDArray[np.object_],
    grades: Mapping[tuple[str, str], float],
) -> tuple[NDArray[np.int64], NDArray[np.int64], Float64]:
    """Rows of the pairs that are here, and their grades."""
    query_row = {name: i for i, name in enumerate(query_ids)}
    item_row = {name: i for i, name in enumerate(item_ids)}
    here = [(query_row[q], item_row[x], g) for (q, x), g in grades.items() if q in query_row and x in item_row]
    i, j, own = zip(*here, strict=True) if here else ((), (), ())
    return np.array(i, np.int64), np.array(j, np.int64), np.array(own, np.float64)
