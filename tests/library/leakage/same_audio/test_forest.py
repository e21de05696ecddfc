"""The forest of random splits beside its slow twin, the comparison of all pairs."""

from __future__ import annotations

import numpy as np
import pytest

from antiphon.library.leakage.same_audio import equal_vectors, forest, neighbours, transposed
from antiphon.library.leakage.same_audio.equal_vectors import find_equal
from antiphon.library.leakage.same_audio.forest import NEIGHBOURS, forest_neighbours

RANDOM = np.random.default_rng(0)


def curved(tracks: int, size: int = 80, latent: int = 6) -> np.ndarray:
    """Points on a curved surface of few dimensions, as tracks are."""
    random = np.random.default_rng(1)
    hidden = random.standard_normal((tracks, latent))
    return np.tanh(hidden @ random.standard_normal((latent, size))).astype(np.float32)


def all_pairs(queries: np.ndarray, items: np.ndarray) -> list[set[int]]:
    distances = ((queries[:, None, :] - items[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    return [set(row[:NEIGHBOURS].tolist()) for row in np.argsort(distances, axis=1)]


@pytest.mark.parametrize("same", [True, False])
def test_nearly_all_nearest_neighbours_are_found(same: bool) -> None:
    items = curved(1500)
    queries = items if same else items + RANDOM.normal(0, 0.05, items.shape).astype(np.float32)
    steps: list[int] = []
    found = forest_neighbours(queries, items, leaf=64, step=lambda: steps.append(1))
    expected = all_pairs(queries, items)
    hits = sum(len(set(row) & wanted) for row, wanted in zip(found.item.tolist(), expected, strict=True))
    assert hits / (NEIGHBOURS * len(items)) > 0.9
    assert len(steps) == forest.TREES
    row, column = np.nonzero(found.item >= 0)
    exact = ((queries[row] - items[found.item[row, column]]) ** 2).sum(axis=1)
    np.testing.assert_allclose(found.squared[row, column], exact, rtol=1e-2, atol=1e-2)


def test_no_track_is_its_own_neighbour_and_none_is_named_twice() -> None:
    found = forest_neighbours(curved(300), curved(300), leaf=32)
    for row, items in enumerate(found.item.tolist()):
        named = [item for item in items if item >= 0]
        assert row not in named
        assert len(set(named)) == len(named)


@pytest.mark.parametrize("tracks", [12, 40, 129])
def test_a_leaf_that_holds_everything_finds_everything(tracks: int) -> None:
    points = curved(tracks)
    found = forest_neighbours(points, points, leaf=256)
    assert [set(row) for row in found.item.tolist()] == all_pairs(points, points)


@pytest.fixture
def always_a_forest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equal_vectors, "EXACT_UP_TO", 0)
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 0)


@pytest.mark.parametrize(("size", "verified"), [(60, True), (300, True), (300, False)])
def test_the_forest_joins_what_all_pairs_join(size: int, verified: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    vectors = curved(1800, size, 12)
    noise = RANDOM.standard_normal((200, size)) * vectors.std(axis=0)
    copies = vectors[:200] + np.repeat([0.01, 0.03, 0.06, 0.09], 50)[:, None] * noise
    matrix = np.concatenate([vectors, copies]).astype(np.float16)
    expected = {tuple(pair) for pair in find_equal(matrix)[0].tolist()}
    assert len(expected) > 150
    monkeypatch.setattr(equal_vectors, "EXACT_UP_TO", 0)
    if not verified:
        monkeypatch.setattr(equal_vectors, "VERIFIED", 0)
    pairs, shares = find_equal(matrix)
    found = {tuple(pair) for pair in pairs.tolist()}
    assert len(expected & found) >= 0.99 * len(expected)
    assert len(found - expected) <= (0 if verified else 3)
    assert (shares < equal_vectors.CLOSE).all()


@pytest.mark.usefixtures("always_a_forest")
def test_relatives_in_a_tight_family_and_equal_libraries_do_not_join() -> None:
    random = np.random.default_rng(3)
    family = random.standard_normal(50) + 0.05 * random.standard_normal((20, 50))
    assert len(find_equal(np.concatenate([family, random.standard_normal((400, 50))]))[0]) == 0
    assert len(find_equal(np.ones((300, 8), np.float16))[0]) == 0


@pytest.mark.usefixtures("always_a_forest")
def test_moved_copies_are_found_by_a_forest_too(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    sizes = {"timbre": 40, "harmony": 24, "rhythm": 74}
    frames = {name: random.random((400, size, 3), dtype=np.float32) for name, size in sizes.items()}
    frames["rhythm"] *= 0.1
    frames = {name: np.concatenate([f, f[:20] + random.normal(0, 1e-3, f[:20].shape)]) for name, f in frames.items()}
    flat = {name: f.astype(np.float16).reshape(len(f), -1) for name, f in frames.items()}
    steps: list[int] = []
    match = transposed.find_moved(flat, step=lambda: steps.append(1))
    assert {tuple(pair) for pair in match.pairs.tolist()} == {(i, 400 + i) for i in range(20)}
    assert len(steps) == transposed.MOVES * transposed.TREES
    monkeypatch.setattr(neighbours, "EXACT_UP_TO", 10**6)
    exact = transposed.find_moved(frames)
    assert exact.pairs.tolist() == match.pairs.tolist()
    np.testing.assert_allclose(match.spectrum, exact.spectrum, atol=1e-3)
