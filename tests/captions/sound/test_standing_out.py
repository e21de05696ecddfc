"""How far tracks stand out, also of small libraries."""

from __future__ import annotations

import numpy as np

from antiphon.captions.sound.standing_out import (
    LEAST_SPREAD,
    REFERENCE_TRACKS,
    Spread,
    blended,
    moments,
    quartiles,
    standardised,
)

REFERENCE = Spread(np.array([0.0]), np.array([1.0]))


def test_a_blend_is_the_spread_of_both_sets_put_together() -> None:
    rng = np.random.default_rng(0)
    mine = rng.normal(3.0, 2.0, (30, 1)).astype(np.float32)
    theirs = rng.normal(-1.0, 0.5, (REFERENCE_TRACKS, 1)).astype(np.float32)
    together = moments(np.concatenate([mine, theirs]))
    found = blended(moments(mine), moments(theirs), len(mine))
    np.testing.assert_allclose(found.centre, together.centre, rtol=1e-5)
    np.testing.assert_allclose(found.sigma, together.sigma, rtol=1e-5)


def test_a_single_track_is_measured_by_the_reference() -> None:
    one = np.array([[2.0]], np.float32)
    z = standardised(one, blended(moments(one), REFERENCE, 1))
    assert 1.5 < float(z[0, 0]) < 2.0


def test_a_large_library_is_measured_by_itself() -> None:
    values = np.random.default_rng(1).normal(5.0, 3.0, (20_000, 1)).astype(np.float32)
    z = standardised(values, blended(moments(values), REFERENCE, len(values)))
    assert abs(float(z.mean())) < 0.01
    assert abs(float(z.std()) - 1) < 0.01


def test_values_that_hardly_differ_do_not_stand_out() -> None:
    values = np.full((20_000, 1), 7.0, np.float32)
    values[0] += 0.01
    spread = blended(moments(values), REFERENCE, len(values))
    assert float(spread.sigma[0]) >= LEAST_SPREAD
    assert abs(float(standardised(values, spread)[0, 0])) < 0.1


def test_quartiles_are_those_of_a_normal_distribution_and_forget_outliers() -> None:
    values = np.random.default_rng(2).normal(1.0, 2.0, (50_000, 1)).astype(np.float32)
    values[:100] = -1e4
    spread = quartiles(values)
    assert abs(float(spread.centre[0]) - 1) < 0.05
    assert abs(float(spread.sigma[0]) - 2) < 0.05
