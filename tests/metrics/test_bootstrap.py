"""Intervals against formulas, loops and known distributions."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.metrics import bootstrap, resampling, significance
from antiphon.metrics.bootstrap import intervals, wilson
from antiphon.metrics.significance import paired_means


def own(n):
    return (np.arange(n),)


def test_wilson_solves_the_score_equation():
    """Its ends are the shares p with |hits/n − p| = z √(p (1 − p) / n), here with n − 1 for an estimated spread."""
    low, high = wilson(np.arange(40) < 10, np.arange(40))
    assert low < 0.25 < high
    for end in (low, high):
        assert abs(0.25 - end) == pytest.approx(1.959964 * np.sqrt(end * (1 - end) / 39))


def test_wilson_does_not_shrink_to_nothing_when_no_query_hits():
    low, high = wilson(np.zeros(20, bool), np.arange(20))
    assert low == 0.0
    assert high == pytest.approx(0.161, abs=1e-3)
    assert wilson(np.ones(20, bool), np.arange(20)) == pytest.approx([1 - high, 1.0])


def test_captions_that_hit_together_count_once():
    hits = np.repeat(np.arange(30) % 3 == 0, 4)
    together = wilson(hits, np.repeat(np.arange(30), 4))
    apart = wilson(hits, np.arange(120))
    once = wilson(hits[::4], np.arange(30))
    assert together == pytest.approx(once)
    assert np.ptp(together) > 1.8 * np.ptp(apart)


def test_a_single_cluster_says_almost_nothing():
    low, high = wilson(np.arange(50) < 25, np.zeros(50, int))
    assert high - low > 0.7


@pytest.mark.parametrize(("n", "clusters"), [(1, 1), (2, 2), (23, 9), (24, 24), (170, 3), (170, 60)])
def test_medians_of_clusters_that_are_taken_several_times_equal_numpy(n, clusters):
    rng = np.random.default_rng(n + clusters)
    values = rng.integers(1, 40, n)
    labels = np.concatenate([np.arange(clusters), rng.integers(0, clusters, n - clusters)])
    weights = rng.integers(0, 4, (60, clusters))
    weights = weights[weights.any(axis=1)]
    expected = [np.median(np.repeat(values, row[labels])) for row in weights]
    assert bootstrap._Medians(values, labels).of(weights).tolist() == expected


def test_resampling_draws_whole_clusters():
    """Two clusters of constant rank: a resample's MRR can only be one of three values."""
    ranks, labels = np.array([1, 1, 1, 4, 4]), np.array([0, 0, 0, 1, 1])
    draws = resampling.resampled({"MRR": 1 / ranks}, labels, 400, np.random.default_rng(0))[:, 0]
    assert set(np.round(draws, 9)) == {1.0, 0.25, 0.7}


def test_t_quantiles_equal_the_tables():
    z = 1.959963985
    for freedom, table in ((5, 2.5706), (10, 2.2281), (30, 2.0423), (1000, 1.9623)):
        assert resampling.t_quantile(z, freedom) == pytest.approx(table, abs=5e-3)


@pytest.mark.parametrize("n", [15, 60])
def test_intervals_cover_the_truth_as_often_as_they_say(n):
    """Ranks of one known distribution, three dependent queries a cluster; 95 % is promised, 90 to 99 % accepted."""
    rng = np.random.default_rng(1)
    values = np.array([1, 2, 3, 6, 11, 30])
    share = np.array([0.3, 0.2, 0.15, 0.15, 0.1, 0.1])
    truth = {"MRR": (share / values).sum(), "R@1": 30.0, "R@5": 65.0, "R@10": 80.0}
    covered = dict.fromkeys(truth, 0)
    labels, rounds = (np.repeat(np.arange(n), 3),), 300
    for round_ in range(rounds):
        ranks = np.repeat(rng.choice(values, n, p=share), 3)
        ends = intervals(ranks, labels, resamples=200, seed=round_)
        for key, true in truth.items():
            covered[key] += ends[key][0] <= true <= ends[key][1]
    for key, count in covered.items():
        assert 0.90 <= count / rounds <= 0.99, key


