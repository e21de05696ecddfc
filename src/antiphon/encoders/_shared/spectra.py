"""Short-time spectra and log-frequency bands, shared by the three signal encoders.

Conventions: sound is mono float32 at :data:`RATE` Hz. Frame i is centred on sample ``i * hop``; what lies outside the
sound is zero, so that even one sample gives one frame. Power is |rfft of the Hann-windowed frame|², scaled so that a
full-scale sine peaks near 1 whatever the frame length. Bands are spaced evenly in log frequency.

Everything is plain numpy: a worker needs no JIT compiler and starts at once. Each window is analysed by itself, so the
numbers do not depend on what else is in the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from antiphon.audio.pooling import STATISTICS
from antiphon.layout import Layout
from antiphon.registry import EncoderCard

Float32 = NDArray[np.float32]

RATE = 22_050
WINDOW_S = 30.0
FLOOR = 1e-13
"""Power that counts as silence: −130 dB under a full-scale sine, under the noise of 16-bit sound."""

_BLOCK = 256


@lru_cache(maxsize=4)
def _hann(size: int) -> Float32:
    """Periodic Hann window whose sum is 2, so that a sine of amplitude 1 has a spectral peak of 1."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)
    return np.asarray(window * (2 / window.sum()), dtype=np.float32)


def power(sound: Float32, *, size: int, hop: int) -> Float32:
    """Power spectrogram.

    Parameters
    ----------
    sound : (samples,) float32, samples ≥ 1.
    size : frame length in samples, even.
    hop : spacing of the frames in samples.

    Returns
    -------
    (1 + (samples − 1) // hop, size // 2 + 1) float32; a full-scale sine peaks near 1.
    """
    padded = np.pad(np.asarray(sound, dtype=np.float32), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[: len(sound) : hop]
    result = np.empty((len(frames), size // 2 + 1), dtype=np.float32)
    for start in range(0, len(frames), _BLOCK):  # blocks stay in the processor's cache
        spectrum = np.fft.rfft(frames[start : start + _BLOCK] * _hann(size), axis=-1)
        result[start : start + _BLOCK] = spectrum.real**2 + spectrum.imag**2
    return result


def band_centres(*, low: float, per_octave: float, count: int) -> NDArray[np.float64]:
    """Centre frequencies in Hz of ``count`` bands from ``low`` upwards."""
    return np.asarray(low * 2 ** (np.arange(count) / per_octave))


@lru_cache(maxsize=8)
def band_weights(size: int, *, low: float, per_octave: float, count: int) -> Float32:
    """Filters that are evenly spaced in log frequency: squared cosines that reach the second neighbour on both sides.

    They overlap by half, so that a partial that moves by part of a band changes the bands smoothly.

    Returns
    -------
    (size // 2 + 1, count) float32. Each filter sums to 1: the band's mean power. Where a band is narrower than the
    spectrum's bins, the filter is widened to two bins, which interpolates between them.
    """
    bins = np.arange(size // 2 + 1) * RATE / size
    edges = band_centres(low=low / 2 ** (2 / per_octave), per_octave=per_octave, count=count + 4)
    centres, width = edges[2:-2], 2 * RATE / size
    left, right = np.minimum(edges[:-4], centres - width), np.maximum(edges[4:], centres + width)
    below = np.clip((centres - bins[:, None]) / (centres - left), 0, 1)
    above = np.clip((bins[:, None] - centres) / (right - centres), 0, 1)
    weights = np.cos(np.pi / 2 * (below + above)) ** 2
    return np.asarray(weights / weights.sum(axis=0), dtype=np.float32)


def group_means(values: Float32, size: int) -> Float32:
    """Mean over runs of ``size`` rows; a shorter last run is averaged over what it has.

    Parameters
    ----------
    values : (n, d), n ≥ 1.

    Returns
    -------
    (ceil(n / size), d) float32.
    """
    starts = np.arange(0, len(values), size)
    counts = np.diff(np.append(starts, len(values)))[:, None]
    return np.asarray(np.add.reduceat(values, starts, axis=0) / counts, dtype=np.float32)


def decades(values: Float32) -> Float32:
    """Power in decades (10 dB each) with :data:`FLOOR` added, so that silence is −13 and never minus infinity."""
    return np.asarray(np.log10(values + np.float32(FLOOR)), dtype=np.float32)


VERSION = "2"
"""Of the signal encoders' arithmetic. 1 had bands that did not overlap and an absolute floor."""


def signal_card(name: str, summary: str, *, dims: int, paper: str) -> EncoderCard:
    """The card of a signal encoder of ``dims`` numbers a frame; all three hear the same windows."""
    return EncoderCard(
        name=name,
        kind="audio",
        summary=summary,
        layout=Layout(1, dims, 3),
        version=VERSION,
        paper=paper,
        rate=RATE,
        window_s=WINDOW_S,
        hop_s=WINDOW_S,
        tail="short",
        pooling=STATISTICS,
    )


class SignalEncoder:
    """A signal encoder: ``describe`` on each window by itself.

    Parameters
    ----------
    card : the encoder's.
    describe : (samples,) float32 at 22,050 Hz → (n_frames, dims), values of order 1.
    """

    weights_id = "none"

    def __init__(self, card: EncoderCard, describe: Callable[[Float32], Float32]) -> None:
        self.card = card
        self._describe = describe

    def frames(self, windows: Float32) -> Float32:
        """(b, samples) → (b, n_frames, dims) float32."""
        described = [self._describe(np.asarray(sound, dtype=np.float32)) for sound in windows]
        return np.stack(described).astype(np.float32, copy=False)
