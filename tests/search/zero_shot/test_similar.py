"""Tracks that sound like some, by audio vectors alone."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from antiphon.library.pairs import open_embedding
from antiphon.library.tracks import Library
from antiphon.search.zero_shot import similar, standardised
from antiphon.search.zero_shot.similar import Sounds
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
    monkeypatch.setattr(standardised, "BLOCK_NUMBERS", 15)
    ids = [f"t{i}" for i in range(8)]
    library = plain_library(tmp_path, dict.fromkeys(ids, "train"))
    rng = np.random.default_rng(0)
    sets = []
    for name, there in (("one", ids), ("two", ids[2:6])):
        vectors = rng.normal(3, 2, (len(there), 5)).astype(np.float16)
        write_vectors(tmp_path, "audio", name, there, vectors)
        sets.append(dict(zip(there, vectors.astype(np.float64), strict=True)))
    monkeypatch.setattr(similar, "KEPT_BYTES", 100)  # of the two encoders' 160 and 80
    for sounds in (Sounds(Library(library.root)), staying(library.root)):
        for wanted in (["t0"], ["t3"], ["t3", "t0", "t4"]):
            expected = [slow_alike(sets, ids, each) for each in wanted]
            np.testing.assert_allclose(sounds.like(wanted), expected, atol=2e-3)


def staying(root: Path) -> Sounds:
    sounds = Sounds(Library(root))
    sounds.stay()
    return sounds


def test_vectors_are_opened_once_however_many_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    library = make_library(tmp_path, train=4, val=0)
    monkeypatch.setattr(similar, "open_embedding", lambda *named: opened.append(named) or open_embedding(*named))
    sounds = Sounds(library)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: sounds.like(library.column("track_id")[:1]), range(8)))
    assert len(opened) == 1
    assert all(np.array_equal(each, found[0], equal_nan=True) for each in found)


def test_numbers_that_never_move_do_not_matter(tmp_path: Path) -> None:
    ids = ["a", "b", "c"]
    plain_library(tmp_path, dict.fromkeys(ids, "train"))
    write_vectors(tmp_path, "audio", "one", ids, np.array([[7.0, 1.0], [7.0, 1.1], [7.0, -1.0]]))
    found = Sounds(Library(tmp_path)).like(["a"])[0]
    assert found[1] > 0.9
    assert found[2] < -0.9


def test_a_track_without_a_vector_is_like_none(tmp_path: Path) -> None:
    library = make_library(tmp_path, train=4, val=0)
    assert np.isnan(Sounds(library).like(["nobody"])).all()
