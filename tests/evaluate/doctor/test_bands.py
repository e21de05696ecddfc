"""Which figures are good, where chance may be as good as any."""

from __future__ import annotations

import pytest

from antiphon.evaluate.doctor.bands import CERTAIN, NO_BETTER, above_chance, band
from antiphon.evaluate.doctor.rules.level import banded
from antiphon.metrics.figures import DIRECTIONS
from antiphon.metrics.retrieval import chance


@pytest.mark.parametrize("key", ["R@1", "R@5", "R@10", "MRR", "median_rank"])
def test_what_one_track_makes_certain_is_not_praised(key: str) -> None:
    figures = chance(1, [1])
    assert band(key, figures[key], figures) == CERTAIN
    assert above_chance(100.0, 100.0, 100.0) == 0.0


def test_of_ten_tracks_only_the_tenth_rank_is_certain() -> None:
    figures = chance(10, [1])
    assert band("R@10", 100.0, figures) == CERTAIN
    assert band("R@1", 90.0, figures) == "excellent"
    assert band("R@1", 10.0, figures) == NO_BETTER


def test_val_of_a_single_track_is_too_small_to_tell() -> None:
    both = {way: chance(1, [1]) for way in DIRECTIONS}
    found = banded(both, both)
    assert (found.severity, found.title) == ("note", "Val is too small to tell: any model has its R@1")
    assert "excellent" not in found.evidence


def test_luck_among_ten_tracks_is_a_problem_although_the_tenth_rank_is_certain() -> None:
    both = {way: chance(10, [1]) for way in DIRECTIONS}
    assert banded(both, both).severity == "problem"
