"""The one list of figures: a new one is one line there, and is computed, tested and compared with chance."""

import numpy as np
import pytest

from antiphon.metrics import figures
from antiphon.metrics.bootstrap import intervals
from antiphon.metrics.retrieval import chance, summarise
from antiphon.metrics.significance import paired

RANKS = np.array([1, 2, 3, 8, 20])


def test_every_figure_is_the_mean_of_what_its_queries_give() -> None:
    found = summarise(RANKS)
    assert list(found) == list(figures.METRICS)
    for key, values in figures.per_query(RANKS).items():
        assert found[key] == pytest.approx(values.mean())


def test_figures_are_written_as_people_read_them() -> None:
    assert figures.written("R@5", 12.345) == "12.35%"
    assert figures.written("MRR", 0.21564) == "0.2156"
    assert (figures.written("median_rank", 3.5), figures.label("median_rank")) == ("3.5", "median rank")
    assert [figures.written("median_rank", end) for end in (1.0, 5.68532, 12_345.5)] == ["1", "5.7", "12345.5"]


def test_a_figure_that_is_added_is_computed_tested_and_compared_with_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(figures.MEANS, "DCG", lambda ranks: 1 / np.log2(1 + ranks))
    clusters = (np.arange(5),)
    assert summarise(RANKS)["DCG"] == pytest.approx(sum(1 / np.log2(1 + r) for r in RANKS) / 5)
    assert chance(20, 1)["DCG"] == pytest.approx(sum(1 / np.log2(1 + r) for r in range(1, 21)) / 20)
    low, high = intervals(RANKS, clusters, resamples=200)["DCG"]
    assert low < summarise(RANKS)["DCG"] < high
    better = paired(RANKS, RANKS + 1, clusters, resamples=200)["DCG"]
    assert better["difference"] == pytest.approx(summarise(RANKS)["DCG"] - summarise(RANKS + 1)["DCG"])


def test_no_figure_is_better_by_chance_than_it_can_be() -> None:
    certain = {"R@1": 100.0, "R@5": 100.0, "R@10": 100.0, "MRR": 1.0, "median_rank": 1.0}
    assert chance(7, 7).items() >= certain.items()
