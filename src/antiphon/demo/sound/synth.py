"""Notes and drum strokes as sound, additive and vectorised.

A decaying partial is the real part of a power of one complex number, z^n. With n = row·B + column the sum over
partials is one small matrix product, Re(U V) with U = a z^(row·B) and V = z^column, which makes a two-second note of
forty partials in well under a millisecond. Audio is float32, mono, full scale ±1.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from antiphon.demo.sound.instruments import PATCHES, Patch

Audio = NDArray[np.float32]
BLOCK = 256
NOISE_SECONDS = 4


@lru_cache(maxsize=2)
def noise_pool(rate: int) -> Audio:
    """White noise (NOISE_SECONDS · rate,), the same in every process, to cut breath and drums from."""
    return np.random.default_rng(20).standard_normal(NOISE_SECONDS * rate).astype(np.float32)


@lru_cache(maxsize=32)
def band_noise(rate: int, low_hz: float, high_hz: float) -> Audio:
    """Noise between two frequencies, unit RMS, (NOISE_SECONDS · rate,)."""
    spectrum = np.fft.rfft(noise_pool(rate))
    hz = np.fft.rfftfreq(NOISE_SECONDS * rate, 1 / rate)
    gain = 1 / (1 + (low_hz / np.maximum(hz, 1.0)) ** 6) / (1 + (hz / high_hz) ** 6)
    band = np.fft.irfft(spectrum * gain, NOISE_SECONDS * rate)
    unit: Audio = (band / np.sqrt(np.mean(band**2))).astype(np.float32)
    return unit


def varied(name: str, rng: np.random.Generator) -> Patch:
    """The instrument ``name`` as one player has it: slightly different brightness, decay, attack and vibrato."""
    patch = PATCHES[name]
    rate, cents = patch.vibrato
    return replace(
        patch,
        slope=patch.slope * rng.uniform(0.85, 1.2),
        decay=patch.decay * rng.uniform(0.8, 1.3),
        attack=patch.attack * rng.uniform(0.7, 1.4),
        vibrato=(rate * rng.uniform(0.9, 1.1), cents * rng.uniform(0.6, 1.3)),
        spread=patch.spread * rng.uniform(0.8, 1.2),
        pluck=patch.pluck * rng.uniform(0.85, 1.2),
    )


def _powers(z: NDArray[np.complex128], count: int) -> NDArray[np.complex128]:
    """z^0 … z^(count − 1), (count, z.size), by doubling: a product is cheaper than an exponential."""
    table = np.ones((1, z.size), dtype=np.complex128)
    step = z
    while len(table) < count:
        table = np.vstack([table, table * step])
        step = step * step
    return table[:count]


def damped_partials(z: NDArray[np.complex128], amplitude: NDArray[np.complex128], samples: int) -> Audio:
    """Σ_p Re(amplitude_p · z_p^n) for n < samples, as one matrix product of width 2 × partials."""
    rows = -(-samples // BLOCK)
    outer = amplitude * _powers(z**BLOCK, rows)
    inner = _powers(z, BLOCK).T
    left = np.hstack([outer.real, -outer.imag]).astype(np.float32)
    right = np.vstack([inner.real, inner.imag]).astype(np.float32)
    product: Audio = left @ right
    return product.reshape(-1)[:samples]


def _spectrum(patch: Patch, hz: float, rate: int, velocity: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Frequencies (Hz) and amplitudes of the partials below 45 % of the rate."""
    if patch.ratios:
        ratios = np.array(patch.ratios)
        order = np.arange(1, len(ratios) + 1, dtype=np.float64)
    else:
        order = np.arange(1, patch.partials + 1, dtype=np.float64)
        ratios = order * np.sqrt(1 + patch.stretch * order**2)
    amplitude = order ** -(patch.slope * (1.25 - 0.4 * velocity))
    amplitude = np.where(order % 2 == 0, amplitude * patch.even, amplitude)
    if patch.pluck:
        amplitude = amplitude * (0.05 + np.abs(np.sin(np.pi * order * patch.pluck)))
    if patch.formants:
        resonances = [1 / (1 + ((ratios * hz - centre) / width) ** 2) for centre, width in patch.formants]
        amplitude = amplitude * (0.06 + np.sum(resonances, axis=0))
    kept = ratios * hz < 0.45 * rate
    return ratios[kept] * hz, amplitude[kept] / np.sqrt(np.sum(amplitude**2))


