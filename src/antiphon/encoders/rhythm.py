"""Rhythm: tempo, pulse, density and what carries them. No weights.

An onset envelope (the rising part of a log-frequency spectrogram in decibels, 43 values a second) is looked at through
8.9 s long Hann patches, one every 1.5 s: a frame. Its numbers, in the order of :data:`BLOCKS`:

``fourier``   Fourier tempogram: magnitude of the envelope at 37 tempi from 30 to 480 beats a minute, 9 an octave
``lag``       autocorrelation tempogram at the same tempi
``product``   the product of both at 60–240, where only the true tempo is high in both: harmonics of the pulse haunt
              ``fourier``, its subharmonics haunt ``lag`` (Peeters 2007)
``tempo``     log2(tempo / 120), and cosine and sine of its place inside the octave, for the strongest ``product``
``onsets``    onsets a second / 4; pulse clarity: highest ``lag``; mean and spread of the envelope; its peakiness
``carriers``  share of the rise in low (< 200 Hz), middle and high (> 3 kHz) bands; the highest ``lag`` of each
``density``   share of patch that has sound; falling over rising change (held notes fall little); agreement of the
              bands in their rise (drums rise everywhere at once)

Tempi are on a log axis: a copy played 6 % faster has the same tempogram, moved along.
Sources: Grosche, Müller & Kurth 2010 (tempograms), Lartillot et al. 2008 (pulse clarity), Bello et al. 2005 (onsets).
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from antiphon.encoders._shared import spectra as _spectra
from antiphon.encoders._shared.spectra import Float32, SignalEncoder
from antiphon.registry import EncoderCard, LoadOptions

SIZE, HOP = 2048, 512
BANDS = {"low": 50.0, "per_octave": 4.0, "count": 31}
PATCH, PATCH_HOP = 384, 64
TEMPI = 30 * 2 ** (np.arange(37) / 9)
FINE_TEMPI = 30 * 2 ** (np.arange(-4, 36 * 4 + 5) / 36)
MIDDLE = slice(9, 28)
SPLIT = (8, 24)
BLOCKS = {"fourier": 37, "lag": 37, "product": 19, "tempo": 3, "onsets": 5, "carriers": 6, "density": 3}

CARDS = (
    _spectra.signal_card(
        "rhythm",
        "Tempo and pulse from the signal: tempograms, onset density, what carries the beat. No download.",
        dims=sum(BLOCKS.values()),
        paper="Grosche, Müller & Kurth 2010, Cyclic tempogram, doi:10.1109/ICASSP.2010.5495219",
    ),
)


@lru_cache(maxsize=1)
def _waves() -> tuple[Float32, Float32]:
    """(patch, fine tempi) cosines and sines."""
    seconds = np.arange(PATCH) * HOP / _spectra.RATE
    angle = 2 * np.pi * np.outer(seconds, FINE_TEMPI / 60)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


@lru_cache(maxsize=1)
def _coarse() -> Float32:
    """(fine tempi, tempi) triangles that average ``FINE`` tempi to one: a peak between two tempi is not lost."""
    distance = np.abs(np.log2(FINE_TEMPI[:, None] / TEMPI) * 9)
    weights = np.clip(1 - distance, 0, None)
    return np.asarray(weights / weights.sum(axis=0), dtype=np.float32)


@lru_cache(maxsize=1)
def _hann() -> Float32:
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(PATCH) + 0.5) / PATCH), dtype=np.float32)


@lru_cache(maxsize=1)
def _lags() -> tuple[NDArray[np.intp], Float32, Float32]:
    """Lag below each fine tempo's beat period in steps, how far above it the period lies, and the taper there."""
    period = 60 / FINE_TEMPI * _spectra.RATE / HOP
    below = np.floor(period).astype(np.intp)
    window = _hann()
    taper = np.correlate(window, window, "full")[PATCH - 1 :] / (window @ window)
    at = np.interp(period, np.arange(PATCH), taper)
    return below, np.asarray(period - below, dtype=np.float32), np.asarray(at, dtype=np.float32)


