"""MusiCNN against the package that its makers published, run by TensorFlow on the same sounds.

The package cannot stand beside a current numpy, so it gets an environment of its own; ``ANTIPHON_MUSICNN_REFERENCE``
may name the Python of one that is there already. The weights are the published ones: a network or a cache is needed.
"""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from antiphon import registry
from antiphon.encoders import musicnn
from antiphon.errors import EncoderError
from antiphon.registry import AudioEncoder, LoadOptions
from tests.conftest import OWN_CACHE
from tests.helpers.musicnn.environment import python_with_tensorflow

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).parents[2] / "helpers" / "musicnn" / "reference.py"
RATE = 16_000
HIDDEN_TOLERANCE = 1e-3
"""Of numbers whose spread over sounds is about 0.5: a mel power may round to the half-precision number beside."""
TAGS_TOLERANCE = 1e-4
"""Of probabilities."""


def made_sounds() -> list[np.ndarray]:
    """3 s each, one window here and one patch there: harmonics, a scale, beats, a glide, noise, a chord, all, quiet."""
    t = np.arange(3 * RATE) / RATE
    rng = np.random.default_rng(7)
    partials = sum(np.sin(2 * np.pi * 196 * k * t) / k for k in range(1, 20))
    scale = np.sin(2 * np.pi * np.cumsum(220 * 2 ** (np.floor(4 * t) / 12)) / RATE)
    beats = rng.normal(size=len(t)) * np.exp(-20 * (t % 0.5))
    glide = np.sin(2 * np.pi * np.cumsum(300 + 60 * np.sin(2 * np.pi * 5 * t) + 40 * t) / RATE)
    noise = rng.normal(size=len(t))
    chord = sum(np.sin(2 * np.pi * f * t) for f in (261.6, 329.6, 392.0))
    mixed = 0.2 * partials + 0.3 * beats + 0.1 * glide
    made = (0.2 * partials, 0.3 * scale, 0.4 * beats, 0.3 * glide, 0.1 * noise, 0.25 * chord, mixed, 1e-3 * mixed)
    return [np.asarray(sound, np.float32) for sound in made]


@pytest.fixture(scope="module")
def wheel() -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ANTIPHON_CACHE") if OWN_CACHE is None else patch.setenv("ANTIPHON_CACHE", OWN_CACHE)
        try:
            return musicnn.get(musicnn.CARDS[0])
        except EncoderError as error:
            pytest.skip(error.problem)


@pytest.fixture(scope="module")
def expected(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("reference")
    python, problem = python_with_tensorflow(folder / "environment")
    if problem:
        pytest.skip(f"TensorFlow cannot be installed here: {problem}")
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder / "package")
    np.savez(folder / "job.npz", **{f"sound{number}": sound for number, sound in enumerate(made_sounds())})
    command = [python, SCRIPT, folder / "job.npz", folder / "result.npz"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "package")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return np.load(folder / "result.npz")


def heard(wheel: Path, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    """Vectors (n, 400) and probabilities (n, 100) of the made sounds."""
    options = LoadOptions(weights=str(wheel), device="cpu", dtype=dtype)
    encoder = registry.load("musicnn", options)
    assert isinstance(encoder, AudioEncoder)
    vectors = encoder.frames(np.stack(made_sounds()))[:, 0]
    logits = musicnn.tag_map(musicnn.CARDS[0], options).logits(vectors)
    return vectors, 1 / (1 + np.exp(-logits))


def wanted(expected: Any, what: str) -> np.ndarray:
    """(n, 400) or (n, 100) of the package, both taggers side by side."""
    rows = [[expected[f"{model}_{what}{i}"][0] for model in ("MSD", "MTT")] for i in range(len(made_sounds()))]
    return np.array([np.concatenate(row) for row in rows])


def test_vectors_and_tags_are_those_of_the_published_package(wheel: Path, expected: Any) -> None:
    vectors, probabilities = heard(wheel, "float32")
    hidden, tags = wanted(expected, "hidden"), wanted(expected, "tags")
    print(
        f"\nmusicnn: {expected['versions']}: hidden layer off by {np.abs(vectors - hidden).max():.1e} "
        f"(spread {hidden.std(axis=0).mean():.2f}), tags by {np.abs(probabilities - tags).max():.1e}"
    )
    assert np.abs(vectors - hidden).max() <= HIDDEN_TOLERANCE
    assert np.abs(probabilities - tags).max() <= TAGS_TOLERANCE


def test_half_the_precision_moves_vectors_by_little_of_their_spread(wheel: Path, expected: Any) -> None:
    vectors, probabilities = heard(wheel, "bfloat16")
    hidden, tags = wanted(expected, "hidden"), wanted(expected, "tags")
    off = np.sqrt(np.mean((vectors - hidden) ** 2)) / np.sqrt(np.mean(hidden.var(axis=0)))
    most = np.abs(probabilities - tags).max()
    print(f"\nmusicnn, bfloat16: hidden layer off by {off:.2%} of its spread, tags by {most:.1e}")
    assert off < 0.02
    assert most < 0.02
