from __future__ import annotations

import numpy as np
import pytest

from antiphon.evaluate.report.pictures.ranks import EDGES, bins_of, rank_histogram
from antiphon.metrics.retrieval import chance


@pytest.mark.parametrize("n_items", [1, 2, 7, 11, 150, 3000])
def test_bins_hold_every_rank_once_and_their_shares_are_those_counted_one_by_one(n_items):
    rng = np.random.default_rng(n_items)
    ranks = rng.integers(1, n_items + 1, 400)
    bins = bins_of(ranks, np.ones(400, int), n_items)
    assert [rank for each in bins for rank in range(each.first, each.last + 1)] == list(range(1, n_items + 1))
    for each in bins:
        assert each.share == pytest.approx(100 * sum(each.first <= rank <= each.last for rank in ranks) / 400)
    assert sum(each.by_chance for each in bins) == pytest.approx(100)


def test_chance_is_that_of_the_figures():
    correct = np.array([1, 1, 2, 5])
    bins = bins_of(np.ones(4, int), correct, 40)
    expected = chance(40, correct)
    assert bins[0].by_chance == pytest.approx(expected["R@1"])
    assert sum(each.by_chance for each in bins if each.last <= 5) == pytest.approx(expected["R@5"])
    assert sum(each.by_chance for each in bins if each.last <= 10) == pytest.approx(expected["R@10"])


def test_what_it_says_agrees_with_the_ranks():
    one = {"t2a": np.array([1, 1, 3, 12]), "a2t": np.array([1, 2, 2, 20])}
    correct = {way: np.ones(4, int) for way in one}
    said = rank_histogram("muq", "test", one, correct, {"t2a": 20, "a2t": 20}).says()
    assert "of 4 queries 50 % have the right answer first (by chance 5 %), 75 % among the first ten" in said
    assert "of 4 queries 25 % have the right answer first" in said


def test_edges_reach_as_far_as_any_library():
    assert list(EDGES) == sorted(set(EDGES))
    assert {1, 2, 6, 11} < set(EDGES)
