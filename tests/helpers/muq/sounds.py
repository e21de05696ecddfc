"""Tracks for the tests of MuQ-MuLan, and what the reference package makes of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from antiphon.audio.pooling import pool
from antiphon.audio.windows import cut
from antiphon.encoders import muq
from antiphon.encoders.muq import MuqAudio
from antiphon.registry import EncoderCard, LoadOptions

GOLDEN = Path(__file__).parents[2] / "golden" / "muq.json"
"""Embeddings by the package ``muq`` 0.1.0 of ``golden_tracks`` and ``CORPUS`` with the tiny checkpoint of seed 0."""


def tracks_of(*seconds: float) -> list[np.ndarray]:
    """Tones, noise and digital silence in turns."""
    made = []
    for number, length in enumerate(seconds):
        rng = np.random.default_rng(number)
        axis = np.arange(round(length * 24_000)) / 24_000
        wave = 0.3 * np.sin(2 * np.pi * rng.uniform(80, 3000) * axis * (1 + 0.1 * axis))
        wave += 0.05 * rng.standard_normal(len(axis)) * (np.sin(2 * np.pi * 0.7 * axis) > 0)
        wave[len(wave) // 2 : len(wave) // 2 + 6000] = 0
        made.append(wave.astype(np.float32))
    return made


def load(card: EncoderCard, folder: Path, **options: Any) -> Any:
    """An encoder of the weights in a folder."""
    return muq.load(card, LoadOptions(weights=str(folder), device="cpu", **options))


def sound(windows: int = 3, seconds: float = 1.0, seed: int = 0) -> np.ndarray:
    """(windows, samples) noise, each window of a loudness of its own."""
    rng = np.random.default_rng(seed)
    level = rng.uniform(0.001, 0.3, (windows, 1))
    return (level * rng.standard_normal((windows, int(seconds * 24_000)))).astype(np.float32)


def means_over_windows(encoder: MuqAudio, track: np.ndarray) -> np.ndarray:
    """The first statistic of the track's pooled vector, by the way the embedding engine goes."""
    card = encoder.card
    assert card.rate
    assert card.window_s
    assert card.hop_s
    windows = cut([track], rate=card.rate, window_s=card.window_s, hop_s=card.hop_s, tail=card.tail)
    frames = np.concatenate([encoder.frames(window[None])[0] for window in windows])
    return pool(frames, card.layout).reshape(-1, 3)[:, 0]


def golden_tracks() -> list[np.ndarray]:
    """A short track, one of a whole window, one whose last window is filled up.

    Under all of them lies a little noise: in bands that are quieter than the rounding of a Fourier transform its
    logarithm would be another on every kind of processor.
    """
    rng = np.random.default_rng(99)
    return [
        track + np.float32(1e-3) * rng.standard_normal(len(track), dtype=np.float32)
        for track in tracks_of(3.0, 10.0, 12.5)
    ]
