"""A sample of the queries against all of them."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.metrics.correct import correct_captions, correct_tracks
from antiphon.metrics.pairing import paired_retrieval
from antiphon.metrics.retrieval import (
    QuerySubset,
    Ranked,
    chance,
    describe,
    query_clusters,
    rank_asked,
    rank_both,
    summarise,
)
from tests.helpers.measured.spaces import made_up_space


@pytest.fixture
def asked() -> QuerySubset:
    _, audio, track, _ = made_up_space()
    return QuerySubset.from_tracks(np.random.default_rng(0).random(len(audio)) < 0.5, track)


def test_the_captions_of_some_tracks_are_asked_with_them(asked: QuerySubset) -> None:
    track = made_up_space()[2]
    assert asked.captions.tolist() == [bool(asked.tracks[t]) for t in track]
    assert 2 < asked.tracks.sum() < len(asked.tracks)


def test_a_sample_s_ranks_are_those_of_all_queries_at_its_places(asked: QuerySubset) -> None:
    space = made_up_space()
    some, every = rank_asked(*space, asked), rank_both(*space)
    for way in ("t2a", "a2t"):
        np.testing.assert_array_equal(some[way], asked.among(every)[way])
    assert some["t2a"].tolist() == every["t2a"][np.flatnonzero(asked.captions)].tolist()


def test_a_sample_s_figures_are_of_its_queries_among_all_items(asked: QuerySubset) -> None:
    text, audio, track, texts = made_up_space()
    some = rank_asked(text, audio, track, texts, asked)
    found = describe(some, track, texts, asked=asked, resamples=50)
    sides = (
        ("t2a", correct_tracks(track, texts, len(audio)), asked.captions, len(audio)),
        ("a2t", correct_captions(track, texts, len(audio)), asked.tracks, len(text)),
    )
    for way, correct, mine, n_items in sides:
        assert (found[way]["n_queries"], found[way]["n_items"]) == (mine.sum(), n_items)
        assert summarise(some[way]).items() <= found[way].items()
        assert found[way]["chance"] == chance(n_items, correct.counts[mine])
        assert found[way]["ci95"]["MRR"][0] <= found[way]["MRR"] <= found[way]["ci95"]["MRR"][1]


def test_to_ask_everything_by_name_is_to_ask_everything() -> None:
    text, audio, track, texts = made_up_space()
    asked, ranked = QuerySubset.from_tracks(np.ones(len(audio), bool), track), rank_both(text, audio, track, texts)
    other = rank_both(text[:, ::2], audio[:, ::2], track, texts)
    assert describe(ranked, track, texts, resamples=20) == describe(ranked, track, texts, asked=asked, resamples=20)
    sure = {"resamples": 20, "permutations": 50}
    assert paired_retrieval(ranked, other, track, texts, **sure) == paired_retrieval(
        ranked, other, track, texts, asked=asked, **sure
    )


def test_a_paired_test_of_a_sample_looks_at_nothing_else(asked: QuerySubset) -> None:
    text, audio, track, texts = made_up_space()
    one, other = (rank_both(text[:, :k], audio[:, :k], track, texts) for k in (4, 2))
    found = paired_retrieval(asked.among(one), asked.among(other), track, texts, asked=asked, resamples=50)
    spoilt = Ranked(t2a=np.where(asked.captions, one["t2a"], 1), a2t=np.where(asked.tracks, one["a2t"], 1))
    again = paired_retrieval(asked.among(spoilt), asked.among(other), track, texts, asked=asked, resamples=50)
    assert found == again
    gains = [
        np.mean(1 / one[way][m] - 1 / other[way][m]) for way, m in (("t2a", asked.captions), ("a2t", asked.tracks))
    ]
    assert found["mean"]["MRR"]["difference"] == pytest.approx(np.mean(gains))


def test_clusters_of_a_sample_are_those_of_its_queries() -> None:
    track, texts = np.array([0, 0, 1, 2, 3]), np.array([0, 1, 2, 0, 3])
    asked = QuerySubset.from_tracks(np.array([True, False, True, False]), track)
    ways = query_clusters(track, texts, 4, np.array([7, 7, 8, 9]), asked)
    assert [labels.tolist() for labels in ways["t2a"]] == [[7, 7, 8], [0, 1, 0]]
    assert [labels.tolist() for labels in ways["a2t"]] == [[7, 8]]
