"""A map is the same each time, keeps neighbours together, and is read where it was made before."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon.errors import EmbeddingError
from antiphon.library.tracks import Library
from antiphon.library.vectors.store import HEADER_BYTES
from antiphon.search.server.opened import maps
from antiphon.search.server.opened.maps import map_of
from tests.helpers.libraries.made_vectors import make_library, write_vectors
from tests.helpers.web.server import songs


def test_two_clouds_lie_apart_and_points_fill_the_square(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=60, val=0)
    ids = library.column("track_id").tolist()
    rng = np.random.default_rng(0)
    clouds = rng.normal(size=(60, 8)) + 8 * (np.arange(60) % 2)[:, None]
    (tmp_path / "embeddings" / "audio").rename(tmp_path / "gone")
    write_vectors(tmp_path, "audio", "two", ids, clouds)
    found = map_of(library, None)
    assert found.track_ids == ids
    assert np.abs(found.points).max() <= 1
    side = found.points[:, 0] > 0
    assert (side[::2] == side[0]).all()
    assert (side[1::2] != side[0]).all()


def test_it_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = make_library(tmp_path)
    first = map_of(library, None)
    monkeypatch.setattr(maps, "_points", None)  # whoever calls it now fails
    np.testing.assert_array_equal(map_of(library, None).points, first.points)
    (tmp_path / "index" / "map.npz").write_bytes(b"damaged")
    with pytest.raises(TypeError):
        map_of(library, None)


def test_without_vectors_it_says_what_makes_some(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingError, match="No track has been heard yet"):
        map_of(Library(songs(tmp_path)), None)


def test_a_vector_that_a_disk_has_damaged_is_no_place_and_keeps_nobody_from_the_map(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("made",))
    ids = library.column("track_id").tolist()
    file = tmp_path / "embeddings" / "audio" / "made" / "vectors.npy"
    np.memmap(file, np.float16, "r+", HEADER_BYTES).reshape(len(ids), -1)[3] = np.nan
    found = map_of(Library(tmp_path), None)
    assert found.track_ids == ids[:3] + ids[4:]
    assert np.isfinite(found.points).all()


def test_it_is_made_anew_where_a_track_has_another_vector(tmp_path: Path) -> None:
    library = make_library(tmp_path, names=("made",))
    ids = library.column("track_id").tolist()
    before = map_of(library, None).points
    shutil.rmtree(tmp_path / "embeddings" / "audio" / "made")
    write_vectors(tmp_path, "audio", "made", ids, np.random.default_rng(5).normal(size=(len(ids), 24)))
    assert not np.array_equal(map_of(Library(tmp_path), None).points, before)