def _patches(envelope: Float32) -> Float32:
    """(n, channels) → (patches, channels, PATCH), centred on every PATCH_HOP-th value, zero outside."""
    padded = np.pad(envelope, ((PATCH // 2, PATCH // 2), (0, 0)))
    return np.lib.stride_tricks.sliding_window_view(padded, PATCH, axis=0)[: len(envelope) : PATCH_HOP]


def _tempograms(patches: Float32) -> tuple[Float32, Float32]:
    """(p, PATCH) → Fourier and autocorrelation tempograms, (p, 37) each, 0 to about 1."""
    window = _hann()
    weight = (patches * window).sum(axis=1, keepdims=True) / window.sum()
    centred = (patches - weight) * window
    energy = np.sqrt((centred**2).sum(axis=1, keepdims=True)) + np.float32(1e-3)
    centred = centred / energy
    cosine, sine = _waves()
    fourier = np.sqrt((centred @ cosine) ** 2 + (centred @ sine) ** 2) / np.float32(np.sqrt(PATCH / 2))
    spectrum = np.fft.rfft(centred, 2 * PATCH, axis=1)
    correlation = np.fft.irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, :PATCH]
    below, beyond, taper = _lags()
    lag = correlation[:, below] * (1 - beyond) + correlation[:, below + 1] * beyond
    lag = lag / np.maximum(taper, np.float32(0.1))
    return (fourier @ _coarse()).astype(np.float32), (lag @ _coarse()).astype(np.float32)


def _tempo(product: Float32) -> Float32:
    """(p, 19) → (p, 3): octaves over 120, and cosine and sine inside the octave; 0 where there is no pulse."""
    prior = np.exp(-0.5 * (np.log2(TEMPI[MIDDLE] / 120) / 0.7) ** 2)
    scores = np.maximum(product, 0) ** 2 * prior
    octave = np.log2(TEMPI[MIDDLE] / 120)
    sharp = scores / (scores.max(axis=1, keepdims=True) + 1e-12)
    sharp = sharp**4
    mean = (sharp @ octave) / (sharp.sum(axis=1) + 1e-12)
    certain = (scores.max(axis=1) > 1e-6).astype(np.float32)
    return np.stack([mean * certain, np.cos(2 * np.pi * mean) * certain, np.sin(2 * np.pi * mean) * certain], axis=1)


def _onsets(envelope: Float32, patches: Float32, lag: Float32) -> Float32:
    """(p, 5) onset rate, pulse clarity, mean, spread, peakiness."""
    window = _hann()
    mean = patches @ window / window.sum()
    spread = np.sqrt(np.maximum(patches**2 @ window / window.sum() - mean**2, 0))
    before, after = np.pad(envelope, (1, 0))[:-1], np.pad(envelope, (0, 1))[1:]
    smooth = np.convolve(np.pad(envelope, 8, mode="edge"), np.full(17, 1 / 17), mode="valid")
    peaks = (envelope > before) & (envelope >= after) & (envelope > 1.3 * smooth + 0.05)
    rate = _patches(peaks.astype(np.float32)[:, None])[:, 0] @ window / window.sum() * _spectra.RATE / HOP
    clarity = lag[:, : MIDDLE.stop + 4].max(axis=1)
    return np.stack([rate / 4, clarity, mean * 2, spread * 2, spread / (mean + 0.02) / 3], axis=1)


def _describe(sound: Float32) -> Float32:
    """(samples,) → (n_frames, dims)."""
    power = _spectra.power(sound, size=SIZE, hop=HOP)
    bands = _spectra.decades(power @ _spectra.band_weights(SIZE, **BANDS))
    bands = np.maximum(bands, bands.max() - 6)
    change = np.diff(bands, axis=0, prepend=bands[:1])
    rise = np.maximum(change, 0)
    low, high = SPLIT
    envelopes = np.stack([rise.mean(axis=1), *(part.mean(axis=1) for part in np.split(rise, [low, high], axis=1))])
    sounding = (bands.max(axis=1) > bands.max() - 5) & (bands.max(axis=1) > -12)
    falling = np.maximum(-change, 0).mean(axis=1)
    together = (rise > 0.05).mean(axis=1) * envelopes[0]
    extra = np.stack([sounding.astype(np.float32), falling, together])
    patches = _patches(np.concatenate([envelopes, extra]).T.astype(np.float32))
    window = _hann() / _hann().sum()
    fourier, lag = _tempograms(patches[:, 0])
    product = fourier[:, MIDDLE] * np.maximum(lag[:, MIDDLE], 0) * 4
    means = patches @ window
    sizes = means[:, 1:4] * np.array([low, high - low, BANDS["count"] - high], dtype=np.float32)
    shares = sizes / (sizes.sum(axis=1, keepdims=True) + np.float32(1e-3))
    clear = np.stack([_tempograms(patches[:, c])[1][:, : MIDDLE.stop + 4].max(axis=1) for c in (1, 2, 3)], axis=1)
    total = means[:, :1] + np.float32(1e-3)
    density = np.concatenate([means[:, 4:5], means[:, 5:6] / total, means[:, 6:7] / total], axis=1)
    onsets = _onsets(envelopes[0], patches[:, 0], lag)
    density = np.minimum(density, 3)
    return np.concatenate([fourier * 2, lag, product, _tempo(product), onsets, shares, clear, density], axis=1)


def load(card: EncoderCard, options: LoadOptions) -> SignalEncoder:  # noqa: ARG001 - nothing to choose without weights
    """Make the encoder; there is nothing to read."""
    return SignalEncoder(card, _describe)
