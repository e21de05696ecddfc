"""Whether a bundle beat its baselines, by what was measured of it."""

from __future__ import annotations

from typing import Any

import pytest

from antiphon.evaluate.verdict import verdict
from antiphon.search.bundle.standing import Standing, standing


def baseline(mrr: float, ends: list[float | None], p: float = 0.01) -> dict[str, Any]:
    gain = {"difference": sum(end or 0 for end in ends) / 2, "ci95": ends, "p": p, "clusters": 40}
    return {
        **{way: {"MRR": mrr} for way in ("t2a", "a2t")},
        "training_minus_baseline": {"mean": {"MRR": gain}},
    }


@pytest.mark.parametrize(
    ("ends", "expected"),
    [([0.1, 0.2], "better"), ([-0.2, -0.1], "worse"), ([-0.1, 0.1], "undecided"), ([None, None], "undecided")],
)
def test_the_interval_of_the_best_baseline_decides(ends: list[float | None], expected: Standing) -> None:
    figures = {"baselines": {"cca": baseline(0.5, ends), "ridge": baseline(0.1, [0.5, 0.6])}}
    assert standing(figures) == expected


def test_nothing_is_said_without_baselines() -> None:
    assert standing({}) == "unknown"


def test_what_is_said_agrees_with_the_verdict_beside_it() -> None:
    """An interval that leaves out 0 beside a p value that does not is no "worse" to be warned of."""
    gain = baseline(0.5, [-0.2, -0.01], p=0.2)
    figures = {"t2a": {"MRR": 0.4}, "a2t": {"MRR": 0.4}, "baselines": {"cca": gain}, "split": "test"}
    assert standing(figures) == "undecided"
    assert "did not measurably beat" in verdict(figures)
    assert "counts as not significant" in verdict(figures)
