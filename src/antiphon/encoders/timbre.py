"""Timbre: which sounds are heard, how bright, noisy, loud and plucked they are. No weights.

One frame is about 0.19 s. Its numbers, in the order of :data:`BLOCKS`:

``bands``     log-frequency spectrum, 5 bands an octave from 65 Hz to 9 kHz, in decades of power relative to the frame's
              own mean over the bands: its shape, whatever the loudness
``cepstrum``  cosine transform of ``bands``, coefficients 1 to 13 (MFCC on a log axis; Davis & Mermelstein 1980)
``flatness``  per octave, log of geometric over arithmetic mean of power: 0 for noise, negative for tones (MPEG-7; Jiang
              et al. 2002 argue for such a contrast measure beside MFCC)
``shape``     centroid, spread and 85 % roll-off of power, in octaves over 440 Hz (spread in octaves)
``texture``   zero-crossing rate; rising, falling and strongest rising flux of ``bands``; crest of the waveform
``level``     loudness in decades (full-scale sine: about 0); share of the window's frames that are 40 dB under its peak

Source: the descriptors are surveyed in Peeters et al. 2011, "The Timbre Toolbox".
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np

from antiphon.encoders._shared import spectra as _spectra
from antiphon.encoders._shared.spectra import Float32, SignalEncoder
from antiphon.registry import EncoderCard, LoadOptions

SIZE, HOP, GROUP = 2048, 512, 8
BANDS = {"low": 65.0, "per_octave": 5.0, "count": 36}
OCTAVES = 7
BLOCKS = {"bands": 36, "cepstrum": 13, "flatness": OCTAVES, "shape": 3, "texture": 5, "level": 2}

CARDS = (
    _spectra.signal_card(
        "timbre",
        "Sound colour from the signal: spectrum shape, noisiness, attack, loudness. No download.",
        dims=sum(BLOCKS.values()),
        paper="Peeters et al. 2011, The Timbre Toolbox, doi:10.1121/1.3642604",
    ),
)


@lru_cache(maxsize=1)
def _cosines() -> Float32:
    """(bands, 13) orthonormal cosine transform, coefficients 1 to 13, scaled to order 1."""
    count = BLOCKS["bands"]
    angle = np.pi * np.outer(np.arange(count) + 0.5, np.arange(1, 14)) / count
    return np.asarray(np.cos(angle) * (2 / count), dtype=np.float32)


@lru_cache(maxsize=1)
def _frequencies() -> tuple[Float32, list[slice]]:
    """Octaves over 440 Hz of every bin but the first, and the bins of each octave from 65 Hz."""
    hertz = np.arange(1, SIZE // 2 + 1) * _spectra.RATE / SIZE
    edges = np.searchsorted(hertz, BANDS["low"] * 2.0 ** np.arange(OCTAVES + 1))
    octaves = [slice(int(a) + 1, int(b) + 1) for a, b in pairwise(edges)]
    return np.asarray(np.log2(hertz / 440), dtype=np.float32), octaves


def _shape(power: Float32) -> Float32:
    """(n, 3) centroid, spread, roll-off. Power is weighted per octave, as hearing does, so 1/f is applied."""
    octaves, _ = _frequencies()
    weighted = power[:, 1:] + np.float32(_spectra.FLOOR)
    weighted = weighted * np.exp2(-octaves)
    total = weighted.sum(axis=1)
    centroid = weighted @ octaves / total
    spread = np.sqrt(np.maximum(weighted @ octaves**2 / total - centroid**2, 0))
    reached = np.cumsum(weighted, axis=1) >= 0.85 * total[:, None]
    rolloff = octaves[np.argmax(reached, axis=1)]
    return np.stack([centroid, spread, rolloff], axis=1)


def _flatness(power: Float32) -> Float32:
    """(n, octaves) decades; the mean of logs minus the log of the mean, ≤ 0; the floor is 90 dB under the peak."""
    power = power + power.max() * np.float32(1e-9)
    logs = _spectra.decades(power)
    _, octaves = _frequencies()
    columns = [logs[:, o].mean(axis=1) - _spectra.decades(power[:, o].mean(axis=1)) for o in octaves]
    return np.stack(columns, axis=1)


def _waveform(sound: Float32, count: int) -> tuple[Float32, Float32, Float32]:
    """Zero-crossing rate (0–1), mean square and peak square in ``count`` runs of ``HOP`` samples."""
    padded = np.pad(sound, (0, count * HOP - len(sound)))
    crossing = np.zeros(len(padded), dtype=np.float32)
    crossing[1:] = (padded[1:] >= 0) != (padded[:-1] >= 0)
    square = (padded**2).reshape(count, HOP)
    rates = crossing.reshape(count, HOP).mean(axis=1)
    return rates, square.mean(axis=1), square.max(axis=1)


def _describe(sound: Float32) -> Float32:
    """(samples,) → (n_frames, dims)."""
    power = _spectra.power(sound, size=SIZE, hop=HOP)
    bands = power @ _spectra.band_weights(SIZE, **BANDS)
    bands = _spectra.decades(bands + bands.max() * np.float32(1e-6))
    level = bands.mean(axis=1, keepdims=True)
    shape = bands - level
    change = np.diff(bands, axis=0, prepend=bands[:1])
    rise, fall = np.maximum(change, 0).mean(axis=1), np.maximum(-change, 0).mean(axis=1)
    crossing, mean_square, peak_square = _waveform(sound, len(power))
    crest = 0.5 * np.log10((peak_square + 1e-9) / (mean_square + 1e-9))
    loudness = np.log10(mean_square * 2 + 1e-9)
    quiet = loudness < loudness.max() - 4
    columns = [
        shape,
        shape @ _cosines(),
        _flatness(power),
        _shape(power),
        np.stack([crossing * 4, rise * 4, fall * 4, rise * 4, crest, loudness / 2, quiet], axis=1),
    ]
    frames = _spectra.group_means(np.concatenate(columns, axis=1), GROUP)
    strongest = BLOCKS["bands"] + 13 + OCTAVES + 3 + 3
    frames[:, strongest] = np.maximum.reduceat(rise * 4, np.arange(0, len(rise), GROUP))
    return frames


def load(card: EncoderCard, options: LoadOptions) -> SignalEncoder:  # noqa: ARG001 - nothing to choose without weights
    """Make the encoder; there is nothing to read."""
    return SignalEncoder(card, _describe)
