"""Harmony: keys, chords, their movement, register. No weights.

Spectral peaks of 0.37 s long frames, one every 0.19 s, are placed by parabolic interpolation and folded into pitch
classes (0 is C) relative to the window's own tuning. A frame's numbers, in the order of :data:`BLOCKS`:

``chroma``     12 pitch classes; all together 2 where there is pitch, 0 in silence
``bass``       the same for low peaks: all under 156 Hz, fewer up to 311 Hz
``relative``   ``chroma`` turned so that the window's most likely tonic is first: mode, whatever the key
``key``        correlation of the window's chroma with the best major and the best minor key of Krumhansl & Kessler
               (1982), and their difference (positive: major)
``tonnetz``    6 coordinates of Harte, Sandler & Gasser 2006: fifths, minor thirds, major thirds
``chords``     best match over 12 roots with the templates of :data:`CHORDS`
``intervals``  chroma against itself at interval classes 1 to 6
``movement``   chroma against itself 0.7 s and 2.2 s later at intervals 0 to 11: chord changes, whatever the key
``pitch``      centroid, lowest and highest strong peak (octaves over 440 Hz), number of peaks, tonal share of power,
               entropy of chroma, change since the last frame, distance from the tuned grid, tuning (semitones)

``relative``, ``intervals`` and ``movement`` do not change when a recording is transposed, ``chroma`` and ``bass`` only
rotate (the idea of Ellis & Bertin-Mahieux 2012).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._shared import spectra as _spectra
from antiphon.encoders._shared.spectra import Float32, SignalEncoder
from antiphon.registry import EncoderCard, LoadOptions

SIZE, HOP = 8192, 4096
LOWEST_HZ, HIGHEST_HZ = 60.0, 4200.0
BASS_TOP, CHROMA_TOP, CHROMA_BOTTOM = -6.0, 36.0, -34.0
"""Where bass and chroma fade out, semitones over 440 Hz: softly, so that transposing loses no note at once."""
LAGS = (4, 12)
CHORDS = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "fifth": (0, 7),
    "suspended": (0, 5, 7),
    "diminished": (0, 3, 6),
    "major seventh": (0, 4, 7, 11),
    "minor seventh": (0, 3, 7, 10),
}
BLOCKS = {
    "chroma": 12,
    "bass": 12,
    "relative": 12,
    "key": 3,
    "tonnetz": 6,
    "chords": len(CHORDS),
    "intervals": 6,
    "movement": 24,
    "pitch": 9,
}
_MAJOR = (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88)
_MINOR = (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17)

CARDS = (
    _spectra.signal_card(
        "harmony",
        "Keys, chords and their movement, register, from the signal. No download.",
        dims=sum(BLOCKS.values()),
        paper="Harte, Sandler & Gasser 2006, doi:10.1145/1178723.1178727; Krumhansl & Kessler 1982",
    ),
)


@lru_cache(maxsize=1)
def _rotations() -> NDArray[np.intp]:
    """(12, 12) indices: ``chroma[..., rotations[k]]`` has pitch class k first."""
    return (np.arange(12)[:, None] + np.arange(12)) % 12


@lru_cache(maxsize=1)
def _keys() -> Float32:
    """(2, 12, 12) zero-mean unit key profiles: mode × tonic × pitch class."""
    profiles = np.array([_MAJOR, _MINOR])
    profiles = profiles - profiles.mean(axis=1, keepdims=True)
    profiles /= np.linalg.norm(profiles, axis=1, keepdims=True)
    turned = np.stack([np.stack([np.roll(p, tonic) for tonic in range(12)]) for p in profiles])
    return turned.astype(np.float32)


@lru_cache(maxsize=1)
def _templates() -> Float32:
    """(12, chords · 12) unit chord templates, chord by chord, root by root."""
    columns = np.zeros((12, len(CHORDS), 12), dtype=np.float32)
    for c, tones in enumerate(CHORDS.values()):
        for root in range(12):
            columns[[(root + tone) % 12 for tone in tones], c, root] = len(tones) ** -0.5
    return columns.reshape(12, -1)


@lru_cache(maxsize=1)
def _tonnetz() -> Float32:
    """(12, 6) the tonal centroid transform, radii 1, 1 and 0.5 as published."""
    classes = np.arange(12)
    circles = [(7 / 6, 1.0), (3 / 2, 1.0), (2 / 3, 0.5)]
    columns = [f(classes * turn * np.pi) * r for turn, r in circles for f in (np.sin, np.cos)]
    return np.stack(columns, axis=1).astype(np.float32)


class _Peaks:
    """Spectral peaks of a window: flat arrays ``row``, ``pitch`` (semitones over 440 Hz), ``strength``."""

    def __init__(self, power: Float32) -> None:
        first, last = int(LOWEST_HZ * SIZE / _spectra.RATE), int(HIGHEST_HZ * SIZE / _spectra.RATE)
        part = power[:, first - 1 : last + 1]
        middle = part[:, 1:-1]
        loudest = part.max(axis=1, keepdims=True)
        floor = np.maximum(loudest * np.float32(1e-5), max(_spectra.FLOOR * 10, 1e-6 * float(loudest.max())))
        self.row, column = np.nonzero((middle > part[:, :-2]) & (middle >= part[:, 2:]) & (middle > floor))
        before, here, after = (np.log(part[self.row, column + i] + np.float32(1e-20)) for i in range(3))
        offset = np.float32(0.5) * (before - after) / np.minimum(before - 2 * here + after, np.float32(-1e-6))
        offset = np.clip(offset, -0.5, 0.5)
        hertz = (column + first + offset) * (_spectra.RATE / SIZE)
        self.pitch = (12 * np.log2(hertz / 440)).astype(np.float32)
        self.strength = np.sqrt(middle[self.row, column])
        self.power = middle[self.row, column]
        self.loudest = np.sqrt(loudest[self.row, 0])
        self.count = len(power)

    def tuning(self) -> float:
        """Mean deviation from the 440 Hz grid, −0.5 to 0.5 semitones, by a circular mean over peaks over 120 Hz."""
        angle = 2 * np.pi * self.pitch
        weight = self.strength * (self.pitch > -22.5)
        return float(np.arctan2((weight * np.sin(angle)).sum(), (weight * np.cos(angle)).sum()) / (2 * np.pi))

    def chroma(self, tuning: float, weight: Float32) -> Float32:
        """(frames, 12) sums of ``weight``, each peak shared between its two nearest pitch classes."""
        place = self.pitch - tuning + 9  # 440 Hz is A, nine semitones over C
        below = np.floor(place)
        share = place - below
        share = share * share * (3 - 2 * share)
        result = np.zeros(self.count * 12)
        for offset, part in ((0, 1 - share), (1, share)):
            index = self.row * 12 + (below + offset).astype(np.intp) % 12
            result += np.bincount(index, weight * part, minlength=self.count * 12)
        return result.reshape(-1, 12).astype(np.float32)

    def per_frame(self, weight: Float32) -> Float32:
        """(frames,) sums of ``weight``."""
        return np.bincount(self.row, weight, minlength=self.count).astype(np.float32)


def _unit(chroma: Float32, total: float = 1.0) -> Float32:
    """Rows that sum to ``total``; 0 stays 0."""
    sums = chroma.sum(axis=1, keepdims=True)
    return np.asarray(chroma * (total / np.maximum(sums, 1e-6)), dtype=np.float32)


def _key(chroma: Float32, weight: Float32) -> tuple[Float32, int]:
    """(3,) best major, best minor, difference; and the tonic, of a whole window."""
    mean = weight @ chroma
    mean = mean - mean.mean()
    scores = _keys() @ (mean / max(float(np.linalg.norm(mean)), 1e-6))
    major, minor = float(scores[0].max()), float(scores[1].max())
    tonic = int(np.unravel_index(np.argmax(scores), scores.shape)[1])
    return np.array([major, minor, (major - minor) * 3], dtype=np.float32), tonic


def _movement(chroma: Float32) -> Float32:
    """(frames, 6 + 24) interval classes inside a frame, then intervals to the frame LAGS later."""
    scaled = chroma / np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-6)
    turned = scaled[:, _rotations()]
    columns = [np.einsum("fp,fkp->fk", scaled, turned)[:, 1:7]]
    for lag in LAGS:
        later = np.minimum(np.arange(len(chroma)) + lag, len(chroma) - 1)
        columns.append(np.einsum("fp,fkp->fk", scaled, turned[later]))
    return np.concatenate(columns, axis=1)


def _pitch(peaks: _Peaks, power: Float32, chroma: Float32, tuning: float) -> Float32:
    """(frames, 9), see the module's description."""
    octaves = peaks.pitch / 12
    total = np.maximum(peaks.per_frame(peaks.strength), 1e-6)
    strong = peaks.strength > 0.15 * peaks.loudest
    lowest, highest = np.full(peaks.count, np.inf), np.full(peaks.count, -np.inf)
    np.minimum.at(lowest, peaks.row[strong], octaves[strong])
    np.maximum.at(highest, peaks.row[strong], octaves[strong])
    heard = np.isfinite(lowest)
    share = peaks.per_frame(peaks.power) * 3 / (power.sum(axis=1) + np.float32(_spectra.FLOOR * 100))
    entropy = -(chroma * np.log(chroma + np.float32(1e-9))).sum(axis=1) / np.log(12)
    change = np.abs(np.diff(chroma, axis=0, prepend=chroma[:1])).sum(axis=1)
    off = np.abs((peaks.pitch - tuning + 0.5) % 1 - 0.5)
    columns = [
        peaks.per_frame(peaks.strength * octaves) / total,
        np.where(heard, lowest, 0),
        np.where(heard, highest, 0),
        np.sqrt(peaks.per_frame(strong.astype(np.float32))) / 4,
        share,
        entropy,
        change,
        peaks.per_frame(peaks.strength * off) / total * 4,
        np.full(peaks.count, tuning),
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _describe(sound: Float32) -> Float32:
    """(samples,) → (n_frames, dims)."""
    power = _spectra.power(sound, size=SIZE, hop=HOP)
    peaks = _Peaks(power)
    tuning = peaks.tuning()
    total = peaks.per_frame(peaks.strength)
    low = np.clip((BASS_TOP - peaks.pitch) / 12, 0, 1)
    full = np.clip((CHROMA_TOP - peaks.pitch) / 24, 0, 1) * np.clip((peaks.pitch - CHROMA_BOTTOM) / 6, 0, 1)
    raw = peaks.chroma(tuning, peaks.strength * full)
    chroma = _unit(raw)
    bass = _unit(peaks.chroma(tuning, peaks.strength * low))
    key, tonic = _key(raw, np.sqrt(total))
    length = np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-6)
    chords = (chroma @ _templates()).reshape(len(chroma), len(CHORDS), 12).max(axis=2) / length
    columns = [
        chroma * 2,
        bass * 2,
        chroma[:, _rotations()[tonic]] * 2,
        np.broadcast_to(key, (len(chroma), 3)),
        chroma @ _tonnetz() * 2,
        chords,
        _movement(chroma),
        _pitch(peaks, power, chroma, tuning),
    ]
    return np.concatenate(columns, axis=1).astype(np.float32)


def load(card: EncoderCard, options: LoadOptions) -> SignalEncoder:  # noqa: ARG001 - nothing to choose without weights
    """Make the encoder; there is nothing to read."""
    return SignalEncoder(card, _describe)
