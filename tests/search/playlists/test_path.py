"""Paths and variety: the best of all, each track once, monotone, and no artist twice in a row where avoidable."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from antiphon.search.playlists.path import SAME_ARTIST, Terrain, find_path, target_weights
from antiphon.search.playlists.varied import shaken, varied
from tests.helpers.measured.spaces import unit


def terrain(n: int = 9, *, seed: int = 0, artists: list[int] | None = None, stops: int = 2) -> Terrain:
    rng = np.random.default_rng(seed)
    vectors, queries = unit(rng, n, 6), unit(rng, stops, 6)
    angles = np.arccos((queries[1:] * queries[:-1]).sum(axis=1)).astype(np.float64)
    known = np.array([-1] * n if artists is None else artists, np.int64)
    return Terrain(scores=queries @ vectors.T, vectors=vectors, artists=known, angles=angles)


def worth(ground: Terrain, path: tuple[int, ...], smooth: float) -> float:
    """The obvious twin: fit and likeness of neighbours, added up in Python."""
    weights = target_weights(np.linspace(0, 1, len(path)), float(ground.angles[0]))
    fit = sum(float(w @ ground.scores[:, place]) for w, place in zip(weights, path, strict=True))
    for one, other in pairwise(path):
        fit += smooth * float(ground.vectors[one] @ ground.vectors[other])
        fit -= SAME_ARTIST * (ground.artists[one] == ground.artists[other] >= 0)
    return fit


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("artists", [None, [0, 0, 0, 1, 1, 1, 2, 2, -1]])
def test_the_path_is_the_best_of_all_that_go_forward(seed: int, artists: list[int] | None) -> None:
    ground = terrain(seed=seed, artists=artists)
    order = np.argsort(ground.scores[1] - ground.scores[0], kind="stable").tolist()
    best = max(combinations(order, 4), key=lambda path: worth(ground, path, 0.5))
    assert find_path(ground, 4, smooth=0.5) == list(best)


def test_a_path_of_several_stops_has_every_track_once_and_passes_by_each_stop() -> None:
    ground = terrain(60, stops=3)
    path = find_path(ground, 13, smooth=0)
    assert len(set(path)) == 13
    for stop, place in enumerate((path[0], path[6], path[12])):
        assert (ground.scores[stop] > ground.scores[stop, place]).sum() < 6


def test_tracks_of_one_artist_alone_still_make_a_path_and_an_unknown_artist_is_nobodys_neighbour() -> None:
    assert len(find_path(terrain(artists=[5] * 9), 6)) == 6
    alike = [0, 1] * 4 + [0]
    artists = np.array(alike)[find_path(terrain(artists=alike), 5)]
    assert (artists[1:] != artists[:-1]).all()


def test_what_may_not_be_on_a_path_is_not_and_few_tracks_make_a_shorter_one() -> None:
    ground = terrain()
    ground.scores[:, :6] = -np.inf
    assert sorted(find_path(ground, 3)) == [6, 7, 8]
    assert len(find_path(ground, 8)) == 3


@pytest.mark.parametrize("angle", [0.3, 1.2, 2.9])
def test_targets_lie_on_the_great_circle_at_equal_steps(angle: float) -> None:
    ends = np.array([[1, 0], [np.cos(angle), np.sin(angle)]])
    points = target_weights(np.linspace(0, 1, 5), angle) @ ends
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1)
    np.testing.assert_allclose(np.arctan2(points[:, 1], points[:, 0]), np.linspace(0, angle, 5), atol=1e-12)


def test_without_variety_the_most_relevant_come_first_but_not_two_of_one_artist() -> None:
    relevance = np.array([0.9, 0.8, 0.7, 0.1], np.float32)
    alone, vectors = np.full(4, -1), np.eye(4, dtype=np.float32)
    assert list(varied(relevance, vectors, alone, variety=0)) == [0, 1, 2, 3]
    assert list(varied(relevance, vectors, np.array([0, 0, 1, 0]), variety=0)) == [0, 2, 1, 3]


def test_variety_puts_off_what_is_like_the_tracks_before() -> None:
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    relevance, alone = np.array([1.0, 0.9, 0.5], np.float32), np.full(3, -1)
    assert list(varied(relevance, vectors, alone, variety=0.5)) == [0, 2, 1]
    assert next(varied(relevance, vectors, alone, variety=0.5, first=1)) == 1


def test_a_seed_shakes_the_same_way_each_time_and_another_seed_another_way() -> None:
    relevance = np.linspace(1, 0, 40).astype(np.float32)
    assert (shaken(relevance, 3) == shaken(relevance, 3)).all()
    assert (shaken(relevance, 3) != shaken(relevance, 4)).any()
