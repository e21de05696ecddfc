"""MusiCNN's input: the log mel spectrogram of ``librosa.feature.melspectrogram``, as the models were trained on.

Frames of 512 samples every 256 at 16 kHz, periodic Hann window, power, 96 bands on the Slaney scale from 0 to 8 kHz,
each of unit area (M. Slaney, Auditory Toolbox, 1998), then ``log10(1 + 10000 · x)``. The sound is mirrored at its ends,
as librosa did when the models were trained; later versions put zeros there. The training rounded mel power to float16
before the logarithm, and so does this.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

RATE, SIZE, HOP, BANDS = 16_000, 512, 256, 96
LOG_FROM_HZ, LINEAR_HZ = 1000.0, 200.0 / 3
LOG_STEP = np.log(6.4) / 27

Float32 = NDArray[np.float32]


def log_mel(sound: Float32) -> Float32:
    """(samples,) float32 at 16 kHz, more than 256 of them → (1 + samples // 256, 96) float32."""
    padded = np.pad(np.asarray(sound, np.float32), SIZE // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, SIZE)[::HOP]
    spectrum = np.fft.rfft(frames * _hann(), axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.minimum(power.astype(np.float32) @ _filters(), np.finfo(np.float16).max)
    return np.asarray(np.log10(1 + 10_000 * mel.astype(np.float16).astype(np.float32)), np.float32)


@lru_cache(maxsize=1)
def _hann() -> Float32:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(SIZE) / SIZE), np.float32)


@lru_cache(maxsize=1)
def _filters() -> Float32:
    """(257, 96) triangles between neighbouring bands, scaled to unit area in Hz."""
    hertz = np.linspace(0, RATE / 2, SIZE // 2 + 1)
    edges = _to_hertz(np.linspace(_to_mel(0.0), _to_mel(RATE / 2), BANDS + 2))
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (hertz[:, None] - low) / (centre - low)
    falling = (high - hertz[:, None]) / (high - centre)
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * 2 / (high - low), np.float32)


def _to_mel(hertz: float) -> float:
    """Slaney's scale: linear up to 1 kHz, logarithmic above."""
    if hertz < LOG_FROM_HZ:
        return hertz / LINEAR_HZ
    return float(LOG_FROM_HZ / LINEAR_HZ + np.log(hertz / LOG_FROM_HZ) / LOG_STEP)


def _to_hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    bent = LOG_FROM_HZ / LINEAR_HZ
    return np.where(mel < bent, mel * LINEAR_HZ, LOG_FROM_HZ * np.exp(LOG_STEP * (mel - bent)))
