"""Two systems, both directions at once."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.metrics.pairing import caution, decided, interval_text, paired_retrieval


def ranked(t2a, a2t):
    return {"t2a": np.array(t2a), "a2t": np.array(a2t)}


def test_the_mean_of_directions_weighs_both_alike():
    """Six captions gain nothing, three tracks gain a half each: the mean gain is a quarter, not a sixth."""
    a, b = ranked([1] * 6, [1, 1, 1]), ranked([1] * 6, [2, 2, 2])
    found = paired_retrieval(a, b, np.repeat(np.arange(3), 2), np.arange(6), resamples=50, permutations=50)
    assert found["t2a"]["MRR"]["difference"] == 0.0
    assert found["a2t"]["MRR"]["difference"] == pytest.approx(0.5)
    assert found["mean"]["MRR"]["difference"] == pytest.approx(0.25)
    assert found["mean"]["R@1"]["difference"] == pytest.approx(50.0)


def test_a_track_and_its_captions_are_drawn_together():
    """Were the two directions independent, their mean would be surer than either; here they say the same."""
    rng = np.random.default_rng(0)
    a, b = rng.integers(1, 20, 60), rng.integers(1, 20, 60)
    found = paired_retrieval(ranked(a, a), ranked(b, b), np.arange(60), np.arange(60), permutations=50)
    assert np.ptp(found["mean"]["MRR"]["ci95"]) == pytest.approx(np.ptp(found["a2t"]["MRR"]["ci95"]), rel=0.1)


def test_shared_texts_widen_the_mean_too():
    rng = np.random.default_rng(1)
    text = np.repeat(np.arange(5), 12)
    gain = rng.integers(1, 20, 5)[text]
    a, b = ranked(gain, gain), ranked(np.full(60, 5), np.full(60, 5))
    shared = paired_retrieval(a, b, np.arange(60), text, permutations=50)
    apart = paired_retrieval(a, b, np.arange(60), np.arange(60), permutations=50)
    assert np.ptp(shared["mean"]["MRR"]["ci95"]) > 1.8 * np.ptp(apart["mean"]["MRR"]["ci95"])


def test_other_queries_are_refused():
    with pytest.raises(ValueError, match="the same queries"):
        paired_retrieval(ranked([1], [1]), ranked([1, 2], [1]), np.array([0]), np.array([0]))


def gain(difference, interval, p, clusters=50):
    return {"difference": difference, "ci95": interval, "p": p, "clusters": clusters}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (gain(0.1, [0.05, 0.2], 0.001), "better"),
        (gain(-0.1, [-0.2, -0.05], 0.001), "worse"),
        (gain(0.1, [-0.05, 0.2], 0.2), "open"),
        (gain(0.1, [0.05, 0.2], 0.06), "open"),  # the interval alone decides nothing
        (gain(0.1, [-0.01, 0.2], 0.04), "open"),
        (gain(0.1, [0.05, 0.2], 0.2, clusters=4), "open"),
        (gain(0.1, [-0.01, 0.2], 0.04, clusters=6), "better"),  # of so few the p value alone decides
        (gain(0.1, [None, None], 1.0, clusters=1), "open"),
        (gain(0.0, [0.0, 0.0], 1.0), "open"),
    ],
)
def test_a_difference_is_significant_where_test_and_interval_agree(found, said):
    assert decided(found) == said


def test_a_corrected_p_value_decides_in_place_of_the_tests_own():
    assert decided(gain(0.1, [0.05, 0.2], 0.03), p=0.09) == "open"


def test_one_sentence_where_interval_and_p_value_seem_to_disagree():
    assert caution(gain(0.1, [0.05, 0.2], 0.001)) == caution(gain(0.1, [-0.05, 0.2], 0.3)) == ""
    assert "counts as not significant" in caution(gain(0.1, [0.05, 0.2], 0.06))
    assert "only 4 independent groups" in caution(gain(0.1, [0.05, 0.2], 0.2, clusters=4))
    assert "one group" in caution(gain(0.1, [None, None], 1.0, clusters=1))
    assert interval_text(gain(0.1, [None, None], 1.0, clusters=1)) == "no interval"
