"""Made-up queries with several correct items of several grades, and the same as TREC's tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from antiphon.metrics.correct import Correct
from antiphon.metrics.graded.lists import ResultLists, result_lists
from antiphon.metrics.nearest.answers import best_wrong
from antiphon.metrics.ranks import ranks


class Case(NamedTuple):
    """Vectors, which items are correct, and how much so."""

    queries: NDArray[np.float32]
    items: NDArray[np.float32]
    correct: Correct
    grades: NDArray[np.float64]

    def scores(self) -> NDArray[np.float64]:
        """(q, n) all of them."""
        return np.asarray(self.queries.astype(np.float64) @ self.items.astype(np.float64).T)

    def graded(self, query: int) -> dict[int, float]:
        """Item → grade of one query's correct items."""
        own = slice(self.correct.indptr[query], self.correct.indptr[query + 1])
        return dict(zip(self.correct.indices[own].tolist(), self.grades[own].tolist(), strict=True))

    def qrels(self) -> dict[str, dict[str, int]]:
        """Query → item → grade."""
        return {f"q{i}": {f"d{j}": int(g) for j, g in self.graded(i).items()} for i in range(len(self.queries))}

    def run(self) -> dict[str, dict[str, float]]:
        """Query → item → score."""
        return {f"q{i}": {f"d{j}": float(s) for j, s in enumerate(row)} for i, row in enumerate(self.scores())}


def graded_case(n_queries: int = 40, n_items: int = 60, *, dims: int = 6, most: int = 7, seed: int = 0) -> Case:
    """Queries near their correct items, of which each has 1 … ``most``, with grades 1 … 3."""
    rng = np.random.default_rng(seed)
    items = rng.standard_normal((n_items, dims)).astype(np.float32)
    own = [rng.choice(n_items, rng.integers(1, most + 1), replace=False) for _ in range(n_queries)]
    queries = np.stack([items[each].mean(axis=0) for each in own]).astype(np.float32)
    queries += rng.standard_normal(queries.shape).astype(np.float32) / 2
    indptr = np.cumsum([0, *(len(each) for each in own)])
    indices = np.concatenate(own).astype(np.int64)
    return Case(queries, items, Correct(indptr, indices), rng.integers(1, 4, len(indices)).astype(np.float64))


def lists_of(case: Case, depth: int = 10) -> ResultLists:
    """The result lists of a case."""
    wrong = best_wrong(case.queries, case.items, case.correct, k=depth)
    found = ranks(case.queries, case.items, case.correct)
    return result_lists(case.queries, case.items, case.correct, wrong, found, case.grades)


SLOW_GAINS: dict[str, Callable[[float], float]] = {"nDCG": lambda g: g, "nDCG_exp": lambda g: 2**g - 1}


def slow_figures(
    grades_in_order: Sequence[float], own: Sequence[float], n_correct: int, ks: Sequence[int]
) -> dict[str, float]:
    """One query: the grades of the items as they stand in the list, and those of its correct items."""
    first = 1 + next(i for i, grade in enumerate(grades_in_order) if grade > 0)
    found = {"mean_rank": float(first), "MRR": 1 / first}
    for k in ks:
        top = grades_in_order[:k]
        hits = [grade > 0 for grade in top]
        found[f"success@{k}"] = 100.0 * any(hits)
        found[f"recall@{k}"] = 100.0 * sum(hits) / n_correct
        found[f"precision@{k}"] = 100.0 * sum(hits) / k
        found[f"mAP@{k}"] = sum(sum(hits[: i + 1]) / (i + 1) for i, hit in enumerate(hits) if hit) / n_correct
        for name, gain in SLOW_GAINS.items():
            got = sum(gain(g) / math.log2(i + 2) for i, g in enumerate(top))
            best = sum(gain(g) / math.log2(i + 2) for i, g in enumerate(sorted(own, reverse=True)[:k]))
            found[f"{name}@{k}"] = got / best
    return found