def test_of_several_ways_to_depend_the_widest_interval_counts():
    rng = np.random.default_rng(2)
    texts = np.repeat(np.arange(6), 20)
    ranks = rng.integers(1, 50, 6)[texts]
    both = intervals(ranks, (np.arange(120), texts), resamples=200)
    by_text = intervals(ranks, (texts,), resamples=200)
    assert both == by_text
    assert np.ptp(both["MRR"]) > 2 * np.ptp(intervals(ranks, own(120), resamples=200)["MRR"])


def test_the_same_seed_gives_the_same_interval():
    ranks = np.random.default_rng(3).integers(1, 30, 50)
    assert intervals(ranks, own(50), resamples=100, seed=4) == intervals(ranks, own(50), resamples=100, seed=4)
    assert intervals(ranks, own(50), resamples=100, seed=4) != intervals(ranks, own(50), resamples=100, seed=5)


def test_a_perfect_small_test_is_no_proof_of_perfection():
    ends = intervals(np.ones(15, int), own(15), resamples=50)
    assert ends["MRR"] == pytest.approx([15 / (15 + 1.959964**2), 1.0])
    assert ends["R@1"] == pytest.approx([100 * ends["MRR"][0], 100.0])
    assert intervals(np.full(15, 9), own(15), resamples=50)["MRR"] == pytest.approx(
        [0.796 / 9, 0.796 / 9 + 0.204], abs=1e-3
    )


def test_labels_may_be_anything_that_can_be_sorted():
    ranks = np.array([1, 1, 5, 9, 2, 2])
    named = intervals(ranks, (np.array(["a", "a", "b", "c", "d", "d"]),), resamples=50)
    assert named == intervals(ranks, (np.array([0, 0, 1, 2, 3, 3]),), resamples=50)


def test_chunks_change_nothing(monkeypatch):
    ranks = np.random.default_rng(5).integers(1, 30, 40)
    whole = intervals(ranks, own(40), resamples=60)
    monkeypatch.setattr(resampling, "CHUNK", 100)
    for key, ends in intervals(ranks, own(40), resamples=60).items():
        assert ends == pytest.approx(whole[key], rel=1e-12)


def test_one_cluster_has_no_interval_and_no_significance():
    ranks, one = np.array([1, 2, 5, 9]), (np.zeros(4, int),)
    ends = intervals(ranks, (np.arange(4), *one), resamples=50)
    assert ends["MRR"] == ends["median_rank"] == [None, None]
    assert ends["R@1"][1] - ends["R@1"][0] > 70
    found = paired_means(np.array([0.1, 0.2, 0.3, 0.1]), one, resamples=50, permutations=50)
    assert (found["ci95"], found["p"], found["clusters"]) == ([None, None], 1.0, 1)


def test_of_very_many_clusters_the_limits_are_what_resampling_gives(monkeypatch):
    rng = np.random.default_rng(9)
    labels = (np.repeat(np.arange(2500), 2),)
    ranks = np.maximum(1, np.repeat(rng.geometric(0.1, 2500), 2) + rng.integers(-1, 2, 5000))
    gains = rng.normal(0.02, 1, 5000)
    limits = intervals(ranks, labels), paired_means(gains, labels)
    for module in (bootstrap, significance):
        monkeypatch.setattr(module, "MANY", 10**9)
    drawn = intervals(ranks, labels, resamples=2000), paired_means(gains, labels, resamples=2000)
    for key in ("MRR", "median_rank"):
        assert limits[0][key] == pytest.approx(drawn[0][key], abs=0.15 * np.ptp(drawn[0]["MRR"]) + (key != "MRR"))
    assert limits[1]["ci95"] == pytest.approx(drawn[1]["ci95"], abs=0.1 * np.ptp(drawn[1]["ci95"]))
    assert limits[1]["p"] == pytest.approx(drawn[1]["p"], abs=0.02)


@pytest.mark.parametrize(
    ("ranks", "clusters", "message"),
    [
        (np.array([], int), (np.array([], int),), "at least one query"),
        (np.array([1, 2]), (), "one way to cluster"),
        (np.array([1, 2]), (np.arange(3),), "each of the 2 queries"),
    ],
)
def test_impossible_requests_are_refused(ranks, clusters, message):
    with pytest.raises(ValueError, match=message):
        intervals(ranks, clusters)