def _tone(patch: Patch, pitch: float, samples: int, velocity: float, rate: int, rng: np.random.Generator) -> Audio:
    """The partials of a note, before its envelope."""
    hz = 440.0 * 2 ** ((pitch - 69) / 12)
    frequency, amplitude = _spectrum(patch, hz, rate, velocity)
    fall = np.zeros_like(frequency)
    if patch.decay:
        seconds = patch.decay * 2 ** (-(pitch - 60) / 18)
        fall = np.power(np.arange(1.0, len(frequency) + 1), patch.damping, dtype=np.float64) * (6.9 / seconds)
    cents = np.linspace(-1, 1, patch.voices) * patch.spread if patch.voices > 1 else np.zeros(1)
    detuned = (frequency[None] * 2 ** (cents[:, None] / 1200)).reshape(-1)
    phase = np.exp(2j * np.pi * rng.random(detuned.size))
    z = np.exp((-np.tile(fall, len(cents)) + 2j * np.pi * detuned) / rate)
    weight = np.tile(amplitude, len(cents)) / np.sqrt(len(cents)) * phase
    if not patch.bloom:
        return damped_partials(z, weight, samples)
    upper = np.tile(np.arange(len(frequency)) >= 3, len(cents))
    late = np.minimum(1.0, np.arange(samples, dtype=np.float32) / (patch.bloom * rate)) ** 2
    lower_tone = damped_partials(z[~upper], weight[~upper], samples)
    bloomed: Audio = lower_tone + late * damped_partials(z[upper], weight[upper], samples)
    return bloomed


def _wavering(patch: Patch, tone: Audio, rate: int, phase: float) -> Audio:
    """Vibrato by reading the tone at a wavering pace, tremolo by its loudness."""
    seconds = np.arange(len(tone), dtype=np.float32) / rate
    vibrato_hz, cents = patch.vibrato
    if cents and len(tone) > 0.18 * rate:
        depth = (2 ** (cents / 1200) - 1) / (2 * np.pi * vibrato_hz) * rate
        onset = np.minimum(1.0, seconds / 0.35)
        at = np.arange(len(tone)) + depth * onset * np.sin(2 * np.pi * vibrato_hz * seconds + phase)
        tone = np.interp(at, np.arange(len(tone)), tone).astype(np.float32)
    tremolo_hz, amount = patch.tremolo
    if amount:
        tone = tone * (1 - amount * (0.5 + 0.5 * np.sin(2 * np.pi * tremolo_hz * seconds + phase))).astype(np.float32)
    return tone


def render_note(
    patch: Patch, *, pitch: float, seconds: float, velocity: float, rate: int, rng: np.random.Generator
) -> Audio:
    """One note, (samples,) float32.

    Parameters
    ----------
    pitch : MIDI pitch, fractions allowed.
    seconds : how long the key is held; the release (and, for sounds that ring, their decay) comes on top.
    velocity : 0–1; louder notes are also brighter.
    """
    held = max(1, int(seconds * rate))
    release = max(1, int(patch.release * rate))
    samples = held + release
    tone = _wavering(patch, _tone(patch, pitch, samples, velocity, rate, rng), rate, float(rng.uniform(0, 6.28)))
    start = int(rng.integers(rate))
    if patch.breath:
        noise = band_noise(rate, patch.breath_hz * 0.6, patch.breath_hz * 1.6)
        tone = tone + patch.breath * np.resize(noise[start:], samples)
    if patch.drive:
        tone = np.tanh(patch.drive * tone) * np.float32(0.6)
    attack = max(1, min(int(patch.attack * rate), held // 2))
    envelope = np.ones(samples, dtype=np.float32)
    envelope[:attack] = 0.5 - 0.5 * np.cos(np.pi * np.arange(attack, dtype=np.float32) / attack)
    envelope[held:] = np.exp(-5 * np.arange(release, dtype=np.float32) / release) * np.linspace(1, 0, release)
    tone = tone * envelope
    if patch.click:
        length = min(samples, int(0.03 * rate))
        burst = band_noise(rate, 1200.0, 5000.0)[start : start + length]
        tone[:length] += np.float32(patch.click * velocity * 0.5) * burst * np.exp(-np.arange(length) / (0.006 * rate))
    loud: Audio = (tone * np.float32(velocity**1.4)).astype(np.float32)
    return loud
