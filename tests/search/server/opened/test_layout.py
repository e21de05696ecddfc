"""What lies near in many dimensions lies near on the plane, the same each time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from antiphon.search.server.opened import layout
from antiphon.search.server.opened.layout import laid_out, nearest, principal

Float32 = NDArray[np.float32]


def clouds(many: int, each: int, dims: int = 16) -> Float32:
    rng = np.random.default_rng(0)
    middles = rng.normal(size=(many, dims)) * 4
    return np.asarray(np.repeat(middles, each, axis=0) + rng.normal(size=(many * each, dims)), np.float32)


def beside_their_own(plane: Float32, each: int = 20) -> float:
    """The share of places whose nearest neighbour is of the same cloud."""
    cloud = np.arange(len(plane)) // each
    return float((cloud[nearest(plane, plane, 2)[:, 1]] == cloud).mean())


def test_nearest_is_what_all_distances_say() -> None:
    vectors = clouds(3, 20)
    apart = ((vectors[:, None] - vectors) ** 2).sum(axis=2)
    np.testing.assert_array_equal(nearest(vectors, vectors, 4), apart.argsort(axis=1, kind="stable")[:, :4])


def test_clouds_stay_together_where_two_components_put_them_on_one_another() -> None:
    vectors = clouds(24, 20, dims=12)
    assert beside_their_own(principal(vectors, 2)) < 0.8
    assert beside_their_own(laid_out(vectors)) > 0.97


def test_the_same_vectors_give_the_same_plane() -> None:
    np.testing.assert_array_equal(laid_out(clouds(4, 10)), laid_out(clouds(4, 10)))


def test_of_many_some_are_laid_out_and_the_others_lie_among_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "MOST", 100)
    plane = laid_out(clouds(6, 50))
    assert plane.shape == (300, 2)
    assert beside_their_own(plane, 50) > 0.95


@pytest.mark.parametrize(("n", "d"), [(1, 8), (2, 8), (3, 1), (40, 1), (30, 4)])
def test_few_tracks_few_dimensions_and_all_alike_have_places(n: int, d: int) -> None:
    for vectors in (np.random.default_rng(0).normal(size=(n, d)), np.ones((n, d))):
        found = laid_out(vectors.astype(np.float32))
        assert found.shape == (n, 2)
        assert np.isfinite(found).all()
