"""The same music under two ids, though cut, louder, transposed or played faster: found from signal vectors.

The vectors of ``timbre``, ``harmony`` and ``rhythm`` are laid out so that such a change *moves* them: a transposition
moves the average spectrum along log frequency and turns the chroma, a change of speed moves the tempogram along log
tempo. Two tracks are copies where all three coincide once moved. The limits are calibrated for precision on music
(``docs/decisions/copies.md``). Single sounds are left out: two notes of one instrument are alike once pitch may move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.same_audio.neighbours import BLOCK, Float32, Pairs, Step, nearest, rms

MAX_SEMITONES, MAX_TEMPO = 4.0, 0.28
MOVES = 2 * int(MAX_SEMITONES) + 1
TREES = 6
"""Of each of the nine forests: a copy that is moved by less than a step is near in two of them."""
ROWS_AT_ONCE = 1 << 13
BANDS_PER_OCTAVE, TEMPI_PER_OCTAVE = 5, 9
BANDS, CHROMA, BASS = slice(0, 36), slice(0, 12), slice(12, 24)
FOURIER, LAG = slice(0, 37), slice(37, 74)
"""Where the moved parts lie in a frame of ``timbre``, ``harmony`` and ``rhythm``."""

SPECTRUM_LIMIT, CHROMA_LIMIT, TEMPO_LIMIT = 0.12, 0.08, 0.04
SCORE_LIMIT, UNMOVED = 1.0, 1.25
"""Most that the sum of squares of the three distances may be, each as a share of its limit, and how much wider the
limits are for a pair that fits best unmoved."""
RICH_TEMPO, RICH_CHROMA, RICH_SPECTRUM = 0.01, 0.015, 0.15
"""Least mean robust sigma of a recording in which something happens; single sounds are below."""


@dataclass(frozen=True)
class _Profiles:
    """Mean and robust sigma of what can be moved. spectrum (n, 2, 36), chroma (n, 4, 12), tempo (n, 4, 37)."""

    spectrum: Float32
    chroma: Float32
    tempo: Float32


def _moved(profile: Float32, steps: float, margin: int) -> Float32:
    """The last axis moved up by ``steps``, without ``margin`` values at both ends.

    Between values by cubic convolution (Keys 1981, a = −1/2); values beyond the ends are those at the ends.
    """
    size = profile.shape[-1]
    place = np.arange(margin, size - margin) - steps
    below = np.floor(place).astype(np.intp)
    x = place - below
    weights = (
        x * (-0.5 + x * (1 - 0.5 * x)),
        1 + x * x * (1.5 * x - 2.5),
        x * (0.5 + x * (2 - 1.5 * x)),
        x * x * (0.5 * x - 0.5),
    )
    parts = (
        profile[..., np.clip(below + offset, 0, size - 1)] * weight.astype(np.float32)
        for offset, weight in zip((-1, 0, 1, 2), weights, strict=True)
    )
    return np.asarray(sum(parts), dtype=np.float32)


def _spectrum(profile: Float32, steps: float) -> Float32:
    """(n, 2, 36) → (n, 64): the mean's shape and the sigma, moved; a change of gain takes nothing from the shape."""
    moved = _moved(profile, steps, 2)
    shape = moved[:, 0] - moved[:, 0].mean(axis=1, keepdims=True)
    return np.concatenate([shape, moved[:, 1]], axis=1)


@dataclass(frozen=True)
class Coincidence:
    """How well pairs coincide once one is moved: (m,) arrays.

    Parameters
    ----------
    pairs : (m, 2) rows.
    semitones, octaves : how much higher and how much faster the second is than the first.
    spectrum, chroma, tempo : root-mean-square distances after moving.
    """

    pairs: Pairs
    semitones: Float32
    octaves: Float32
    spectrum: Float32
    chroma: Float32
    tempo: Float32


def _best(grid: NDArray[np.float64], distances: list[Float32]) -> tuple[Float32, Float32]:
    table = np.stack(distances)
    at = table.argmin(axis=0)
    return grid[at].astype(np.float32), table[at, np.arange(table.shape[1])]


def _match(profiles: _Profiles, pairs: Pairs) -> Coincidence:
    """Move the first of each pair over the second. The spectrum decides how far, the chroma must agree."""
    involved, at = np.unique(pairs, return_inverse=True)
    first, second = at.reshape(-1, 2).T
    profiles = _Profiles(*(getattr(profiles, field.name)[involved].astype(np.float32) for field in fields(_Profiles)))
    grid = np.arange(-MAX_SEMITONES, MAX_SEMITONES + 0.01, 0.25)
    still = _spectrum(profiles.spectrum[second], 0)
    moved = [_spectrum(profiles.spectrum[first], g * BANDS_PER_OCTAVE / 12) for g in grid]
    semitones, spectrum = _best(grid, [rms(m - still) for m in moved])
    turned = []
    for extra in (-1, 0, 1):
        index = (np.arange(12) - (np.round(semitones).astype(np.intp) + extra)[:, None]) % 12
        chroma = np.take_along_axis(profiles.chroma[first], index[:, None, :], axis=2)
        turned.append(rms(chroma - profiles.chroma[second]))
    grid = np.arange(-MAX_TEMPO, MAX_TEMPO + 0.001, 0.02)
    steady = _moved(profiles.tempo[second], 0, 3)
    faster = [_moved(profiles.tempo[first], g * TEMPI_PER_OCTAVE, 3) for g in grid]
    octaves, tempo = _best(grid, [rms(f - steady) for f in faster])
    return Coincidence(pairs, semitones, octaves, spectrum, np.stack(turned).min(axis=0), tempo)


