"""The demo's sound: right pitch, no clipping, and the audible attributes measurably there."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from antiphon.demo.sound.drums import GROOVES, drum
from antiphon.demo.sound.encode import FORMATS, write_audio
from antiphon.demo.sound.instruments import PATCHES
from antiphon.demo.sound.mix import PEAK, render
from antiphon.demo.sound.synth import damped_partials, render_note
from tests.helpers.libraries.made_recipe import PLAIN

RATE = 22_050
SOLO = replace(PLAIN, backing="", texture="solo", bass=False, groove="", space="dry")


def note_of(name: str, pitch: float = 69, seconds: float = 0.8, velocity: float = 0.8) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    return render_note(PATCHES[name], pitch=pitch, seconds=seconds, velocity=velocity, rate=RATE, rng=rng)


def centroid(sound: NDArray[np.float32]) -> float:
    power = np.abs(np.fft.rfft(sound.reshape(-1))) ** 2
    return float(np.sum(power * np.fft.rfftfreq(sound.size, 1 / RATE)) / power.sum())


def chroma(sound: NDArray[np.float32], tonic: int) -> NDArray[np.float64]:
    """Energy between 100 and 1,000 Hz by semitone over the tonic."""
    power = np.abs(np.fft.rfft(sound.reshape(-1))) ** 2
    hz = np.fft.rfftfreq(sound.size, 1 / RATE)
    kept = (hz > 100) & (hz < 1000)
    pitch = np.round(69 + 12 * np.log2(hz[kept] / 440)).astype(int)
    return np.bincount((pitch - tonic) % 12, weights=power[kept], minlength=12) / power[kept].sum()


def decoded(path: Path) -> tuple[NDArray[np.float64], int]:
    """An independent reading: PyAV's resampler to packed float, no downmix."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        resampler = av.AudioResampler(format="fltp")
        frames = [out.to_ndarray() for frame in container.decode(stream) for out in resampler.resample(frame)]
        return np.concatenate(frames, axis=1).astype(np.float64), int(stream.rate)


def test_a_damped_sum_equals_the_sum_written_out() -> None:
    rng = np.random.default_rng(1)
    z = np.exp(-rng.uniform(0, 2e-3, 7) + 2j * np.pi * rng.uniform(0.001, 0.4, 7))
    amplitude = rng.standard_normal(7) + 1j * rng.standard_normal(7)
    fast = damped_partials(z, amplitude, 1000)
    slow = [sum((amplitude[p] * z[p] ** n).real for p in range(7)) for n in range(1000)]
    np.testing.assert_allclose(fast, slow, atol=2e-4)


@pytest.mark.parametrize("name", sorted(PATCHES))
def test_every_instrument_sounds_finite_and_at_its_pitch(name: str) -> None:
    sound = note_of(name, pitch=PATCHES[name].centre)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()
    assert abs(sound[-1]) < 0.01
    power = np.abs(np.fft.rfft(sound * np.hanning(len(sound)))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / RATE)
    fundamental = 440 * 2 ** ((PATCHES[name].centre - 69) / 12)
    near = np.abs(hz / fundamental - 1) < 0.03
    between = (hz > fundamental * 1.2) & (hz < fundamental * 1.45)
    assert power[near].max() > 10 * power[between].mean()


def test_louder_piano_notes_are_brighter() -> None:
    assert centroid(note_of("piano", velocity=1.0)) > 1.1 * centroid(note_of("piano", velocity=0.3))


def test_struck_sounds_die_away_and_sustained_ones_stay() -> None:
    def lasting(name: str) -> float:
        sound = note_of(name, pitch=64, seconds=2.0)
        early, late = (np.sqrt(np.mean(sound[int(a * RATE) : int((a + 0.2) * RATE)] ** 2)) for a in (0.3, 1.7))
        return float(late / early)

    for name, patch in PATCHES.items():
        if patch.tremolo[0] == 0:
            assert lasting(name) > 0.6 if patch.sustained else lasting(name) < 0.75, name


def test_a_clarinet_lacks_the_second_partial_that_a_flute_has() -> None:
    def second(name: str) -> float:
        power = np.abs(np.fft.rfft(note_of(name, pitch=69))) ** 2
        hz = np.fft.rfftfreq(len(note_of(name, pitch=69)), 1 / RATE)
        peaks = [power[np.abs(hz - f) < 25].max() for f in (440.0, 880.0)]
        return float(peaks[1] / peaks[0])

    assert second("clarinet") < 0.2 * second("flute")


