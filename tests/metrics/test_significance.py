"""Paired tests against all sign flips and known distributions."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from antiphon.metrics.significance import _sums_by_byte, paired, paired_gains, paired_means


def own(n):
    return (np.arange(n),)


def test_a_system_is_no_better_than_itself():
    ranks = np.random.default_rng(6).integers(1, 30, 40)
    result = paired(ranks, ranks, own(40), resamples=50, permutations=100)
    for figures in result.values():
        assert figures == {"difference": 0.0, "ci95": [0.0, 0.0], "p": 1.0, "clusters": 40, "standard_error": 0.0}


def test_a_clear_winner_is_found_and_the_sign_says_who():
    rng = np.random.default_rng(7)
    better = rng.integers(1, 6, 80)
    worse = better + rng.integers(1, 20, 80)
    result = paired(better, worse, own(80), resamples=200, permutations=999)
    assert result["MRR"]["difference"] == pytest.approx(np.mean(1 / better - 1 / worse))
    assert result["R@1"]["difference"] == pytest.approx(100 * (np.mean(better == 1) - np.mean(worse == 1)))
    assert result["MRR"]["ci95"][0] > 0
    assert result["MRR"]["p"] == 0.001
    assert paired(worse, better, own(80), resamples=200, permutations=99)["MRR"]["ci95"][1] < 0


def test_the_p_value_equals_that_of_all_sign_flips():
    gains = np.array([0.3, -0.1, 0.4, 0.2, 0.05, -0.2, 0.6, 0.1])
    totals = [abs(np.dot(signs, gains)) for signs in itertools.product((-1, 1), repeat=8)]
    exact = np.mean(np.array(totals) >= abs(gains.sum()) - 1e-12)
    assert paired_means(gains, own(8), permutations=40_000)["p"] == pytest.approx(exact, abs=0.01)


@pytest.mark.parametrize("n", [1, 7, 8, 9, 30])
def test_sums_looked_up_by_bytes_are_those_of_the_chosen_values(n):
    rng = np.random.default_rng(n)
    values = rng.normal(size=n)
    table = _sums_by_byte(values)
    chosen = rng.random((20, n)) < 0.5
    bytes_ = np.packbits(chosen, axis=1)
    looked_up = table[np.arange(len(table)), bytes_].sum(axis=1)
    assert looked_up == pytest.approx((chosen * values).sum(axis=1))


def test_many_clusters_flip_as_a_plain_loop_does():
    gains = np.random.default_rng(5).normal(0.12, 1, 203)
    signs = np.random.default_rng(6).choice([-1.0, 1.0], (20_000, 203))
    slow = np.mean(np.abs(signs @ gains) >= abs(gains.sum()))
    assert paired_means(gains, own(203), resamples=10, permutations=20_000)["p"] == pytest.approx(slow, abs=0.01)


def test_figures_together_are_tested_as_each_alone():
    rng = np.random.default_rng(4)
    gains, clusters = {"a": rng.normal(size=60), "b": rng.normal(0.3, 1, 60)}, (np.arange(60) // 3, np.arange(60) % 7)
    together = paired_gains(gains, clusters, resamples=80, permutations=90, seed=3)
    for key, values in gains.items():
        assert together[key] == paired_means(values, clusters, resamples=80, permutations=90, seed=3)


def test_dependent_queries_do_not_make_a_difference_significant():
    """Four independent gains, each seen twenty-five times: a naive test would be certain."""
    gains = np.repeat([0.2, 0.1, 0.3, -0.05], 25)
    naive = paired_means(gains, own(100), resamples=200, permutations=999)
    honest = paired_means(gains, (np.repeat(np.arange(4), 25),), resamples=200, permutations=999)
    assert naive["p"] < 0.01
    assert honest["p"] > 0.1
    assert paired_means(gains, (np.arange(100), np.repeat(np.arange(4), 25)), permutations=999)["p"] > 0.1


def test_p_values_are_uniform_when_there_is_no_difference():
    rng = np.random.default_rng(8)
    p = [paired_means(rng.standard_normal(25), own(25), resamples=10, permutations=199)["p"] for _ in range(200)]
    assert np.mean(np.array(p) <= 0.05) < 0.1
    assert 0.4 < np.mean(p) < 0.6


def test_pairs_must_be_of_the_same_queries():
    with pytest.raises(ValueError, match="the same queries"):
        paired(np.array([1]), np.array([1, 2]), own(2))
