"""Tracks that sound like one, by audio vectors alone."""

from pathlib import Path

import numpy as np
import pytest

from antiphon.library.tracks import Library
from antiphon.search.zero_shot import similar
from tests.helpers.libraries.made_vectors import make_library, write_vectors
from tests.helpers.libraries.plain import plain_library


def slow_alike(vectors: list[dict[str, np.ndarray]], ids: list[str], wanted: str) -> list[float]:
    """Standardise, compare and average one track and one encoder at a time."""
    found = []
    for track in ids:
        cosines = []
        for own in vectors:
            if track in own and wanted in own:
                stacked = np.stack(list(own.values())).astype(np.float64)
                mean, spread = stacked.mean(axis=0), stacked.std(axis=0)
                a, b = (np.clip((own[t] - mean) / spread, -4, 4) for t in (track, wanted))
                cosines.append(a @ b / np.sqrt((a @ a) * (b @ b)))
        found.append(sum(cosines) / len(cosines) if cosines else float("nan"))
    return found


def test_alike_is_the_mean_cosine_of_standardised_vectors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similar, "BLOCK", 3)
    ids = [f"t{i}" for i in range(8)]
    library = plain_library(tmp_path, dict.fromkeys(ids, "train"))
    rng = np.random.default_rng(0)
    sets = []
    for name, there in (("one", ids), ("two", ids[2:6])):
        vectors = rng.normal(3, 2, (len(there), 5)).astype(np.float16)
        write_vectors(tmp_path, "audio", name, there, vectors)
        sets.append(dict(zip(there, vectors.astype(np.float64), strict=True)))
    for wanted in ("t0", "t3"):
        found = similar.alike(Library(library.root), wanted)
        np.testing.assert_allclose(found, slow_alike(sets, ids, wanted), atol=2e-3)


def test_numbers_that_never_move_do_not_matter(tmp_path: Path) -> None:
    ids = ["a", "b", "c"]
    plain_library(tmp_path, dict.fromkeys(ids, "train"))
    write_vectors(tmp_path, "audio", "one", ids, np.array([[7.0, 1.0], [7.0, 1.1], [7.0, -1.0]]))
    found = similar.alike(Library(tmp_path), "a")
    assert found[1] > 0.9
    assert found[2] < -0.9


def test_a_track_without_a_vector_is_like_none(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=4, val=0)
    assert np.isnan(similar.alike(library, "nobody")).all()