def _is_copy(match: Coincidence) -> NDArray[np.bool_]:
    """Within the limits, which are wider where the best place of a thousand is the unmoved one."""
    unmoved = (np.abs(match.semitones) < 0.1) & (np.abs(match.octaves) < 0.01)
    distances = np.stack([match.spectrum, match.chroma, match.tempo])
    limits = np.array([[SPECTRUM_LIMIT], [CHROMA_LIMIT], [TEMPO_LIMIT]]) * np.where(unmoved, UNMOVED, 1)
    shares = distances / limits
    return np.asarray((shares <= 1).all(axis=0) & ((shares**2).sum(axis=0) <= SCORE_LIMIT))


def _rich(profiles: _Profiles) -> Pairs:
    """Rows in which enough happens for a moved copy to be told from a relative."""
    rich = []
    for start in range(0, len(profiles.spectrum), ROWS_AT_ONCE):
        spectrum, chroma, tempo = (
            getattr(profiles, name)[start : start + ROWS_AT_ONCE].astype(np.float32)
            for name in ("spectrum", "chroma", "tempo")
        )
        enough = (
            (tempo[:, 1::2].mean(axis=(1, 2)) >= RICH_TEMPO)
            & (chroma[:, 1::2].mean(axis=(1, 2)) >= RICH_CHROMA)
            & (spectrum[:, 1].mean(axis=1) >= RICH_SPECTRUM)
        )
        rich.append(start + np.flatnonzero(enough))
    return np.concatenate([np.empty(0, np.int64), *rich])


def _profiles(frames: Mapping[str, Any]) -> _Profiles:
    """Cut the parts that move out of (n, dims, 3) or (n, dims · 3) numbers, block by block."""

    def part(name: str, *blocks: slice) -> Float32:
        numbers = frames[name]
        size = sum(block.stop - block.start for block in blocks)
        wide = len(blocks) == 1
        out = np.empty(
            (len(numbers), 2 if wide else 4, size if wide else size // 2), np.float16 if half else np.float32
        )
        for start in range(0, len(numbers), ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            cut = np.asarray(numbers[rows], np.float32)
            cut = cut.reshape(len(cut), -1, 3)
            pieces = [cut[:, block, :2].transpose(0, 2, 1) for block in blocks]
            out[rows] = np.concatenate(pieces, axis=1)
        return out

    half = all(numbers.dtype == np.float16 for numbers in frames.values())  # as they are stored: nothing is lost
    return _Profiles(part("timbre", BANDS), part("harmony", CHROMA, BASS), part("rhythm", FOURIER, LAG))


def find_moved(frames: Mapping[str, Any], *, step: Step | None = None) -> Coincidence:
    """The same music, cut, louder, transposed or faster: pairs that coincide once one is moved.

    Parameters
    ----------
    frames : ``timbre``, ``harmony`` and ``rhythm``, each (n, dims, 3) or (n, dims · 3) in the same order of tracks;
        anything that gives rows by slice.
    step : called after each tree of a large library's forests.
    """
    profiles = _profiles(frames)
    n = len(profiles.spectrum)
    rich = _rich(profiles)
    found = np.empty(0, np.int64)
    if len(rich) > 1:
        spectrum = profiles.spectrum[rich].astype(np.float32)
        still = _spectrum(spectrum, 0)
        for semitones in range(-int(MAX_SEMITONES), int(MAX_SEMITONES) + 1):
            moved = _spectrum(spectrum, semitones * BANDS_PER_OCTAVE / 12)
            pairs, _ = nearest(moved, still, SPECTRUM_LIMIT * 1.5, trees=TREES, step=step)
            ordered = np.sort(rich[pairs], axis=1)
            found = np.unique(np.concatenate([found, ordered[:, 0] * n + ordered[:, 1]]))
    pairs = np.stack(np.divmod(found, max(1, n)), axis=1)
    matches = [_match(profiles, pairs[start : start + 4 * BLOCK]) for start in range(0, len(pairs), 4 * BLOCK)]
    kept = [_chosen(match, _is_copy(match)) for match in matches] or [_match(profiles, pairs)]
    return Coincidence(
        *(np.concatenate([getattr(match, field.name) for match in kept]) for field in fields(Coincidence))
    )


def _chosen(match: Coincidence, wanted: NDArray[np.bool_]) -> Coincidence:
    return Coincidence(*(getattr(match, field.name)[wanted] for field in fields(Coincidence)))


def describe(match: Coincidence, at: int) -> tuple[str, str]:
    """Reason and evidence of the pair at position ``at``."""
    semitones, ratio = float(match.semitones[at]), 2 ** float(match.octaves[at])
    changes = []
    if abs(semitones) >= 0.4:
        changes.append(f"about {semitones:+.1f} semitones")
    if abs(ratio - 1) >= 0.02:
        changes.append(f"speed × {ratio:.2f}")
    reason = "same audio, pitch or tempo changed" if changes else "same audio"
    distances = f"{match.spectrum[at]:.3f}, {match.chroma[at]:.3f}, {match.tempo[at]:.3f}"
    limits = f"limits {SPECTRUM_LIMIT}, {CHROMA_LIMIT}, {TEMPO_LIMIT}"
    return reason, f"{', '.join([*changes, ''])}distance in timbre, harmony, rhythm {distances} ({limits})"
