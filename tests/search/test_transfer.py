"""How far a library lies from a checkpoint's training."""

import re
from pathlib import Path

import numpy as np
import pytest

from antiphon.align.checkpoint.bundle import Bundle
from antiphon.align.checkpoint.paths import checkpoint_paths
from antiphon.align.config import TrainConfig
from antiphon.align.train import train
from antiphon.arrays import unit_length
from antiphon.library.tracks import Library
from antiphon.search.answering import answering
from antiphon.search.transfer import APART, FAR, Distance, crowding, is_own, shift, transfer_remarks
from tests.helpers.libraries.made_vectors import make_library, write_vectors
from tests.helpers.libraries.plain import plain_library


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Library, Path]:
    """A library of made vectors, and the checkpoint of closed forms on them."""
    root = tmp_path_factory.mktemp("transfer") / "own"
    library = make_library(root, train=60, val=20)
    train(root, "made", text="words", config=TrainConfig(epochs=0))
    return library, checkpoint_paths(root, "made")["best_r1"]


def other_library(root: Path, own: Library, move: float) -> Library:
    """Tracks of other names whose vectors are those of a library, moved by so many spreads in every number."""
    stored = np.load(own.embedding_folder("audio", "made") / "vectors.npy").astype(np.float32)
    ids = [f"other{i}" for i in range(len(stored))]
    plain_library(root, dict.fromkeys(ids, "train"))
    write_vectors(root, "audio", "made", ids, stored + move * stored.std(axis=0))
    return Library(root)


def test_crowding_is_the_mean_cosine_of_two_different_tracks() -> None:
    vectors = unit_length(np.random.default_rng(0).normal(0.4, 1, (9, 5)))
    pairs = [float(vectors[i] @ vectors[j]) for i in range(9) for j in range(9) if i != j]
    assert crowding(vectors) == pytest.approx(sum(pairs) / len(pairs), abs=1e-6)
    assert crowding(np.repeat(vectors[:1], 4, axis=0)) == pytest.approx(1)
    assert crowding(vectors[:1]) == 0.0


def test_a_checkpoint_knows_its_own_library_also_when_it_has_grown(
    trained: tuple[Library, Path], tmp_path: Path
) -> None:
    library, path = trained
    bundle = Bundle.load(path)
    assert is_own(bundle, library)
    grown = dict.fromkeys([*library.column("track_id"), "new1", "new2"], "train")
    assert is_own(bundle, plain_library(tmp_path / "grown", grown))
    assert not is_own(bundle, plain_library(tmp_path / "other", {"a": "train", "b": "val"}))


def test_on_its_own_library_nothing_is_said(trained: tuple[Library, Path]) -> None:
    library, path = trained
    assert answering(library.root, path).remarks() == ["Searched 80 tracks with made_best_r1.pt."]


@pytest.mark.parametrize(("move", "band"), [(0.0, "near"), (3.0, "far")])
def test_vectors_that_lie_elsewhere_are_said_to_with_the_numbers(
    trained: tuple[Library, Path], tmp_path: Path, move: float, band: str
) -> None:
    library, path = trained
    other = other_library(tmp_path, library, move)
    (said,) = transfer_remarks(Bundle.load(path), other, answering(other.root, path).index.vectors)  # type: ignore[attr-defined]
    assert ("far from the training's" in said) == (band == "far")
    assert ("where the training's tracks lay" in said) == (band == "near")
    moved = re.search(r"off by ([\d.]+) of", said)
    assert moved is not None
    assert float(moved[1]) == pytest.approx(move, abs=0.3)


def test_shift_is_how_far_the_means_are_off_in_spreads_of_the_training(trained: tuple[Library, Path]) -> None:
    library, path = trained
    bundle = Bundle.load(path)
    own = np.load(library.embedding_folder("audio", "made") / "vectors.npy").astype(np.float32)[:60]
    found = [shift(bundle, own + step * own.std(axis=0)) for step in (0.0, 1.0, 2.0)]
    np.testing.assert_allclose(found, [0, 1, 2], atol=0.05)
    assert shift(bundle, own[:, :3]) is None


def test_far_libraries_with_captions_of_their_own_are_shown_the_way(
    trained: tuple[Library, Path], tmp_path: Path
) -> None:
    _, path = trained
    other = make_library(tmp_path, train=12, val=0, seed=3)
    write_vectors(tmp_path, "audio", "moved", ["t000"], np.ones((1, 2)))
    away = np.repeat(unit_length(np.ones((1, 300))), 12, axis=0)
    bundle = Bundle.load(path)
    bundle.train_ids[:] = ["elsewhere"]
    lines = transfer_remarks(bundle, other, away[:, : bundle.dim] / np.linalg.norm(away[0, : bundle.dim]))
    assert "captions of its own" in lines[1]
    assert "Next: antiphon" in lines[1]


def test_bands_follow_the_crowding() -> None:
    bands = [Distance(crowding=value, shift=None).band for value in (0.0, APART, FAR)]
    assert bands == ["near", "apart", "far"]
    assert "off by" not in Distance(crowding=0.5, shift=None).line()
