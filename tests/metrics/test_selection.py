"""What choosing by a val split costs."""

import numpy as np
import pytest

from antiphon.metrics.retrieval import retrieval
from antiphon.metrics.selection import Scores, optimism, scores, votes


def candidate(values: np.ndarray) -> Scores:
    ones = np.ones(len(values))
    return Scores(t2a=values, a2t=values, captions=ones, tracks=ones)


def test_scores_add_up_to_the_mean_of_both_directions() -> None:
    rng = np.random.default_rng(0)
    owner = np.repeat(np.arange(12), 2)
    text, audio = rng.normal(size=(24, 5)), rng.normal(size=(12, 5))
    found = scores(text, audio, owner, np.arange(24), np.arange(12) // 3)
    full = retrieval(text, audio, owner, np.arange(24))
    assert found.mrr() == pytest.approx((full["t2a"]["MRR"] + full["a2t"]["MRR"]) / 2)
    assert found.captions.tolist() == [6.0] * 4
    assert Scores.from_dict(found.to_dict()).mrr() == found.mrr()


def test_a_clearly_better_candidate_gets_every_vote() -> None:
    rng = np.random.default_rng(0)
    weak = rng.uniform(0, 0.4, 50)
    assert votes([candidate(weak), candidate(weak + 0.2)]).tolist() == [0.0, 1.0]


def test_candidates_that_only_differ_by_luck_share_the_votes() -> None:
    rng = np.random.default_rng(0)
    found = votes([candidate(rng.uniform(size=40)) for _ in range(5)])
    assert found.sum() == pytest.approx(1)
    assert found.max() < 0.9


def test_equal_candidates_leave_the_vote_to_the_first() -> None:
    same = candidate(np.linspace(0.1, 1, 10))
    assert votes([same, same]).tolist() == [1.0, 0.0]


def test_gain_by_luck_alone_is_told_apart_from_gain() -> None:
    rng = np.random.default_rng(1)
    noise = [candidate(rng.uniform(size=60)) for _ in range(40)]
    found = optimism(noise)
    assert found is not None
    assert found.gain > 0.04
    assert found.expected_gain < found.gain / 2
    assert found.noise == pytest.approx(found.gain - found.expected_gain)
    assert found.gain_ci95[0] < 0 < found.gain_ci95[1]
    assert found.trust < 0.6


def test_a_real_gain_survives_the_correction() -> None:
    base = np.random.default_rng(0).uniform(0, 0.5, 60)
    found = optimism([candidate(base), candidate(base + 0.3)])
    assert found is not None
    assert found.expected_gain == pytest.approx(0.3)
    assert found.gain_ci95[0] > 0.29
    assert found.better == found.trust == 1
    assert found.to_dict()["noise"] == pytest.approx(0, abs=1e-9)


def test_the_correction_is_near_what_fresh_tracks_say() -> None:
    """Over many draws the expected gain is closer to the truth (0 here) than the gain that was seen."""
    seen, corrected = [], []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = optimism([candidate(rng.uniform(size=40)) for _ in range(20)], resamples=200)
        assert found is not None
        seen.append(found.gain)
        corrected.append(found.expected_gain)
    assert abs(np.mean(corrected)) < 0.4 * np.mean(seen)


def test_nothing_is_said_where_there_is_nothing_to_choose_or_to_judge_by() -> None:
    one = candidate(np.array([0.5, 0.2]))
    assert optimism([one]) is None
    assert optimism([candidate(np.array([0.5])), candidate(np.array([0.6]))]) is None
    assert votes([candidate(np.array([0.5])), candidate(np.array([0.6]))]).tolist() == [0.0, 1.0]


def test_a_choice_that_does_worse_than_the_first_is_not_trusted() -> None:
    rng = np.random.default_rng(3)
    first = candidate(np.full(30, 0.5))
    found = optimism([first, *(candidate(rng.uniform(0, 0.98, 30)) for _ in range(5))])
    assert found is not None
    assert found.trust < 0.5
