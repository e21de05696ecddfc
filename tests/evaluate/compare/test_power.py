"""How many tracks would decide: against simulated tests of that size."""

from __future__ import annotations

import math

import numpy as np
import pytest

from antiphon.evaluate.compare.power import POWER, more_tracks, rounded, tracks_needed, what_would_decide
from antiphon.metrics.pairing import decided
from antiphon.metrics.significance import paired_means

SIZE = 3
"""Queries of a group: they share half of their variance."""


def gains(rng: np.random.Generator, groups: int, effect: float) -> tuple[np.ndarray, np.ndarray]:
    """Per-query gains of clustered queries, and their groups."""
    shared = np.repeat(rng.normal(0, 0.2, groups), SIZE)
    return effect + shared + rng.normal(0, 0.2, groups * SIZE), np.repeat(np.arange(groups), SIZE)


def share_found(groups: int, effect: float, *, runs: int = 250, tests: int = 1) -> float:
    rng = np.random.default_rng(3)
    found = 0
    for run in range(runs):
        values, owner = gains(rng, groups, effect)
        test = paired_means(values, (owner,), resamples=200, permutations=2000, seed=run)
        found += decided(test, p=min(1.0, tests * test["p"])) == "better"
    return found / runs


@pytest.mark.parametrize(("effect", "tests"), [(0.06, 1), (0.06, 3)])
def test_with_as_many_tracks_as_it_says_simulated_tests_find_the_difference_as_often_as_it_says(
    effect: float, tests: int
) -> None:
    values, owner = gains(np.random.default_rng(1), 2000, 0.0)
    error = paired_means(values, (owner,), resamples=10)["standard_error"]
    groups = round(tracks_needed(effect, error, 2000, alpha=0.05 / tests))
    assert 60 < groups < 250
    assert share_found(groups, effect, tests=tests) == pytest.approx(POWER, abs=0.08)
    assert share_found(groups // 4, effect, tests=tests) < POWER - 0.3


def test_the_error_is_that_between_groups_and_not_between_queries() -> None:
    values, owner = gains(np.random.default_rng(2), 400, 0.0)
    clustered = paired_means(values, (owner,), resamples=10)["standard_error"]
    naive = paired_means(values, (np.arange(len(values)),), resamples=10)["standard_error"]
    assert clustered == pytest.approx(np.sqrt((0.2**2 + 0.2**2 / SIZE) / 400), rel=0.1)
    assert clustered > 1.3 * naive


def made(difference: float, error: float, p: float, clusters: int = 60) -> dict[str, object]:
    ends = [difference - 2 * error, difference + 2 * error]
    return {"difference": difference, "ci95": ends, "p": p, "clusters": clusters, "standard_error": error}


def test_it_says_how_many_more_where_a_test_is_open() -> None:
    said = what_would_decide(made(0.01, 0.01, 0.3), 100)  # 100 · 2.8² = 785
    assert said == "If that difference is real, about 690 more captioned test tracks would decide it (80% power)."
    assert more_tracks(made(0.01, 0.01, 0.3), 100) == 690
    assert more_tracks(made(0.01, 0.01, 0.3), 100, tests=3) == 950  # at a third of the level: 100 · 3.236² = 1,047


def test_it_says_nothing_where_the_test_is_decided_or_nothing_is_known() -> None:
    assert what_would_decide(made(0.1, 0.01, 0.001), 100) == ""
    assert "3 independent groups are too few" in what_would_decide(made(0.1, 0.01, 0.2, clusters=3), 100)
    assert what_would_decide({**made(0.1, 0.01, 0.2), "standard_error": None}, 100) == ""
    assert more_tracks(made(0.1, 0.01, 0.001), 100) is None
    assert more_tracks(made(0.1, 0.01, 0.2, clusters=3), 100) is None


def test_a_difference_far_below_its_error_promises_no_number() -> None:
    assert "more than 20 times as many tracks" in what_would_decide(made(0.0001, 0.01, 0.99), 100)
    assert "more than 20 times as many tracks" in what_would_decide(made(0.0, 0.01, 1.0), 100)
    assert math.isinf(tracks_needed(0.0, 0.01, 100))
    assert more_tracks(made(0.0001, 0.01, 0.99), 100) == math.inf


def test_an_open_test_never_calls_two_systems_equal():
    """A small difference over few tracks is no evidence of equality: its interval reaches far to both sides."""
    said = what_would_decide(made(0.022, 0.050, 0.69, clusters=22), 29)
    assert "equal" not in said
    assert said.endswith("a real one may be as large as the interval says.")


def test_numbers_have_two_digits_and_are_never_too_small() -> None:
    assert [rounded(n) for n in (1, 9.2, 40, 41.5, 1234)] == [1, 10, 40, 42, 1300]
