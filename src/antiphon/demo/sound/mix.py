"""From a score to a finished waveform: parts balanced against each other, room, colour, loudness."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from antiphon.demo.recipe import PieceRecipe
from antiphon.demo.sound.drums import drum
from antiphon.demo.sound.score import Note, Score, compose
from antiphon.demo.sound.synth import Audio, band_noise, render_note, varied

TAIL = 1.1  # seconds that ring after the last bar
LEVELS = {"lead": 1.0, "backing": 0.32, "bass": 0.38, "drums": 0.45}  # RMS of a part against the lead's
PANS = {"lead": 0.1, "backing": -0.45, "bass": 0.0, "drums": 0.25}  # −1 left to 1 right
RMS = 0.1
PEAK = 0.8  # lossy codecs overshoot what they were given
REVERB = {
    "dry": (0.0, 0.0),
    "room": (0.7, 0.28),
    "hall": (3.2, 0.75),
}  # (seconds to −60 dB, level against the dry sound)


def _place(track: Audio, sound: Audio, start: int) -> None:
    length = min(len(sound), len(track) - start)
    if length > 0:
        track[start : start + length] += sound[:length]


def render_parts(recipe: PieceRecipe, score: Score, rate: int) -> dict[str, Audio]:
    """Each part alone, (samples,) float32, at its level in the mix."""
    rng = np.random.default_rng([recipe.seed, 2])
    samples = int((score.seconds + TAIL) * rate)
    names = {"lead": recipe.lead, "backing": recipe.backing, "bass": "bass"}
    by_part: dict[str, list[Note]] = defaultdict(list)
    for note in score.notes:
        by_part[note.part].append(note)
    parts: dict[str, Audio] = {}
    for part, notes in by_part.items():
        patch = varied(names[part], rng)
        parts[part] = np.zeros(samples, dtype=np.float32)
        for note in notes:
            sound = render_note(
                patch, pitch=note.pitch, seconds=note.seconds, velocity=note.velocity, rate=rate, rng=rng
            )
            _place(parts[part], sound, int(note.start * rate))
    if score.hits:
        parts["drums"] = np.zeros(samples, dtype=np.float32)
        tuning = int(rng.integers(-3, 4))
        for hit in score.hits:
            _place(parts["drums"], drum(hit.drum, rate, tuning) * np.float32(hit.velocity), int(hit.start * rate))
    return {part: sound * np.float32(LEVELS[part] / _rms(sound)) for part, sound in parts.items()}


def _rms(sound: Audio) -> float:
    return float(np.sqrt(np.mean(np.square(sound)))) + 1e-9


@lru_cache(maxsize=8)
def _room(space: str, rate: int, channel: int) -> Audio:
    """A room's echoes, (samples,): noise that dies away, its high frequencies soonest."""
    seconds, level = REVERB[space]
    time = np.arange(int(seconds * rate)) / rate
    noise = np.random.default_rng([7, channel]).standard_normal(len(time))
    dark = np.convolve(noise, [0.25, 0.5, 0.25], mode="same")
    blend = np.exp(-4 * time / seconds)
    tail = (noise * blend + dark * (1 - blend)) * np.exp(-6.9 * time / seconds)
    tail[: int(0.012 * rate)] = 0
    echoes: Audio = (level * tail / np.sqrt(np.sum(tail**2))).astype(np.float32)
    return echoes


def _colour_gain(colour: str, hz: NDArray[np.float64]) -> NDArray[np.float64]:
    """Frequency response of a colour."""
    if colour == "warm":
        return 1 / (1 + (hz / 1500) ** 2) + 0.02
    if colour == "bright":
        return 0.45 + 2.2 / (1 + (2200 / np.maximum(hz, 1.0)) ** 2)
    if colour == "lo-fi":
        return 1 / (1 + (180 / np.maximum(hz, 1.0)) ** 4) / (1 + (hz / 3000) ** 6)
    return np.ones_like(hz)


def _in_room(recipe: PieceRecipe, sound: Audio, rate: int, channel: int) -> Audio:
    """Colour and reverb in one pass through the frequency domain."""
    dry = recipe.space == "dry"
    room = np.zeros(0, dtype=np.float32) if dry else _room(recipe.space, rate, channel)
    size = fft.next_fast_len(len(sound) + len(room), real=True)
    gain = _colour_gain(recipe.colour, fft.rfftfreq(size, 1 / rate)).astype(np.float32)
    response = gain if dry else gain * (1 + fft.rfft(room, size))
    spectrum = fft.rfft(sound, size)
    wet: Audio = fft.irfft(spectrum * response, size)[: len(sound)]
    return wet


def _crackle(samples: int, rate: int, rng: np.random.Generator) -> Audio:
    """An old record: clicks and a soft hiss."""
    sound = np.zeros(samples, dtype=np.float32)
    at = rng.integers(0, samples - 40, size=int(14 * samples / rate))
    for start, loud in zip(at, rng.exponential(0.5, size=len(at)), strict=True):
        sound[start : start + 3] += np.float32(min(loud, 1.5)) * np.array([1.0, -0.8, 0.3], dtype=np.float32)
    hiss = np.resize(band_noise(rate, 1500.0, 6000.0), samples)
    record: Audio = (0.3 * sound + 0.012 * hiss).astype(np.float32)
    return record


def _dynamics(recipe: PieceRecipe, samples: int) -> Audio:
    """Loudness over the piece, and a short fade at the very end."""
    ramp = np.linspace(0, 1, samples, dtype=np.float32)
    curve = {"steady": np.ones_like(ramp), "swelling": 0.12 + 0.88 * ramp**1.5, "fading": 0.1 + 0.9 * (1 - ramp) ** 1.5}
    shape = curve[recipe.dynamics].astype(np.float32)
    edge = samples // 20
    shape[-edge:] *= np.linspace(1, 0, edge, dtype=np.float32)
    return shape


def level(sound: Audio) -> Audio:
    """Bring to RMS ``RMS``, turn peaks near ``PEAK`` down smoothly; nothing exceeds ``PEAK``."""
    scaled = sound * np.float32(RMS / _rms(sound))
    knee = 0.6 * PEAK
    over = np.abs(scaled) > knee
    room = PEAK - knee
    scaled[over] = np.sign(scaled[over]) * (knee + room * np.tanh((np.abs(scaled[over]) - knee) / room))
    levelled: Audio = scaled
    return levelled


def render(recipe: PieceRecipe, *, rate: int) -> Audio:
    """The finished piece, (channels, samples) float32, within ±PEAK, one channel unless ``recipe.stereo``."""
    score = compose(recipe)
    parts = render_parts(recipe, score, rate)
    channels = 2 if recipe.stereo else 1
    rows = []
    for channel in range(channels):
        side = (-1.0, 1.0)[channel]
        gains = {part: 1 + side * PANS[part] if recipe.stereo else 1.0 for part in parts}
        rows.append(_in_room(recipe, sum(np.float32(gains[p]) * s for p, s in parts.items()), rate, channel))
    sound = np.stack(rows) * _dynamics(recipe, len(rows[0]))
    if recipe.colour == "lo-fi":
        noise = _crackle(sound.shape[1], rate, np.random.default_rng([recipe.seed, 3]))
        sound = sound + np.float32(_rms(sound)) * noise
    return level(np.ascontiguousarray(sound, dtype=np.float32))
