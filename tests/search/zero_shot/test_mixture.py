"""Several ways as one answer, and scores in spreads."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from antiphon.search.zero_shot.mixture import mix
from antiphon.search.zero_shot.ways.way import MOST, Float32, in_matches, in_spreads

NAN = float("nan")


@dataclass(frozen=True)
class Fixed:
    """Says the same whatever is asked."""

    said: Sequence[float]
    weight: float = 1.0
    name: str = "fixed"
    title: str = "fixed numbers"

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.said)

    def scores(self, text: str) -> Float32:
        return np.array(self.said, np.float32)


def slow_mix(ways: Sequence[Fixed]) -> tuple[list[float], list[int]]:
    scores, leading = [], []
    total = sum(way.weight for way in ways if way.known.any())
    for row in range(len(ways[0].said)):
        parts = [(way.weight * way.said[row], -at) for at, way in enumerate(ways) if way.said[row] == way.said[row]]
        scores.append(sum(part for part, _ in parts) / total if parts else NAN)
        leading.append(-max(parts)[1] if parts else 0)
    return scores, leading


NUMBERS = st.lists(st.sampled_from([NAN, -2.0, -0.5, 0.0, 1.0, 3.0]), min_size=4, max_size=4)


@given(said=st.lists(st.tuples(NUMBERS, st.sampled_from([0.5, 1.0, 2.0])), min_size=1, max_size=3))
def test_a_mixture_is_the_weighted_mean_of_the_ways_that_speak(said: list[tuple[list[float], float]]) -> None:
    ways = [Fixed(*one) for one in said]
    scores, leading = slow_mix(ways)
    found = mix(ways, "piano")
    np.testing.assert_allclose(found.scores, scores, rtol=1e-5)
    assert found.leading.tolist() == leading


def test_a_silent_way_takes_no_weight_and_a_track_that_no_way_knows_is_no_answer() -> None:
    found = mix([Fixed([1.0, NAN]), Fixed([NAN, NAN], weight=9.0)], "piano")
    assert found.scores[0] == 1.0
    assert np.isnan(found.scores[1])


@pytest.mark.parametrize("values", [[1.0, 2.0, 6.0], [1.0, NAN, 3.0], [1e-4, 2e-4, 9e-4]])
def test_spreads_are_standard_deviations_from_the_mean_of_what_is_known(values: list[float]) -> None:
    known = [v for v in values if v == v]
    mean = sum(known) / len(known)
    spread = (sum((v - mean) ** 2 for v in known) / len(known)) ** 0.5
    np.testing.assert_allclose(in_spreads(np.array(values)), [(v - mean) / spread for v in values], rtol=1e-5)


def test_spreads_of_alike_scores_are_0_and_no_score_outvotes_everything() -> None:
    assert in_spreads(np.array([0.3, 0.3, NAN])).tolist()[:2] == [0.0, 0.0]
    assert in_spreads(np.array([1000.0] + [0.0] * 99)).max() == MOST
    assert np.isnan(in_spreads(np.array([NAN, NAN]))).all()


def test_words_that_match_nothing_say_nothing() -> None:
    found = in_matches(np.array([0.0, 0.5, 1.0], np.float32))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [MOST / 2, MOST]
