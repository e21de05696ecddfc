"""Two systems, both directions at once."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.metrics.pairing import paired_retrieval


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
