"""Whether a bundle beat its baselines, by what was measured of it."""

from __future__ import annotations

from typing import Any

import pytest

from antiphon.search.bundle.standing import Standing, standing


def baseline(mrr: float, ends: list[float | None]) -> dict[str, Any]:
    return {
        **{way: {"MRR": mrr} for way in ("t2a", "a2t")},
        "training_minus_baseline": {"mean": {"MRR": {"ci95": ends}}},
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
