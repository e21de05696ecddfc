"""Through the whole engine: what bfloat16 and compilation change in a model's vectors, and what they do not."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from antiphon.embed import embed_audio
from antiphon.library.tracks import Library, Track, save_library
from antiphon.library.vectors.store import open_vectors
from antiphon.registry import LoadOptions
from tests.helpers.checkpoints.mert import write_mert
from tests.helpers.libraries.sounds import write

pytestmark = pytest.mark.usefixtures("one_thread")

RATE, TRACKS = 24_000, 12


def song(seed: int) -> np.ndarray:
    """(1, n) three seconds of a chord under noise, each seed its own."""
    rng = np.random.default_rng(seed)
    t = np.arange(3 * RATE) / RATE
    chord = sum(np.sin(2 * np.pi * f * t) for f in rng.uniform(80, 2_000, size=3)) / 6
    return (chord + 0.1 * rng.uniform() * rng.standard_normal(len(t))).astype(np.float32)[None]


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    root = tmp_path_factory.mktemp("music")
    for n in range(TRACKS):
        write(root / f"t{n}.wav", song(n), RATE)
    # Sizes as unlike the published ones as can be while oneDNN's bfloat16 convolution is still right: at 8 channels a
    # group and an even kernel its result is noise on some processors.
    return root, write_mert(root / "mert", hidden_size=64, intermediate_size=128)


def embedded(music: tuple[Path, Path], **options: object) -> np.ndarray:
    root, weights = music
    tracks = [Track(track_id=f"t{n}", path=f"t{n}.wav", group=f"t{n}") for n in range(TRACKS)]
    library = root / "lib"
    shutil.rmtree(library, ignore_errors=True)
    save_library(library, tracks, [], {"audio_root": str(root)})
    load = LoadOptions(weights=str(weights), device="cpu", **options)
    (report,) = embed_audio(library, ["mert-95m"], options=load, jobs=1)
    assert report.failed == {}
    return open_vectors(Library(library).embedding_folder("audio", "mert-95m")).take([t.track_id for t in tracks])


def cosines(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    left, right = left.astype(np.float64), right.astype(np.float64)
    return np.sum(left * right, axis=1) / np.linalg.norm(left, axis=1) / np.linalg.norm(right, axis=1)


def nearest(items: np.ndarray, queries: np.ndarray) -> np.ndarray:
    """(n,) item nearest to each query, cosine of what is left when the items' mean is taken off."""
    centre, scale = items.mean(axis=0, dtype=np.float64), items.std(axis=0, dtype=np.float64) + 1e-3
    a, b = (items - centre) / scale, (queries - centre) / scale
    return np.argmax(b @ a.T / np.linalg.norm(a, axis=1), axis=1)


def test_bfloat16_moves_no_vector_far_and_no_track_from_its_place(music):
    exact, rounded = embedded(music), embedded(music, dtype="bfloat16")
    assert cosines(exact, rounded).min() > 0.999
    assert not np.array_equal(exact, rounded)
    np.testing.assert_array_equal(nearest(exact, rounded), np.arange(TRACKS))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler here")
def test_a_compiled_model_gives_the_same_vectors(music):
    np.testing.assert_allclose(embedded(music, compile=True), embedded(music), atol=2e-3)
