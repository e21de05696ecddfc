"""Sound for benchmarks of decoding and embedding."""

from __future__ import annotations

import numpy as np


def music_like(seconds: float, rate: int) -> np.ndarray:
    """(2, n) chords over pink-ish noise: neither silence nor white noise, which codecs treat unlike music."""
    rng = np.random.default_rng(0)
    t = np.arange(round(seconds * rate)) / rate
    chord = sum(np.sin(2 * np.pi * f * t) for f in (220.0, 277.2, 329.6)) / 3
    noise = np.convolve(rng.standard_normal(len(t)), np.ones(24) / 24, "same")
    left = 0.4 * chord * (1 + 0.5 * np.sin(2 * np.pi * 2 * t)) + 0.3 * noise
    return np.stack([left, 0.8 * np.roll(left, 30)]).astype(np.float32).clip(-1, 1)
