"""Libraries of a few tones, for tests of the engines that embed them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from antiphon.library.tracks import Library
from antiphon.library.vectors.store import open_vectors
from tests.helpers.libraries.plain import plain_library
from tests.helpers.libraries.sounds import sweep, write

RATE = 8_000


def library(root: Path, paths: dict[str, str], name: str = "lib", audio_root: str | None = None) -> Path:
    """A library in ``root / name`` of tracks with these paths."""
    splits = dict.fromkeys(paths, "")
    return plain_library(root / name, splits, paths=paths, audio_root=audio_root or str(root)).root


def make(root: Path, **seconds: float) -> Path:
    """A library of one swelling tone a track, ``name=seconds``."""
    for number, (name, length) in enumerate(seconds.items()):
        write(root / f"{name}.wav", sweep(length, RATE, channels=1, level=0.2 + 0.05 * (number % 13)), RATE)
    return library(root, {name: f"{name}.wav" for name in seconds})


def level(root: Path, name: str, value: float, seconds: float = 2.0) -> None:
    """A file whose samples nearly all have one value, by which the fake encoders know what to do."""
    samples = np.full((1, int(seconds * RATE)), value)
    samples[:, ::4] += 0.01 if value else 0.0
    write(root / f"{name}.wav", samples, RATE)


def vectors(root: Path, name: str) -> dict[str, np.ndarray]:
    """Track → vector."""
    stored = open_vectors(Library(root).embedding_folder("audio", name))
    return dict(zip(stored.ids, stored.take(list(stored.ids)), strict=True))


def same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    """The same tracks with the same vectors, bit for bit."""
    assert set(left) == set(right)
    for track, vector in left.items():
        np.testing.assert_array_equal(vector, right[track])
