"""Queries as vectors: parts by their weights, tracks beside words, and what is excluded far from the top."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from antiphon.search.queries.combining import EmbeddedQuery, embed_query, subtracted, without
from antiphon.search.queries.query import Part, Query

AXES = {"piano": 0, "rain": 1, "drums": 2}


def read(texts: Sequence[str]) -> np.ndarray:
    """Each word an axis of a space with four dimensions, then the two numbers that correct scores."""
    return np.array([[*np.eye(4)[AXES[text]], 1, -0.1] for text in texts], np.float32)


def track(track_id: str) -> np.ndarray:
    return np.array([0, 0, 0, 1, -0.3, 1], np.float32)


def test_one_text_is_its_own_vector() -> None:
    assert embed_query(Query(wanted=(Part("piano"),)), read, track, 4).vector.tolist() == read(["piano"])[0].tolist()


def test_words_count_by_their_weights_and_the_sum_has_unit_length() -> None:
    found = embed_query(Query(wanted=(Part("piano", 3.0), Part("rain", 4.0))), read, track, 4).vector
    assert found == pytest.approx([0.6, 0.8, 0, 0, 1, -0.1])


def test_tracks_count_as_much_as_words_and_bring_no_correction() -> None:
    found = embed_query(Query(wanted=(Part("piano", 9.0),), like=("a", "b")), read, track, 4).vector
    assert found == pytest.approx([0.5**0.5, 0, 0, 0.5**0.5, 0.5, -0.05], abs=1e-6)
    assert embed_query(Query(like=("a",)), read, track, 4).vector.tolist() == [0, 0, 0, 1, 0, 0]


def test_a_track_loses_what_it_stands_out_by_for_what_is_excluded() -> None:
    scores = np.array([0.9, 0.8, 0.1, 0.2], np.float32)
    found = without(scores, np.array([[1.0, 0.0, 0.0, 0.0]], np.float32))
    assert found.argmax() == 1
    assert found[1:].tolist() == scores[1:].tolist()
    slow = scores[0] - scores.std() * (1 - 0.25) / np.array([1, 0, 0, 0]).std()
    assert found[0] == pytest.approx(slow, abs=1e-6)


def test_what_everything_is_alike_in_costs_nothing() -> None:
    scores = np.array([0.9, 0.8], np.float32)
    assert without(scores, np.ones((1, 2), np.float32)).tolist() == scores.tolist()


def test_half_of_what_is_excluded_is_taken_from_a_single_vector() -> None:
    vector = np.array([1, 0, 0, 0, 1, 0], np.float32)
    drums = read(["drums"])[:, :4]
    found = subtracted(EmbeddedQuery(vector, drums))
    assert found[:4] == pytest.approx(np.array([1, 0, -0.5, 0]) / 1.25**0.5)
    assert subtracted(EmbeddedQuery(vector, drums[:0])) is vector
