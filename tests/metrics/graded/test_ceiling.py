"""What no model can pass: beside every order in which a model can put items."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antiphon.metrics.correct import Correct, one_each
from antiphon.metrics.graded.ceiling import best_lists
from antiphon.metrics.graded.describe import describe_lists
from antiphon.metrics.graded.figures import per_query
from tests.helpers.measured.result_lists import Case, graded_case, lists_of, slow_figures


def slow_ceiling(correct, grades, n_items, same_item, ks):
    """The best of every figure over all orders in which a model can put items that it cannot tell apart."""
    own = {int(j): float(g) for j, g in zip(correct.indices, grades, strict=True)}
    best = {}
    for order in itertools.permutations(sorted(set(same_item))):
        listed = []
        for number in order:
            members = [j for j in range(n_items) if same_item[j] == number]
            listed += sorted(own.get(j, 0.0) for j in members)
        found = slow_figures(listed, list(own.values()), len(own), ks)
        for key, value in found.items():
            better = min if key == "mean_rank" else max
            best[key] = better(best.get(key, value), value)
    return best


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_no_model_passes_the_ceiling_and_with_one_correct_item_it_is_met(seed):
    rng = np.random.default_rng(seed)
    n, ks = 6, (1, 2, 4)
    same, c = rng.integers(0, 4, n), int(rng.integers(1, 4))
    correct = Correct(np.array([0, c]), rng.choice(n, c, replace=False))
    grades = rng.integers(1, 4, c).astype(np.float64)
    bound = per_query(best_lists(correct, grades, n, 4, same_item=same), ks)
    best = slow_ceiling(correct, grades, n, same, ks)
    for key, value in best.items():
        reached = bound[key][0]
        assert reached <= value + 1e-9 if key == "mean_rank" else reached >= value - 1e-9, key
        if c == 1:
            assert reached == pytest.approx(value), key
    assert bound["success@1"][0] == pytest.approx(best["success@1"])


def test_equal_texts_with_different_tracks_share_one_list():
    """Four queries of one text: two ask for item 0, one each for 1 and 2; best is 0 first, then the others."""
    correct = one_each(np.array([0, 0, 1, 2, 5]))
    best = best_lists(correct, np.ones(5), 6, 3, same_query=np.array([7, 7, 7, 7, 8]))
    assert best.first.tolist() == [1, 1, 2, 3, 1]
    assert per_query(best, (1,))["success@1"].mean() == 60.0


def served(items, same_item, order):
    """Rank of each of some items in the list that a model gives to one text, where it tells some items not apart."""
    ahead = {number: sum(same_item.count(other) for other in order[: i + 1]) for i, number in enumerate(order)}
    return [ahead[same_item[item]] for item in items]  # those that it cannot tell from the right one stand before it


@settings(max_examples=80, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=5, max_size=6), st.lists(st.integers(0, 4), min_size=1, max_size=6))
def test_no_list_of_one_text_serves_more_queries_within_any_place(same_item, items):
    correct, ones = one_each(np.array(items)), np.ones(len(items))
    one_text = np.zeros(len(items), np.int64)
    bound = best_lists(correct, ones, len(same_item), 6, same_item=np.array(same_item), same_query=one_text).first
    for order in itertools.permutations(sorted(set(same_item))):
        found = served(items, same_item, order)
        assert all(sum(rank <= t for rank in found) <= sum(bound <= t) for t in range(1, 7))
        assert np.median(bound) <= np.median(found)
        assert np.mean(1 / bound) >= np.mean([1 / rank for rank in found])


def test_a_recording_that_is_there_twice_does_not_hold_back_others_of_the_same_text():
    """Items 0 and 1 are one recording: item 2 stands first, and either of the two third."""
    best = best_lists(
        one_each(np.array([0, 1, 2])), np.ones(3), 3, 3, same_item=np.array([0, 0, 1]), same_query=np.zeros(3, int)
    )
    assert best.first.tolist() == [2, 3, 1]


def test_the_median_rank_has_the_ceiling_that_duplicates_leave():
    """Where every track is there twice nobody can put one of the two before the other."""
    case = graded_case(seed=3)
    one = Case(case.queries, case.items, one_each(np.arange(len(case.queries)) % 20), np.ones(len(case.queries)))
    twice = np.arange(len(case.items)) // 2
    clusters = (np.arange(len(case.queries)),)
    plain, doubled = (
        describe_lists(lists_of(one), one.correct, one.grades, (1, 10), clusters=clusters, same_item=same, resamples=50)
        for same in (None, twice)
    )
    assert (plain["median_rank"]["ceiling"], doubled["median_rank"]["ceiling"]) == (1.0, 2.0)
    assert plain["median_rank"]["value"] == np.median(lists_of(one).first)
    low, high = plain["median_rank"]["ci95"]
    assert low <= plain["median_rank"]["value"] <= high