def test_every_drum_of_every_groove_has_a_sound() -> None:
    for name in {name for groove in GROOVES.values() for name in groove}:
        sound = drum(name, RATE, 0)
        assert np.isfinite(sound).all()
        assert 0.05 < np.abs(sound).max() < 2.5


def test_minor_pieces_have_a_minor_third_and_major_pieces_a_major_one() -> None:
    for seed in range(4):
        base = replace(SOLO, backing="organ", texture="chords", seed=seed)
        minor, major = (chroma(render(replace(base, mode=mode), rate=RATE), 9) for mode in ("minor", "major"))
        assert minor[3] > 2 * minor[4]
        assert major[4] > 2 * major[3]


def test_colours_change_the_spectrum_as_their_names_say() -> None:
    warm, plain, bright = (centroid(render(replace(SOLO, colour=c), rate=RATE)) for c in ("warm", "plain", "bright"))
    assert warm < plain < bright


def test_a_hall_rings_on_where_a_dry_room_is_silent() -> None:
    def gaps(space: str) -> float:
        recipe = replace(SOLO, space=space, lead="marimba", density="sparse")
        frames = render(recipe, rate=RATE)[0, : 120 * 1102].reshape(-1, 1102)
        level = np.sqrt(np.mean(frames**2, axis=1))
        return float(np.percentile(level, 10) / level.max())

    assert gaps("hall") > 5 * gaps("dry")


def test_dynamics_move_the_loudness() -> None:
    def end_against_start(dynamics: str) -> float:
        sound = render(replace(SOLO, dynamics=dynamics), rate=RATE)[0, : 7 * RATE]
        return float(np.mean(sound[-2 * RATE :] ** 2) / np.mean(sound[: 2 * RATE] ** 2))

    assert end_against_start("swelling") > 4 * end_against_start("steady") > 16 * end_against_start("fading")


def test_drums_give_regular_onsets_at_the_tempo() -> None:
    recipe = replace(SOLO, texture="band", bass=True, backing="piano", groove="four on the floor", bpm=120.0)
    sound = render(recipe, rate=RATE)[0]
    energy = np.diff(np.sqrt(np.mean(sound[: len(sound) // 220 * 220].reshape(-1, 220) ** 2, axis=1)))
    rise = np.maximum(energy, 0) - np.maximum(energy, 0).mean()
    lags = np.correlate(rise, rise, mode="full")[len(rise) - 1 :]
    beat = round(0.5 * RATE / 220)
    half_off = round(0.36 * RATE / 220)
    assert lags[beat - 2 : beat + 3].max() > 2 * lags[half_off - 2 : half_off + 3].max()


def test_loudness_is_even_and_nothing_clips() -> None:
    for lead in ("glockenspiel", "distorted guitar", "synth pad", "marimba", "trumpet"):
        sound = render(replace(SOLO, lead=lead, centre=PATCHES[lead].centre), rate=RATE)
        assert np.abs(sound).max() <= PEAK
        assert 0.06 < np.sqrt(np.mean(sound**2)) <= 0.101


def test_rendering_is_deterministic_and_stereo_has_two_different_channels() -> None:
    recipe = replace(SOLO, stereo=True, space="hall")
    first, second = render(recipe, rate=24_000), render(recipe, rate=24_000)
    np.testing.assert_array_equal(first, second)
    assert first.shape[0] == 2
    assert not np.array_equal(first[0], first[1])


@pytest.mark.parametrize("ending", sorted(FORMATS))
@pytest.mark.parametrize("channels", [1, 2])
def test_every_format_is_written_and_read_back(ending: str, channels: int, tmp_path: Path) -> None:
    rate = FORMATS[ending][3]
    tone = 0.4 * np.sin(2 * np.pi * 440 * np.arange(2 * rate) / rate).astype(np.float32)
    sound = np.stack([tone, -0.5 * tone][:channels])
    write_audio(tmp_path / f"a.{ending}", sound)
    read, read_rate = decoded(tmp_path / f"a.{ending}")
    assert read.shape[0] == channels
    assert abs(read.shape[1] / read_rate - 2.0) < 0.12
    middle = read[0, read_rate // 2 : 3 * read_rate // 2]
    peak = np.argmax(np.abs(np.fft.rfft(middle))) * read_rate / len(middle)
    assert abs(peak - 440) < 2
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.4 / np.sqrt(2), rel=0.05)
