"""Metrics against independent libraries, chance against simulation."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score
from torchmetrics.retrieval import RetrievalHitRate, RetrievalMRR

from antiphon.arrays import Embeddings
from antiphon.metrics.figures import METRICS
from antiphon.metrics.ranks import one_each, ranks
from antiphon.metrics.retrieval import (
    PROTOCOL,
    chance,
    mean_mrr,
    mean_of_directions,
    rank_both,
    retrieval,
    summarise,
)
from tests.helpers.measured.spaces import made_up_space, unit

GOLDEN = Path(__file__).parents[1] / "golden" / "retrieval.json"


def test_figures_of_a_few_ranks():
    figures = summarise(np.array([1, 2, 4, 20]))
    known = {"R@1": 25.0, "R@5": 75.0, "R@10": 75.0, "MRR": (1 + 0.5 + 0.25 + 0.05) / 4, "median_rank": 3.0}
    assert figures.items() >= known.items()
    assert tuple(figures) == METRICS


@pytest.mark.parametrize("bad", [np.array([], dtype=int), np.array([1, 0])])
def test_ranks_that_are_none_are_refused(bad):
    with pytest.raises(ValueError, match="ranks start at 1"):
        summarise(bad)


def test_figures_equal_torchmetrics():
    """torchmetrics drops scores that are not positive, so it is given shifted ones."""
    text, audio, track, _ = made_up_space()
    figures = summarise(ranks(text, audio, one_each(track)))
    scores = torch.from_numpy(text @ audio.T + 10)
    target = torch.zeros_like(scores, dtype=torch.bool)
    target[torch.arange(len(track)), torch.from_numpy(track)] = True
    index = torch.arange(len(track))[:, None].expand_as(scores)
    given_ = (scores.flatten(), target.flatten(), index.flatten())
    assert figures["MRR"] == pytest.approx(RetrievalMRR()(*given_).item(), abs=1e-6)
    for k in (1, 5, 10):
        assert figures[f"R@{k}"] == pytest.approx(100 * RetrievalHitRate(top_k=k)(*given_).item(), abs=1e-4)


def test_mrr_with_ties_equals_scikit_learn():
    """With one correct item label-ranking average precision is 1/rank, ties counted against the query."""
    rng = np.random.default_rng(3)
    words = rng.integers(-1, 2, (30, 3)).astype(np.float32)
    audio = rng.integers(-1, 2, (12, 3)).astype(np.float32)
    track = rng.integers(0, 12, 30)
    target = np.eye(12)[track]
    mrr = summarise(ranks(words, audio, one_each(track)))["MRR"]
    assert mrr == pytest.approx(label_ranking_average_precision_score(target, words @ audio.T))


def test_captions_with_one_text_find_each_of_their_tracks():
    """The text stands on tracks 0 and 1; either is right for either caption, and both captions for either track."""
    audio = np.eye(3, dtype=np.float32)
    text = np.array([[0.1, 1, 0], [0.2, 1, 0], [0, 0, 1]], np.float32)
    ranked = rank_both(text, audio, np.arange(3), np.array([0, 0, 1]))
    assert ranked["t2a"].tolist() == [1, 1, 1]
    assert ranked["a2t"].tolist() == [1, 1, 1]
    strict = rank_both(text, audio, np.arange(3), np.arange(3))
    assert strict["t2a"].tolist() == [2, 1, 1]


def test_a_track_with_two_captions_is_found_by_its_better_one():
    audio = np.eye(2, dtype=np.float32)
    text = np.array([[1, 0], [0, 1], [0.5, 0.6]], np.float32)
    assert rank_both(text, audio, np.array([0, 1, 0]), np.arange(3))["a2t"].tolist() == [1, 1]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.data())
def test_chance_equals_the_counting_of_orders(n, data):
    """One correct item: ranks 1 … n are equally likely."""
    figures = chance(n, 1)
    everything = np.arange(1, n + 1)
    assert figures == pytest.approx(summarise(everything))
    c = data.draw(st.integers(1, n))
    missed_first = 1 - c / n
    assert chance(n, c)["R@1"] == pytest.approx(100 * (1 - missed_first))


def test_chance_equals_simulation_with_several_correct_items():
    rng = np.random.default_rng(0)
    n, counts = 30, np.array([1, 1, 2, 5, 12])
    orders = rng.permuted(np.tile(np.arange(n), (40_000, 1)), axis=1)  # place of item j, 0-based
    simulated = np.concatenate([orders[:, :c].min(axis=1) + 1 for c in counts])
    figures, expected = chance(n, counts), summarise(simulated)
    assert figures["MRR"] == pytest.approx(expected["MRR"], abs=0.003)
    assert figures["median_rank"] == expected["median_rank"]
    for k in (1, 5, 10):
        assert figures[f"R@{k}"] == pytest.approx(expected[f"R@{k}"], abs=0.4)


def test_chance_of_queries_with_items_of_their_own_is_the_mean_over_them():
    items, correct = np.array([10, 7, 7, 3]), np.array([1, 2, 3, 3])
    found = chance(items, correct)
    for key in ("R@1", "R@5", "MRR"):
        alone = [chance(int(n), int(c))[key] for n, c in zip(items, correct, strict=True)]
        assert found[key] == pytest.approx(np.mean(alone))
    assert chance(np.full(5, 9), 2) == chance(9, np.full(5, 2))
    with pytest.raises(ValueError, match="need between"):
        chance(np.array([9, 2]), np.array([3, 3]))


def test_chance_of_a_small_gallery_is_high():
    assert chance(15, 1)["R@10"] == pytest.approx(100 * 10 / 15)
    certain = {"R@1": 100.0, "R@5": 100.0, "R@10": 100.0, "MRR": 1.0, "median_rank": 1.0}
    assert chance(3, 3).items() >= certain.items()


def test_chance_of_a_hundred_thousand_items_is_quick_and_exact():
    figures = chance(100_000, np.array([1, 3, 500]))
    assert figures["R@1"] == pytest.approx(100 * (1 + 3 + 500) / 3 / 100_000)
    assert figures["MRR"] < 0.03


@pytest.mark.parametrize("count", [0, 6, np.array([], dtype=int)])
def test_chance_needs_a_possible_number_of_correct_items(count):
    with pytest.raises(ValueError, match="between 1 and 5 correct"):
        chance(5, count)


def test_an_untrained_space_scores_about_chance():
    rng = np.random.default_rng(1)
    text, audio = unit(rng, 800, 64), unit(rng, 400, 64)
    result = retrieval(text, audio, np.repeat(np.arange(400), 2), np.arange(800))
    for direction in ("t2a", "a2t"):
        figures = result[direction]
        assert figures["median_rank"] == pytest.approx(figures["chance"]["median_rank"], rel=0.2)
        assert figures["MRR"] == pytest.approx(figures["chance"]["MRR"], abs=0.01)


def test_a_collapsed_space_scores_no_better_than_chance():
    text, audio = np.ones((60, 5)), np.ones((30, 5))
    result = retrieval(text, audio, np.repeat(np.arange(30), 2), np.arange(60))
    for figures in result.values():
        assert figures["R@10"] == 0.0
        assert figures["MRR"] < figures["chance"]["MRR"]


def test_the_result_holds_the_contract():
    text, audio, track, text_id = made_up_space()
    result = retrieval(text, audio, track, text_id, resamples=50)
    assert set(result) == {"t2a", "a2t"}
    assert (result["t2a"]["n_queries"], result["t2a"]["n_items"]) == (65, 40)
    assert (result["a2t"]["n_queries"], result["a2t"]["n_items"]) == (40, 65)
    for figures in result.values():
        assert set(figures) == {"n_queries", "n_items", "n_groups", *METRICS, "chance", "ci95"}
        assert set(figures["chance"]) == set(METRICS)
        for key in METRICS:
            low, high = figures["ci95"][key]
            assert low <= figures[key] <= high
    assert "ci95" not in retrieval(text, audio, track, text_id)["t2a"]
    json.dumps(result)


def test_grouped_tracks_make_the_interval_wider():
    """Five copies of each of eight tracks, described alike: forty queries, but only eight independent ones."""
    rng = np.random.default_rng(2)
    group = np.repeat(np.arange(8), 5)
    audio = np.repeat(unit(rng, 8, 4), 5, axis=0) + 0.01 * unit(rng, 40, 4)
    text = np.repeat(unit(rng, 8, 4), 5, axis=0) + 0.01 * unit(rng, 40, 4)
    alone = retrieval(text, audio, np.arange(40), np.arange(40), resamples=300)
    grouped = retrieval(text, audio, np.arange(40), np.arange(40), resamples=300, clusters=group)
    for direction in ("t2a", "a2t"):
        narrow, wide = (np.ptp(r[direction]["ci95"]["MRR"]) for r in (alone, grouped))
        assert wide > 1.5 * narrow


def test_the_mean_of_directions_is_that_of_the_figures():
    text, audio, track, text_id = made_up_space()
    pairs = SimpleNamespace(track_of_caption=track, text_id=text_id)
    figures = retrieval(text, audio, track, text_id)
    expected = (figures["t2a"]["MRR"] + figures["a2t"]["MRR"]) / 2
    assert mean_mrr(Embeddings(text, audio), pairs) == pytest.approx(expected, rel=1e-12)
    assert mean_of_directions(figures) == expected
    assert mean_of_directions(figures, "R@1") == (figures["t2a"]["R@1"] + figures["a2t"]["R@1"]) / 2


def test_the_protocol_says_what_counts():
    for phrase in ("every caption is a query", "every track is a query", "identical text", "against the query"):
        assert phrase in PROTOCOL


def test_figures_are_those_on_file():
    """Renewed only on purpose: python -m tests.helpers.measured.golden retrieval."""
    text, audio, track, text_id = made_up_space(seed=7)
    result = retrieval(text, audio, track, text_id, resamples=200, seed=1)
    stored = json.loads(GOLDEN.read_text())
    for direction, figures in stored.items():
        by_chance = figures.pop("chance")
        assert {key: result[direction]["chance"][key] for key in by_chance} == pytest.approx(by_chance, rel=1e-12)
        ends, stored_ends = result[direction].pop("ci95"), figures.pop("ci95")
        for key, pair in stored_ends.items():
            assert ends[key] == pytest.approx(pair, rel=1e-9)
        assert {key: result[direction][key] for key in figures} == pytest.approx(figures, rel=1e-12)
