"""The same music under two ids, though cut, louder, transposed or played faster: found from signal vectors.

The vectors of ``timbre``, ``harmony`` and ``rhythm`` are laid out so that such a change *moves* them: a transposition
moves the average spectrum along log frequency and turns the chroma, a change of speed moves the tempogram along log
tempo. Two tracks are copies where all three coincide once moved. The limits are calibrated for precision on music
(``docs/decisions/copies.md``). Single sounds are left out: two notes of one instrument are alike once pitch may move.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from antiphon.library.leakage.same_audio.neighbours import BLOCK, Float32, Pairs, nearest, rms

MAX_SEMITONES, MAX_TEMPO = 4.0, 0.28
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
class Match:
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


def _match(profiles: _Profiles, pairs: Pairs) -> Match:
    """Move the first of each pair over the second. The spectrum decides how far, the chroma must agree."""
    first, second = pairs[:, 0], pairs[:, 1]
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
    return Match(pairs, semitones, octaves, spectrum, np.stack(turned).min(axis=0), tempo)


def _is_copy(match: Match) -> NDArray[np.bool_]:
    """Within the limits, which are wider where the best place of a thousand is the unmoved one."""
    unmoved = (np.abs(match.semitones) < 0.1) & (np.abs(match.octaves) < 0.01)
    distances = np.stack([match.spectrum, match.chroma, match.tempo])
    limits = np.array([[SPECTRUM_LIMIT], [CHROMA_LIMIT], [TEMPO_LIMIT]]) * np.where(unmoved, UNMOVED, 1)
    shares = distances / limits
    return np.asarray((shares <= 1).all(axis=0) & ((shares**2).sum(axis=0) <= SCORE_LIMIT))


def _rich(profiles: _Profiles) -> Pairs:
    """Rows in which enough happens for a moved copy to be told from a relative."""
    enough = (
        (profiles.tempo[:, 1::2].mean(axis=(1, 2)) >= RICH_TEMPO)
        & (profiles.chroma[:, 1::2].mean(axis=(1, 2)) >= RICH_CHROMA)
        & (profiles.spectrum[:, 1].mean(axis=1) >= RICH_SPECTRUM)
    )
    return np.flatnonzero(enough)


def _profiles(frames: Mapping[str, Float32]) -> _Profiles:
    """Cut the parts that move out of (n, dims, statistics) arrays."""

    def part(name: str, block: slice) -> Float32:
        return np.ascontiguousarray(frames[name][:, block, :2].transpose(0, 2, 1), dtype=np.float32)

    chroma = np.concatenate([part("harmony", CHROMA), part("harmony", BASS)], axis=1)
    tempo = np.concatenate([part("rhythm", FOURIER), part("rhythm", LAG)], axis=1)
    return _Profiles(part("timbre", BANDS), chroma, tempo)


def find_moved(frames: Mapping[str, Float32]) -> Match:
    """The same music, cut, louder, transposed or faster: pairs that coincide once one is moved.

    Parameters
    ----------
    frames : ``timbre``, ``harmony`` and ``rhythm``, each (n, dims, 3) in the same order of tracks.
    """
    profiles = _profiles(frames)
    rich = _rich(profiles)
    found = [np.empty((0, 2), np.int64)]
    if len(rich) > 1:
        still = _spectrum(profiles.spectrum[rich], 0)
        for semitones in np.arange(-MAX_SEMITONES, MAX_SEMITONES + 1):
            moved = _spectrum(profiles.spectrum[rich], semitones * BANDS_PER_OCTAVE / 12)
            found.append(rich[nearest(moved, still, SPECTRUM_LIMIT * 1.5)[0]])
    pairs = np.unique(np.sort(np.concatenate(found), axis=1), axis=0)
    matches = [_match(profiles, pairs[start : start + 4 * BLOCK]) for start in range(0, len(pairs), 4 * BLOCK)]
    kept = [_chosen(match, _is_copy(match)) for match in matches] or [_match(profiles, pairs)]
    return Match(*(np.concatenate([getattr(match, field.name) for match in kept]) for field in fields(Match)))


def _chosen(match: Match, wanted: NDArray[np.bool_]) -> Match:
    return Match(*(getattr(match, field.name)[wanted] for field in fields(Match)))


def describe(match: Match, at: int) -> tuple[str, str]:
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
