"""What a learning curve says of more captions: against curves that are known."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.evaluate.folds.trend import Trend, twice_as_many

N = np.array([20.0, 40.0, 80.0, 160.0, 200.0])


def curve(kind: str, n: np.ndarray) -> np.ndarray:
    if kind == "level":
        return np.full(len(n), 0.4)
    return 0.1 + 0.06 * np.log2(n / 10) if kind == "log" else 0.6 - 1.2 * n**-0.5


def queries(kind: str, rng: np.random.Generator, *, groups: int, spread: float) -> tuple[np.ndarray, np.ndarray]:
    """(s, q) values of queries in groups of two; what is hard for a query is so at every share."""
    owner = np.repeat(np.arange(groups), 2)
    hard = rng.normal(0, 0.25, groups)[owner] + rng.normal(0, 0.1, len(owner))
    return curve(kind, N)[:, None] + hard + rng.normal(0, spread, (len(N), len(owner))), owner


@pytest.mark.parametrize("kind", ["log", "power", "level"])
def test_without_noise_the_gain_is_the_curves_own(kind: str) -> None:
    values = np.repeat(curve(kind, N)[:, None], 6, axis=1)
    found = twice_as_many(N, values, (np.arange(6),), resamples=50)
    assert found is not None
    truth = curve(kind, np.array([200.0, 400.0]))
    assert found.gain == pytest.approx(truth[1] - truth[0], abs=2e-3)


@pytest.mark.parametrize("kind", ["log", "power", "level"])
def test_the_interval_holds_the_truth_in_simulated_curves(kind: str) -> None:
    truth = float(np.diff(curve(kind, np.array([200.0, 400.0])))[0])
    held, runs = 0, 120
    for run in range(runs):
        values, owner = queries(kind, np.random.default_rng(run), groups=60, spread=0.2)
        found = twice_as_many(N, values, (owner,), resamples=150, seed=run)
        assert found is not None
        low, high = found.ci95
        held += low is not None and high is not None and low <= truth <= high
    assert held / runs >= 0.88


def test_a_level_curve_is_seldom_said_to_rise() -> None:
    said = []
    for run in range(100):
        values, owner = queries("level", np.random.default_rng(run), groups=60, spread=0.2)
        found = twice_as_many(N, values, (owner,), resamples=150, seed=run)
        assert found is not None
        said.append(found.says)
    assert said.count("more") <= 8


def test_it_says_more_little_or_nothing() -> None:
    assert Trend(gain=0.05, ci95=[0.01, 0.09]).says == "more"
    assert Trend(gain=0.005, ci95=[-0.004, 0.014]).says == "little"
    assert Trend(gain=0.03, ci95=[-0.04, 0.10]).says == "nothing"
    assert Trend(gain=0.03, ci95=[None, None]).says == "nothing"


def test_few_points_bear_no_curve_and_one_group_no_interval() -> None:
    assert twice_as_many(N[:3], np.ones((3, 4)), (np.arange(4),)) is None
    found = twice_as_many(N, np.ones((5, 4)), (np.zeros(4),))
    assert found is not None
    assert found.ci95 == [None, None]
